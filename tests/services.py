"""PostgreSQL and Redis of a test run's own: `python -m tests.services run -- pytest …`.

Fresh, on loopback ports of their own, in a temporary directory; ended by process id, and with
their parent even when that is killed. What the machine itself runs is never used. Standard
library only.
"""

import argparse
import ctypes
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

START_SECONDS = 30
ATTEMPTS = 3  # another program may take the free port first
PR_SET_PDEATHSIG = 1
UNPRIVILEGED = ("postgres", "nobody")  # PostgreSQL refuses to run as root
POSTGRES_SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "300",
    "log_min_messages": "fatal",
}


class ServiceError(Exception):
    """A server is not installed or did not start; the message says which and how."""


class Server(ABC):
    """One server process: `start`, `stop` (keeps the data), `kill`; `url` is how to reach it."""

    name = ""
    stop_signal = signal.SIGTERM

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = 0
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start on a free port, the first time, or on the same one again; wait until it answers."""
        for _ in range(ATTEMPTS):
            port = self.port or free_port()
            log = self.folder / f"{self.name}.log"
            with log.open("ab") as output:
                self.process = subprocess.Popen(
                    self.command(port),
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=output,
                    start_new_session=True,  # Ctrl-C is for the tests; they end the servers
                    preexec_fn=_die_with_parent(self.stop_signal),
                    **self.identity(),
                )
            if self._comes_up(port):
                self.port = port
                return
            self.kill()
        raise ServiceError(f"{self.name} did not start:\n{log.read_text(errors='replace')[-2000:]}")

    def stop(self) -> None:
        """End it in order, then by force."""
        if self.process is None:
            return
        self.process.send_signal(self.stop_signal)
        try:
            self.process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> None:
        """End it at once, as a crash would."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def _comes_up(self, port: int) -> bool:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if self.process is None or self.process.poll() is not None:
                return False
            if self.answers(port):
                return True
            time.sleep(0.05)
        return False

    @property
    @abstractmethod
    def url(self) -> str:
        """What clients connect to."""

    @abstractmethod
    def command(self, port: int) -> list[str]:
        """How it is started."""

    @abstractmethod
    def answers(self, port: int) -> bool:
        """Is it ready for clients?"""

    def identity(self) -> dict[str, Any]:
        return {}


class PostgreSQL(Server):
    """A new cluster with one database; nothing is synced to disk."""

    name = "postgresql"
    stop_signal = signal.SIGINT  # "fast": SIGTERM would wait for every client to leave

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.password = secrets.token_hex(16)
        self.data = folder / "postgresql"

    @property
    def url(self) -> str:
        return f"postgres://slipway:{self.password}@127.0.0.1:{self.port}/slipway"

    def start(self) -> None:
        if not self.data.exists():
            self._init()
            super().start()
            self._run("psql", "-c", "CREATE DATABASE slipway", "postgres")
        else:
            super().start()

    def command(self, port: int) -> list[str]:
        settings = POSTGRES_SETTINGS | {
            "port": str(port),
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": str(self.data),
        }
        options = [f"--{name}={value}" for name, value in settings.items()]
        return [postgres_program("postgres"), "-D", str(self.data), *options]

    def answers(self, port: int) -> bool:
        ready = subprocess.run(
            [postgres_program("pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(port)], check=False
        )
        return ready.returncode == 0

    def identity(self) -> dict[str, Any]:
        if os.geteuid() != 0:
            return {}
        user = unprivileged_user()
        return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}

    def _init(self) -> None:
        self.data.mkdir(mode=0o700)
        password_file = self.folder / "password"
        password_file.touch(mode=0o600)
        password_file.write_text(self.password)
        if os.geteuid() == 0:
            user = unprivileged_user()
            self.folder.chmod(0o711)  # that user has to get to its directory
            for path in (self.data, password_file):
                os.chown(path, user.pw_uid, user.pw_gid)
        self._run(
            "initdb",
            *("-D", str(self.data), "-U", "slipway", "--pwfile", str(password_file)),
            *("--auth=scram-sha-256", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"),
        )

    def _run(self, program: str, *argv: str) -> None:
        done = subprocess.run(
            [postgres_program(program), *argv],
            cwd="/",
            capture_output=True,
            text=True,
            check=False,
            env=os.environ | self._client_environment(),
            **self.identity(),
        )
        if done.returncode:
            raise ServiceError(f"{program} exited {done.returncode}: {done.stderr.strip()}")

    def _client_environment(self) -> dict[str, str]:
        if not self.port:  # initdb: no server yet
            return {}
        address = {"PGHOST": "127.0.0.1", "PGPORT": str(self.port)}
        return address | {"PGUSER": "slipway", "PGPASSWORD": self.password}


class Redis(Server):
    """Redis that keeps everything in memory."""

    name = "redis"

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def command(self, port: int) -> list[str]:
        program = shutil.which("redis-server")
        if program is None:
            raise ServiceError("redis-server is not installed (Debian package redis-server)")
        settings = ("--bind", "127.0.0.1", "--save", "", "--appendonly", "no")
        return [program, "--port", str(port), *settings, "--dir", str(self.folder)]

    def answers(self, port: int) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=1) as connection:
                connection.sendall(b"PING\r\n")
                return connection.recv(7) == b"+PONG\r\n"
        except OSError:
            return False


def unavailable_reason() -> str | None:
    """Why the servers can't run on this machine, or None when they can."""
    try:
        postgres_program("initdb")
        if os.geteuid() == 0:
            unprivileged_user()
    except ServiceError as error:
        return str(error)
    if shutil.which("redis-server") is None:
        return "redis-server is not installed (Debian package redis-server)"
    return None


def postgres_program(name: str) -> str:
    """Debian keeps the servers of each release apart, off PATH: the newest one's."""
    folders = Path("/usr/lib/postgresql").glob("*/bin")
    for folder in sorted(folders, key=lambda path: int(path.parent.name), reverse=True):
        if (folder / name).exists():
            return str(folder / name)
    if found := shutil.which(name):
        return found
    raise ServiceError(f"{name} is not installed (Debian package postgresql)")


def unprivileged_user() -> pwd.struct_passwd:
    """Whom PostgreSQL runs as when this runs as root."""
    for name in UNPRIVILEGED:
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise ServiceError(f"no user to run PostgreSQL as: none of {', '.join(UNPRIVILEGED)}")


def free_port() -> int:
    """A loopback port that nothing listened on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _die_with_parent(sent: signal.Signals) -> Callable[[], None]:
    libc = ctypes.CDLL(None)

    def ask() -> None:
        libc.prctl(PR_SET_PDEATHSIG, int(sent))

    return ask


@contextmanager
def running() -> Iterator[tuple[PostgreSQL, Redis]]:
    """Both servers, for as long as the block runs."""
    with tempfile.TemporaryDirectory(prefix="slipway-services-") as name:
        postgres, redis = PostgreSQL(Path(name)), Redis(Path(name))
        try:
            postgres.start()
            redis.start()
            yield postgres, redis
        finally:
            postgres.stop()
            redis.stop()


def run(command: list[str]) -> int:
    """Run a command with both servers up and named in its environment; return its status."""
    signal.signal(signal.SIGTERM, _exit)
    signal.signal(signal.SIGHUP, _exit)
    with running() as (postgres, redis):
        urls = {"SLIPWAY_DATABASE_URL": postgres.url, "SLIPWAY_REDIS_URL": redis.url}
        child = subprocess.Popen(
            command, env=os.environ | urls, preexec_fn=_die_with_parent(signal.SIGTERM)
        )
        try:
            return child.wait()
        except BaseException:
            child.terminate()
            child.wait()
            raise


def _exit(number: int, _frame: FrameType | None) -> None:
    raise SystemExit(128 + number)


def main(argv: list[str] | None = None) -> int:
    """`run -- COMMAND…`: the command's own exit status; 69 when the servers can't be had."""
    parser = argparse.ArgumentParser(prog="python -m tests.services", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("check", help="say why the servers can't run here; exit 69")
    runner = commands.add_parser("run", help="run a command with both servers up")
    runner.add_argument("argv", nargs="+", metavar="COMMAND")
    options = parser.parse_args(argv)
    reason = unavailable_reason()
    try:
        if reason is None:
            return run(options.argv) if options.command == "run" else 0
    except ServiceError as error:
        reason = str(error)
    sys.stderr.write(f"no PostgreSQL and Redis for the tests: {reason}\n")
    return os.EX_UNAVAILABLE


if __name__ == "__main__":
    raise SystemExit(main())
