"""What the real programs would know of each other: a cluster, its tokens, its nodes."""

from __future__ import annotations

import secrets
import threading
from collections import defaultdict
from dataclasses import dataclass, field

from clusters.kube.api import Kube
from clusters.kube.transport import Login, Refused
from config.core.secrets import Secret
from tests.kube.cluster import StandIn, kubeconfig
from tests.kube.kubeadm_standins import kubeadm, others
from tests.kube.kubeadm_standins.calls import Answer, Call, said


@dataclass
class Member:
    """A node of the cluster."""

    host: str
    role: str


@dataclass
class Control:
    """Answers the stand-ins' calls. `instead`: what to answer to calls that begin so, on that host
    (or, without one, on all) instead."""

    api: StandIn
    calls: list[Call] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)  # calls that nothing is known of
    instead: dict[tuple[str, str], str] = field(default_factory=dict)
    members: dict[str, Member] = field(default_factory=dict)  # by the node's name
    tokens: dict[str, str] = field(default_factory=dict)  # id -> secret, of those that are valid
    certificate_key: str = ""  # of the certificates that are uploaded
    ca_hash: str = ""
    settings: dict[str, str] = field(default_factory=dict)
    has_network: bool = False
    down: set[str] = field(default_factory=set)  # nodes that don't become ready
    images: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    handed_out: list[str] = field(default_factory=list)  # every secret that was given to a host
    services: defaultdict[str, dict[str, str]] = field(default_factory=lambda: defaultdict(dict))
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __call__(self, call: Call) -> str:
        with self._lock:
            self.calls.append(call)
            for (host, beginning), script in self.instead.items():
                if host in ("", call.host) and call.line.startswith(beginning):
                    return script
            answers: dict[str, Answer] = {
                "kubeadm": lambda call: kubeadm.answer(self, call),
                **others.answers(self),
            }
            answer = answers[call.program](call)
            if not answer:
                self.broken.append(call.line)
                return said(f"the stand-in does not know: {call.line}", 98)
            return answer

    def lines(self, program: str, host: str = "") -> list[str]:
        """How that program was called (on that host), in order."""
        return [c.line for c in self.calls if c.program == program and host in ("", c.host)]

    def join(self, name: str, host: str, role: str) -> None:
        self.members[name] = Member(host, role)
        node = {"apiVersion": "v1", "kind": "Node", "metadata": {"name": name}}
        with Kube(self.api.login) as kube:
            resource = kube.resource("v1", "Node")
            assert resource is not None
            kube.apply(resource, node)

    def leave(self, host: str) -> None:
        for name in [name for name, member in self.members.items() if member.host == host]:
            del self.members[name]
            with Kube(self.api.login) as kube:
                resource = kube.resource("v1", "Node")
                assert resource is not None
                try:
                    kube.delete(resource, "", name)
                except Refused as error:
                    if error.status != 404:
                        raise
        if not self.members:
            self.tokens, self.certificate_key, self.ca_hash = {}, "", ""
            self.has_network = False

    def status_of(self, name: str) -> str:
        """Of the condition Ready."""
        return "True" if self.has_network and name not in self.down else "False"

    def admin(self) -> str:
        """An administrator's kubeconfig; a certificate of its own each time."""
        pair = self.api.authority.client("kubernetes-admin")
        login = Login(
            self.api.server,
            ca_cert=self.api.authority.pem,
            client_cert=pair.certificate,
            client_key=Secret(pair.key),
        )
        text = kubeconfig(login)
        self.handed_out.append(pair.key)
        return text

    def new_token(self) -> str:
        name, secret = secrets.token_hex(3), secrets.token_hex(8)
        self.tokens[name] = secret
        self.handed_out.append(f"{name}.{secret}")
        return f"{name}.{secret}"

    def expire(self) -> None:
        """Two hours go by."""
        self.tokens, self.certificate_key = {}, ""
