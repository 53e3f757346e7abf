from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from config.core.errors import SSHUnreachable
from config.core.secrets import Secret
from environments.ssh.connection import CommandFailed, Connection
from environments.ssh.runner import Job, JobAbsent, JobError, Outcome, RemoteRunner, Status
from tests.environments.ssh.sshd import LocalSSHD
from tests.environments.ssh.wire import Wire


def job(script: str, *, timeout: int = 60, **env: str | Secret) -> Job:
    return Job("job-1", script.encode(), env, timeout)


def gate(folder: Path) -> tuple[str, Path]:
    """A line of sh that waits until the file, which the test makes, is there."""
    return f"while [ ! -e {folder}/open ]; do sleep 0.01; done", folder / "open"


def until(path: Path) -> None:
    deadline = time.monotonic() + 10
    while not path.exists():
        assert time.monotonic() < deadline, f"{path} never came"
        time.sleep(0.005)


@pytest.mark.parametrize("at_once", [True, False])
def test_a_job_runs_and_tells_how_it_ended(runner: RemoteRunner, *, at_once: bool) -> None:
    work = job("echo out; echo err >&2; exit 3")
    if at_once:
        output = runner.run(work)
    else:
        runner.start(work)
        output = runner.follow("job-1")

    assert b"".join(output) == b"out\nerr\n"
    assert runner.outcome("job-1") == Outcome(3, timed_out=False, cancelled=False, output_size=8)
    assert runner.status("job-1") is Status.FINISHED


def test_the_script_has_its_files_its_environment_and_its_interpreter(
    runner: RemoteRunner, base: Path
) -> None:
    script = b"""#!/usr/bin/env bash
        set -o pipefail
        stat -c %a data
        cat data - <<<"$A|$B|$SLIPWAY_JOB"
        umask
        """
    env: dict[str, str | Secret] = {"A": "it's $HOME\nhere", "B": Secret("s3cret")}
    files = {"data": b"\0bytes\xff\n"}

    output = b"".join(runner.run(Job("job-1", script, env, 60, files)))

    expected = b"600\n\0bytes\xff\nit's $HOME\nhere|s3cret|%s/job-1\n0022\n"
    assert output == expected % str(base).encode()


def test_the_hosts_copy_is_closed_to_others_and_forgets_the_secrets(
    runner: RemoteRunner, base: Path
) -> None:
    b"".join(runner.run(job("echo $CANARY >/dev/null", CANARY=Secret("canary-3141"))))

    paths = [base, *base.rglob("*")]
    assert {oct(path.stat().st_mode & 0o077) for path in paths} == {"0o0"}
    assert not [path for path in paths if path.is_file() and b"canary-3141" in path.read_bytes()]


def test_no_secret_is_in_any_command_line(runner: RemoteRunner) -> None:
    look = "for file in /proc/[0-9]*/cmdline; do cat $file 2>/dev/null; done; echo ${#CANARY}"

    output = b"".join(runner.run(job(look, CANARY=Secret("canary-2718"))))

    assert b"timeout" in output
    assert b"canary-2718" not in output
    assert output.endswith(b"11\n")


def test_every_byte_of_a_file_arrives(runner: RemoteRunner) -> None:
    data = bytes(range(256)) * 2 + b"%s\\n'\r\n"

    output = b"".join(runner.run(Job("job-1", b"cat data", {}, 60, {"data": data})))

    assert output == data


def test_an_exit_code_of_124_is_no_timeout(runner: RemoteRunner) -> None:
    assert b"".join(runner.run(job("exit 124"))) == b""
    assert runner.outcome("job-1") == Outcome(124, timed_out=False, cancelled=False, output_size=0)


def test_an_interpreter_that_is_missing(runner: RemoteRunner) -> None:
    output = b"".join(runner.run(job("#!/no/such/interpreter\n")))

    assert b"/no/such/interpreter" in output
    assert runner.outcome("job-1").exit_code == 127


def test_a_line_is_seen_soon_after_it_was_written(runner: RemoteRunner, tmp_path: Path) -> None:
    wait, opened = gate(tmp_path)
    runner.start(job(f"date +%s.%N; {wait}; date +%s.%N"))
    output = runner.follow("job-1")

    assert time.time() - float(next(output)) < 1.5  # the shell and the connection, too
    opened.touch()
    assert time.time() - float(next(output)) < 0.5
    assert list(output) == []


def test_following_from_an_offset(runner: RemoteRunner) -> None:
    runner.start(job("printf 0123456789"))

    assert b"".join(runner.follow("job-1")) == b"0123456789"
    assert b"".join(runner.follow("job-1", 4)) == b"456789"
    assert b"".join(runner.follow("job-1", 10)) == b""
    assert b"".join(runner.follow("job-1", 99)) == b""


def test_every_starter_finds_it_started(sshd: LocalSSHD, base: Path, tmp_path: Path) -> None:
    effects = tmp_path / "effects"
    work = job(f"echo once >>{effects}; sleep 0.3")
    barrier = threading.Barrier(20)

    def start(connection: Connection) -> None:
        barrier.wait()
        RemoteRunner(connection, base=str(base)).start(work)

    with ExitStack() as stack, ThreadPoolExecutor(20) as threads:
        logins = [sshd.login()] * 20
        connections = list(threads.map(Connection.open, logins))
        for connection in connections:
            stack.enter_context(connection)
        list(threads.map(start, connections))
        runner = RemoteRunner(connections[0], base=str(base))
        assert list(runner.follow("job-1")) == []
        runner.start(work)  # nor after its end

    assert runner.outcome("job-1").exit_code == 0
    assert effects.read_text() == "once\n"


def test_a_job_outlives_the_connection_and_not_a_byte_is_lost(
    sshd: LocalSSHD, wire: Wire, base: Path, tmp_path: Path
) -> None:
    script = """
        for block in 0 1 2 3; do
          line=0
          while [ $line -lt 100 ]; do line=$((line + 1)); echo "line $block $line"; done
          while [ ! -e $GATES/$block ]; do sleep 0.01; done
        done
    """
    work = job(script, GATES=str(tmp_path))
    (tmp_path / "3").touch()
    login = replace(sshd.login(), port=wire.port)
    received = b""

    def follow(*, cut: bool) -> None:
        nonlocal received
        with Connection.open(login) as connection:
            runner = RemoteRunner(connection, base=str(base))
            runner.start(work)
            for chunk in runner.follow("job-1", len(received)):
                received += chunk
                if cut:
                    wire.cut()

    for block in range(3):
        with pytest.raises(SSHUnreachable):
            follow(cut=True)
        (tmp_path / str(block)).touch()
    follow(cut=False)

    assert received == b"".join(
        b"line %d %d\n" % (block, line) for block in range(4) for line in range(1, 101)
    )


def test_a_start_that_broke_off_can_be_repeated(sshd: LocalSSHD, wire: Wire, base: Path) -> None:
    work = Job("job-1", b"cat big | wc -c\n", {}, 60, {"big": b"x" * 3_000_000})
    login = replace(sshd.login(), port=wire.port)
    with Connection.open(login) as connection:
        wire.cut_after(1_000_000)
        with pytest.raises(SSHUnreachable):
            RemoteRunner(connection, base=str(base)).start(work)

    with Connection.open(login) as connection:
        runner = RemoteRunner(connection, base=str(base))
        assert runner.status("job-1") is Status.ABSENT
        assert b"".join(runner.run(work)) == b"3000000\n"


def test_a_process_left_in_the_background_holds_nothing_up(
    runner: RemoteRunner, tmp_path: Path
) -> None:
    wait, opened = gate(tmp_path)
    output = runner.run(job(f"echo before; ({wait}; echo after) & exit 0"))

    assert b"".join(output) == b"before\n"
    assert runner.outcome("job-1").output_size == 7
    opened.touch()
    assert b"".join(runner.follow("job-1")) == b"before\n"


def test_a_script_that_signals_its_whole_group_ends_only_itself(runner: RemoteRunner) -> None:
    assert b"".join(runner.run(job("echo begin; kill -KILL 0"))) == b"begin\n"
    assert runner.outcome("job-1") == Outcome(137, timed_out=False, cancelled=False, output_size=6)


def test_much_output_is_followed_in_constant_memory(runner: RemoteRunner) -> None:
    size = 100_000_000
    largest = total = 0

    for chunk in runner.run(job(f"head -c {size} /dev/zero")):
        largest = max(largest, len(chunk))
        total += len(chunk)

    assert total == size == runner.outcome("job-1").output_size
    assert largest <= 1024 * 1024


def test_a_job_that_nobody_started(runner: RemoteRunner) -> None:
    assert runner.status("job-1") is Status.ABSENT
    with pytest.raises(JobAbsent):
        list(runner.follow("job-1"))
    with pytest.raises(JobAbsent):
        runner.outcome("job-1")
    runner.discard("job-1")


def test_a_running_job_has_no_outcome_and_stays(runner: RemoteRunner, tmp_path: Path) -> None:
    wait, opened = gate(tmp_path)
    runner.start(job(wait))

    assert runner.status("job-1") is Status.RUNNING
    with pytest.raises(JobError, match="running"):
        runner.outcome("job-1")
    with pytest.raises(CommandFailed, match="running"):
        runner.discard("job-1")
    opened.touch()
    assert list(runner.follow("job-1")) == []


def test_a_discarded_job_is_gone(runner: RemoteRunner, base: Path) -> None:
    list(runner.run(job("true")))
    runner.discard("job-1")

    assert list(base.iterdir()) == []
    assert runner.status("job-1") is Status.ABSENT


def test_a_host_that_can_not_do_it_says_why(connection: Connection, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    runner = RemoteRunner(connection, base=str(tmp_path / "file" / "runs"))

    with pytest.raises(CommandFailed, match="Not a directory"):
        runner.start(job("true"))
    with pytest.raises(CommandFailed, match="Not a directory"):
        list(runner.run(job("true")))


@pytest.mark.parametrize(
    "changes",
    [
        {"id": "../x"},
        {"id": ""},
        {"timeout": 0},
        {"env": {"A B": "x"}},
        {"env": {"A": "x\0y"}},
        {"files": {"../x": b""}},
        {"files": {"script": b""}},
    ],
)
def test_a_job_that_makes_no_sense_is_refused(changes: dict[str, object]) -> None:
    fields: dict[str, object] = {"id": "job-1", "script": b"", "env": {}, "timeout": 1, **changes}
    with pytest.raises(ValueError, match=r".+"):
        Job(**fields)  # type: ignore[arg-type]  # on purpose
