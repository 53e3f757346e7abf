from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from environments.ssh import commands


def test_a_script_is_run_by_sh_with_its_arguments() -> None:
    command = commands.script('echo "$1"', "it's", "")

    assert command == """sh -c 'echo "$1"' sh 'it'"'"'s' ''"""
    assert subprocess.check_output(["sh", "-c", command]) == b"it's\n"


def test_sudo_fails_rather_than_ask() -> None:
    assert commands.sudo("id -u && echo 'x'") == (
        """sudo -n -- sh -c 'id -u && echo '"'"'x'"'"''"""
    )


def test_sudo_with_a_password_has_it_on_stdin_only() -> None:
    assert commands.sudo_with_password("id -u") == (
        "sudo -S -p '' -- sh -c 'while IFS= read -r line && "
        """[ "$line" != --slipway-- ]; do :; done; id -u'"""
    )
    assert commands.sudo_preamble("p ass") == b"p ass\n--slipway--\n"


@pytest.mark.parametrize("asks", [True, False])
def test_the_command_finds_its_own_stdin_whether_sudo_read_the_password_or_not(
    tmp_path: Path, *, asks: bool
) -> None:
    sudo = tmp_path / "sudo"
    ask = "IFS= read -r password; [ \"$password\" = 'p ass' ] || exit 1" if asks else ":"
    sudo.write_text(
        f'#!/bin/sh\n[ "$1 $2 $4" = "-S -p --" ] || exit 2\nshift 4\n{ask}\nexec "$@"\n'
    )
    sudo.chmod(0o700)

    stdin = b"first\n\0\xffrest"
    completed = subprocess.run(
        ["sh", "-c", commands.sudo_with_password("cat")],
        input=commands.sudo_preamble("p ass") + stdin,
        capture_output=True,
        env={"PATH": f"{tmp_path}:{os.environ['PATH']}"},
        check=True,
    )

    assert completed.stdout == stdin


@pytest.mark.parametrize(
    "value", ["", "a b", "it's", 'a"b$(c)`d`\\', "line\nline", "ünïcode", "\x01"]
)
def test_any_value_survives_being_exported(tmp_path: Path, value: str) -> None:
    file = tmp_path / "env"
    file.write_bytes(commands.exports({"VALUE": value}))

    command = f'. {file}; printf %s "$VALUE"'
    assert subprocess.check_output(["sh", "-c", command]) == value.encode()


def test_every_host_script_is_posix_sh() -> None:
    for path in (Path(commands.__file__).parent / "host").glob("*.sh"):
        subprocess.run(["sh", "-n", str(path)], check=True)
