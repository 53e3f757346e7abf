"""The cluster that tests talk to: the stand-in, or a real one, behind one interface."""

from __future__ import annotations

import base64
import secrets
from abc import ABC, abstractmethod
from collections.abc import Iterable

import yaml

from clusters.kube.api import Kube
from clusters.kube.transport import Login, Refused
from config.core.secrets import Secret
from tests.kube.access import Rule
from tests.kube.certificates import Authority, Pair
from tests.kube.failures import Fail
from tests.kube.serving import Served
from tests.kube.standin import StandInApi


class Cluster(ABC):
    """`login` may do everything."""

    is_real: bool
    has_controllers: bool  # of its own
    login: Login
    kubeconfig: str

    def __init__(self) -> None:
        self._namespaces: list[str] = []

    def namespace(self, name: str = "shop") -> str:
        """The name of a new namespace, which begins with `name`; deleted with the fixture."""
        full = f"{name}-{secrets.token_hex(3)}"
        with Kube(self.login) as kube:
            namespaces = kube.resource("v1", "Namespace")
            assert namespaces is not None
            meta = {"name": full}
            kube.apply(namespaces, {"apiVersion": "v1", "kind": "Namespace", "metadata": meta})
        self._namespaces.append(full)
        return full

    def clean(self) -> None:
        """Deletes the namespaces that were asked for."""
        if not self._namespaces:
            return
        with Kube(self.login) as kube:
            namespaces = kube.resource("v1", "Namespace")
            assert namespaces is not None
            for name in self._namespaces:
                try:
                    kube.delete(namespaces, "", name)
                except Refused as error:
                    if error.status != 409:  # it is being deleted already
                        raise

    @abstractmethod
    def as_user(self, rules: Iterable[Rule]) -> Login:
        """A login of a new user who may do this and nothing else."""

    @abstractmethod
    def fail(self, how: Fail | None) -> None:
        """From now on asks `how` what to do instead of answering; skips the test on a real one."""

    @abstractmethod
    def set_log(
        self, namespace: str, pod: str, container: str, text: str, *, previous: bool = False
    ) -> None:
        """What a container wrote; skips the test on a real one."""


class StandIn(Cluster):
    """The API in memory. `api`: its inside."""

    is_real = False
    has_controllers = False

    def __init__(self, authority: Authority, server: Pair) -> None:
        super().__init__()
        self.authority = authority
        self.api = StandInApi()
        self._served = Served(self.api, authority, server)

    def __enter__(self) -> StandIn:
        self._served.__enter__()
        self.login = self.as_anyone("admin")
        self.kubeconfig = kubeconfig(self.login)
        return self

    def __exit__(self, *_: object) -> None:
        self._served.__exit__()

    @property
    def asked(self) -> list[tuple[str, str]]:
        """The requests up to now, as (method, path); paths as they were sent, without queries."""
        return self.api.asked

    def as_anyone(self, name: str, rules: Iterable[Rule] | None = None) -> Login:
        token = Secret(self.api.access.add(name, rules))
        return Login(self.server, ca_cert=self.authority.pem, token=token)

    def as_user(self, rules: Iterable[Rule]) -> Login:
        return self.as_anyone(f"limited-{secrets.token_hex(3)}", rules)

    @property
    def server(self) -> str:
        return f"https://127.0.0.1:{self._served.port}"

    def fail(self, how: Fail | None) -> None:
        self.api.fail = how

    def set_log(
        self, namespace: str, pod: str, container: str, text: str, *, previous: bool = False
    ) -> None:
        self.api.logs[namespace, pod, container, previous] = text


def kubeconfig(login: Login) -> str:
    """A kubeconfig with this login, all inside."""
    authority = base64.b64encode(login.ca_cert.encode()).decode()
    user = {"token": login.token.reveal()} if login.token else {}
    if login.client_cert:
        key = base64.b64encode(login.client_key.reveal().encode()).decode()
        certificate = base64.b64encode(login.client_cert.encode()).decode()
        user |= {"client-certificate-data": certificate, "client-key-data": key}
    content = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [
            {
                "name": "test",
                "cluster": {"server": login.server, "certificate-authority-data": authority},
            }
        ],
        "users": [{"name": "test", "user": user}],
        "contexts": [{"name": "test", "context": {"cluster": "test", "user": "test"}}],
        "current-context": "test",
    }
    return str(yaml.safe_dump(content))
