"""Jobs that don't end by themselves: out of time, cancelled, lost."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from environments.ssh.connection import Connection
from environments.ssh.runner import JobLost, Outcome, RemoteRunner, Status
from tests.environments.ssh.sshd import LocalSSHD
from tests.environments.ssh.test_runner import job, until

# A child, a grandchild in a session of its own, and one without the job's environment.
FAMILY = """
sleep 300 & echo $! >>pids
setsid sh -c 'echo $$ >>pids; exec sleep 300' &
env -i sh -c 'echo $$ >>pids; exec sleep 300' &
while [ "$(wc -l <pids)" -lt 3 ]; do sleep 0.01; done
echo $$ >>pids
echo ready; mv pids "$PIDS"
wait
"""


def alive(pids: Path) -> list[int]:
    def runs(pid: str) -> bool:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            return False
        return state not in "ZX"

    return [int(pid) for pid in pids.read_text().split() if runs(pid)]


def test_a_cancelled_job_leaves_nothing_running(runner: RemoteRunner, tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    runner.start(job(FAMILY, PIDS=str(pids)))
    output = runner.follow("job-1")
    assert next(output) == b"ready\n"
    assert len(alive(pids)) == 4

    assert runner.cancel("job-1")

    assert alive(pids) == []
    assert list(output) == []
    assert runner.outcome("job-1") == Outcome(143, timed_out=False, cancelled=True, output_size=6)
    assert runner.cancel("job-1")


def test_what_comes_back_is_told(runner: RemoteRunner, base: Path, tmp_path: Path) -> None:
    """Nothing outlives KILL for long but what waits for a dead disk; what is always started anew is
    there, too, whenever it is looked for."""
    runner.start(job("echo ready; exec sleep 300"))
    assert next(runner.follow("job-1")) == b"ready\n"
    again = 'while [ ! -e "$0" ]; do env SLIPWAY_JOB="$1" sleep 300; done'
    supervisor = subprocess.Popen(
        ["sh", "-c", again, str(tmp_path / "enough"), str(base / "job-1")],
        stderr=subprocess.DEVNULL,
    )
    try:
        assert not runner.cancel("job-1", grace=0.1)
        list(runner.follow("job-1"))  # to the end of who tries to end it
        assert runner.outcome("job-1").cancelled
    finally:
        (tmp_path / "enough").touch()
        assert runner.cancel("job-1")
        supervisor.wait()


def test_a_job_that_ignores_term_is_killed_after_the_grace(runner: RemoteRunner) -> None:
    runner.start(job("trap 'echo no' TERM; echo ready; while :; do sleep 0.1; done"))
    output = runner.follow("job-1")
    assert next(output) == b"ready\n"

    assert runner.cancel("job-1", grace=0.3)

    assert set(b"".join(output).splitlines()) <= {b"no", b"Terminated"}
    outcome = runner.outcome("job-1")
    assert (outcome.exit_code, outcome.cancelled) == (137, True)


def test_a_job_may_clean_up_when_it_is_cancelled(runner: RemoteRunner) -> None:
    runner.start(job("trap 'echo bye; exit 9' TERM; echo ready; while :; do sleep 0.01; done"))
    output = runner.follow("job-1")
    assert next(output) == b"ready\n"

    assert runner.cancel("job-1")

    assert b"bye\n" in b"".join(output)
    outcome = runner.outcome("job-1")
    assert (outcome.exit_code, outcome.cancelled) == (9, True)


def test_cancel_at_any_moment_of_the_start(connection: Connection, base: Path) -> None:
    for number in range(5):
        runner = RemoteRunner(connection, base=str(base / str(number)))
        runner.start(job("exec sleep 300"))
        assert runner.cancel("job-1", grace=0.5)
        assert list(runner.follow("job-1")) == []
        assert runner.outcome("job-1").cancelled


def test_a_job_cancelled_before_its_start_never_runs(runner: RemoteRunner, tmp_path: Path) -> None:
    assert runner.cancel("job-1")
    runner.start(job(f"touch {tmp_path}/ran"))

    assert list(runner.follow("job-1")) == []
    assert runner.outcome("job-1") == Outcome(143, timed_out=False, cancelled=True, output_size=0)
    assert not (tmp_path / "ran").exists()


def test_a_job_that_has_ended_keeps_its_outcome(runner: RemoteRunner) -> None:
    list(runner.run(job("exit 5")))

    assert runner.cancel("job-1")
    assert runner.outcome("job-1") == Outcome(5, timed_out=False, cancelled=False, output_size=0)


def test_the_host_keeps_the_time_with_nobody_connected(
    sshd: LocalSSHD, base: Path, tmp_path: Path
) -> None:
    pids = tmp_path / "pids"
    with Connection.open(sshd.login()) as connection:
        RemoteRunner(connection, base=str(base)).start(job(FAMILY, timeout=1, PIDS=str(pids)))
    until(base / "job-1" / "result")

    assert alive(pids) == []
    with Connection.open(sshd.login()) as connection:
        runner = RemoteRunner(connection, base=str(base))
        assert b"".join(runner.follow("job-1")) == b"ready\n"
        assert runner.outcome("job-1") == Outcome(
            124, timed_out=True, cancelled=False, output_size=6
        )


def test_a_lost_job_is_told_and_never_run_again(
    runner: RemoteRunner, connection: Connection, base: Path, tmp_path: Path
) -> None:
    pids = tmp_path / "pids"
    work = job(FAMILY, PIDS=str(pids))
    runner.start(work)
    output = runner.follow("job-1")
    assert next(output) == b"ready\n"
    wrapper = (base / "job-1" / "pid").read_text().strip()

    connection.run(f"kill -KILL {wrapper}")

    with pytest.raises(JobLost):
        list(output)
    assert runner.status("job-1") is Status.LOST
    with pytest.raises(JobLost):
        runner.outcome("job-1")
    runner.start(work)
    assert runner.status("job-1") is Status.LOST
    # It can't be told any more who was in its session, but who has its environment can.
    assert runner.cancel("job-1")
    left = alive(pids)
    connection.run(f"kill {' '.join(map(str, left))}")
    assert len(left) <= 1
    assert runner.status("job-1") is Status.LOST
    runner.discard("job-1")


def test_all_output_comes_before_the_loss_is_told(runner: RemoteRunner, base: Path) -> None:
    runner.start(job("echo last words; kill -KILL $(cat ../pid); exec sleep 300"))
    output = runner.follow("job-1")

    assert next(output) == b"last words\n"
    with pytest.raises(JobLost):
        next(output)
    assert runner.cancel("job-1")
    assert (base / "job-1" / "claim").exists()
