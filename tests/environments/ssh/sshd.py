"""A real OpenSSH server as an ordinary process on 127.0.0.1: one host, without a container."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from config.core.secrets import Secret
from environments.ssh.connection import Login

SSHD = shutil.which("sshd", path="/usr/sbin:/usr/local/sbin:/usr/bin")
KEY_TYPES = ("ed25519", "ecdsa", "rsa")


class LocalSSHD:
    """Serves between `with` and its end, for the user who runs the tests.

    Each of `addresses`, of this machine's loopback, is one more "host". `host_keys`: types, of
    which the server makes and offers one key each. `options`: of sshd_config(5), instead of ours.
    """

    def __init__(
        self,
        *,
        host_keys: tuple[str, ...] = ("ed25519",),
        addresses: tuple[str, ...] = ("127.0.0.1", "::1"),
        options: Mapping[str, str] | None = None,
    ) -> None:
        self.user = pwd.getpwuid(os.getuid()).pw_name
        self._addresses = addresses
        self._options = dict(options or {})
        self._host_key_types = host_keys
        self._server: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        if SSHD is None:
            raise RuntimeError("sshd is not installed")
        self._folder = tempfile.TemporaryDirectory(prefix="sshd-")
        self.folder = Path(self._folder.name)
        self.client_key = self.make_key("client")
        (self.folder / "authorized_keys").write_text(self.public_key("client"))
        for kind in self._host_key_types:
            self.make_key(f"host_{kind}", kind)
        self.port = _free_port()
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()
        self._folder.cleanup()

    def start(self) -> None:
        """Starts listening; with the same keys on the same port when it was stopped before."""
        Path("/run/sshd").mkdir(exist_ok=True)  # sshd insists on its privilege separation directory
        config = self.folder / "sshd_config"
        config.write_text(self._config())
        self._server = subprocess.Popen(
            [str(SSHD), "-D", "-e", "-f", str(config)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=(self.folder / "log").open("ab"),
        )
        deadline = time.monotonic() + 10
        while not self._answers():
            if self._server.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError((self.folder / "log").read_text())
            time.sleep(0.01)

    def stop(self) -> None:
        """Stops listening; connections that are open stay open."""
        if self._server is not None:
            self._server.terminate()
            self._server.wait(10)
            self._server = None

    def sessions(self) -> list[int]:
        """The processes that serve a connection each, by their ids."""
        assert self._server is not None
        children = Path(f"/proc/{self._server.pid}/task/{self._server.pid}/children")
        return [int(pid) for pid in children.read_text().split()]

    def login(
        self, *, host: str = "127.0.0.1", key_type: str | None = None, via: Login | None = None
    ) -> Login:
        """A login that works, the server's key of `key_type` (the first, by default) pinned."""
        return Login(
            host=host,
            port=self.port,
            user=self.user,
            host_key=self.public_key(f"host_{key_type or self._host_key_types[0]}"),
            private_key=self.client_key,
            via=via,
        )

    def make_key(
        self,
        name: str,
        kind: str = "ed25519",
        *,
        passphrase: str = "",
        format: str = "",
        bits: int = 0,
    ) -> Secret:
        """A new key pair, in the folder as `name`; the private key's text. `format`: of
        `ssh-keygen -m`, "PEM" or "PKCS8", instead of OpenSSH's own."""
        path = self.folder / name
        for old in (path, path.with_suffix(".pub")):
            old.unlink(missing_ok=True)
        arguments = ["-q", "-t", kind, "-N", passphrase, "-C", name, "-f", str(path)]
        bits = bits or {"rsa": 3072}.get(kind, 0)
        arguments += ["-b", str(bits)] if bits else []
        arguments += ["-m", format] if format else []
        subprocess.run(["ssh-keygen", *arguments], check=True)
        return Secret(path.read_text())

    def authorize(self, name: str) -> None:
        """Lets the key pair `name` in as well."""
        with (self.folder / "authorized_keys").open("a") as file:
            file.write(self.public_key(name))

    def public_key(self, name: str) -> str:
        return (self.folder / name).with_suffix(".pub").read_text()

    def _config(self) -> str:
        host_keys = [f"HostKey {self.folder}/host_{kind}" for kind in self._host_key_types]
        options = {
            "AuthorizedKeysFile": f"{self.folder}/authorized_keys",
            "PidFile": "none",
            "StrictModes": "no",
            "UsePAM": "no",
            "PermitRootLogin": "yes",
            "PasswordAuthentication": "no",
            "KbdInteractiveAuthentication": "no",
            "MaxStartups": "200:30:400",
            "MaxSessions": "100",
            "PrintMotd": "no",
            # Away from the user's start-up files, which every command would pay for.
            "SetEnv": f"HOME={self.folder}",
            **self._options,
        }
        addresses = [f"ListenAddress {address}" for address in self._addresses]
        lines = [f"{name} {value}" for name, value in options.items()]
        return "\n".join([f"Port {self.port}", *addresses, *host_keys, *lines, ""])

    def _answers(self) -> bool:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
            return True
        return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
