from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from config.core.errors import SSHAuthFailed, SSHUnreachable
from config.core.secrets import Secret
from environments.ssh.connection import CommandFailed, Completed, Connection
from tests.environments.ssh.listening import said
from tests.environments.ssh.sshd import LocalSSHD
from tests.environments.ssh.wire import Wire

MEGABYTE = 1024 * 1024


def test_a_command_has_exit_code_stdout_and_stderr(connection: Connection) -> None:
    completed = connection.run("echo out; echo err >&2; exit 3")

    assert completed == Completed(3, b"out\n", b"err\n")
    with pytest.raises(CommandFailed, match="err"):
        completed.checked()


def test_stdin_and_stdout_are_carried_byte_for_byte(connection: Connection) -> None:
    data = bytes(range(256)) * 20_000  # more than a window, both ways at once

    assert connection.run("cat", stdin=data).stdout == data
    assert connection.run("cat", stdin=iter([data, b"", data])).stdout == data * 2


def test_much_stderr_does_not_block_stdout(connection: Connection) -> None:
    completed = connection.run(f"head -c {4 * MEGABYTE} /dev/zero >&2; echo done")

    assert completed.stdout == b"done\n"
    assert len(completed.stderr) == 4 * MEGABYTE


def test_a_command_may_leave_stdin_unread(connection: Connection) -> None:
    assert connection.run("exit 7", stdin=b"x" * 5 * MEGABYTE).exit_code == 7


def test_what_reading_stdin_raises_comes_through(connection: Connection) -> None:
    def chunks() -> Iterator[bytes]:
        yield b"begin"
        raise FileNotFoundError("the source is gone")

    with pytest.raises(FileNotFoundError):
        connection.run("cat", stdin=chunks())
    assert connection.run("echo on").stdout == b"on\n"


def test_a_process_left_in_the_background_is_not_waited_for(connection: Connection) -> None:
    began = time.monotonic()
    completed = connection.run("sleep 30 & echo $!")
    connection.run(f"kill {int(completed.stdout)}")

    assert time.monotonic() - began < 5


def test_a_command_that_a_signal_ended(connection: Connection) -> None:
    assert connection.run("kill -KILL $$").exit_code == 255


def test_a_command_that_takes_too_long_is_unreachable(connection: Connection) -> None:
    with pytest.raises(SSHUnreachable, match="too long"):
        connection.run("exec sleep 30", timeout=0.2)
    assert connection.alive


def test_commands_run_side_by_side(connection: Connection) -> None:
    with ThreadPoolExecutor(20) as threads:
        outputs = threads.map(lambda n: connection.run(f"sleep 0.2; echo {n}").stdout, range(20))

    assert list(outputs) == [b"%d\n" % n for n in range(20)]


def test_a_stream_yields_what_is_there_before_the_end(connection: Connection) -> None:
    stream = said(connection, "echo first; exec sleep 30")
    assert next(stream) == b"first\n"
    stream.close()
    assert b"".join(said(connection, "echo all; exit")) == b"all\n"


def test_a_silent_stream_is_unreachable(connection: Connection) -> None:
    with pytest.raises(SSHUnreachable):
        list(said(connection, "exec sleep 30", idle_timeout=0.2))


def test_a_connection_that_dies_is_unreachable(sshd: LocalSSHD, wire: Wire) -> None:
    with Connection.open(replace(sshd.login(), port=wire.port)) as connection:
        stream = said(connection, "echo first; exec sleep 30")
        assert next(stream) == b"first\n"
        wire.cut()

        with pytest.raises(SSHUnreachable):
            next(stream)
        with pytest.raises(SSHUnreachable) as caught:
            connection.run("true")
        assert caught.value.data == {"host": "127.0.0.1", "port": wire.port}
        assert not connection.alive


def test_a_closed_connection_is_not_alive(connection: Connection) -> None:
    assert connection.alive
    connection.close()
    assert not connection.alive


@pytest.mark.parametrize(
    ("kind", "bits", "passphrase", "format"),
    [
        ("ed25519", 0, "", ""),
        ("ed25519", 0, "open sesame", ""),
        ("ecdsa", 256, "", ""),
        ("ecdsa", 256, "open sesame", "PEM"),
        ("ecdsa", 384, "open sesame", "PKCS8"),
        ("ecdsa", 521, "open sesame", ""),
        ("ecdsa", 521, "", "PKCS8"),
        ("rsa", 3072, "", "PEM"),
        ("rsa", 3072, "open sesame", "PEM"),
        ("rsa", 3072, "open sesame", "PKCS8"),
        ("rsa", 4096, "open sesame", ""),
    ],
)
def test_private_keys_of_every_kind(
    sshd: LocalSSHD, kind: str, bits: int, passphrase: str, format: str
) -> None:
    key = sshd.make_key("user", kind, passphrase=passphrase, format=format, bits=bits)
    sshd.authorize("user")
    login = replace(sshd.login(), private_key=key, passphrase=Secret(passphrase) or None)

    with Connection.open(login) as connection:
        assert connection.run("echo in").stdout == b"in\n"


@pytest.mark.parametrize(
    ("encrypted", "passphrase", "reason"),
    [
        (True, Secret("wrong"), "can't be read with this passphrase"),
        (True, None, "needs a passphrase"),
        (False, Secret("right"), "has no passphrase"),
    ],
)
def test_a_passphrase_that_does_not_fit(
    sshd: LocalSSHD, *, encrypted: bool, passphrase: Secret | None, reason: str
) -> None:
    key = sshd.make_key("locked", passphrase="right" if encrypted else "")

    with pytest.raises(SSHAuthFailed, match=reason):
        Connection.open(replace(sshd.login(), private_key=key, passphrase=passphrase))


@pytest.mark.parametrize("damage", [lambda text: text[:200], lambda _: "-----BEGIN canary"])
def test_a_key_that_is_none_is_not_shown(sshd: LocalSSHD, damage: object) -> None:
    assert callable(damage)
    text = damage(sshd.client_key.reveal())

    with pytest.raises(SSHAuthFailed, match="can't be read") as caught:
        Connection.open(replace(sshd.login(), private_key=Secret(text)))

    assert text[60:] not in repr(caught.value) or not text[60:]
    assert caught.value.__cause__ is None


def test_a_credential_that_the_host_refuses(sshd: LocalSSHD) -> None:
    refused = [
        replace(sshd.login(), private_key=sshd.make_key("stranger")),
        replace(sshd.login(), private_key=None, password=Secret("wrong")),
        replace(sshd.login(), private_key=None),
        replace(sshd.login(), user="nobody-here"),
    ]
    for login in refused:
        with pytest.raises(SSHAuthFailed) as caught:
            Connection.open(login)
        assert caught.value.data == {"host": "127.0.0.1", "port": sshd.port}


def test_hosts_that_do_not_answer(sshd: LocalSSHD) -> None:
    silent = socket.create_server(("127.0.0.1", 0))
    with silent:
        addresses = [
            ("127.0.0.1", 1),
            ("host.invalid", 22),
            ("127.0.0.1", silent.getsockname()[1]),
            ("a" * 70 + ".invalid", 22),
        ]
        for host, port in addresses:
            with pytest.raises(SSHUnreachable) as caught:
                Connection.open(replace(sshd.login(), host=host, port=port), timeout=0.5)
            assert caught.value.data == {"host": host, "port": port}


def test_no_weak_algorithm_is_offered(connection: Connection) -> None:
    options = connection._sessions.main.get_security_options()
    offered = [*options.ciphers, *options.digests, *options.kex, *options.key_types]

    weak = ("cbc", "3des", "arcfour", "sha1", "md5", "ssh-rsa", "ssh-dss")
    assert not [name for name in offered for word in weak if word in name]
