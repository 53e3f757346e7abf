"""Runs every check and test, each under a heading with its seconds; all run, whatever fails.

The tests on real hosts wait for hosts most of the time, so they run beside the others.

Standard library only. Ends with a table of the stages and the closing line of each test run.
"""

import argparse
import os
import shutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PYTHON = str(ROOT / ".venv/bin/python")
UNAVAILABLE = 69  # os.EX_UNAVAILABLE, as tests.services answers where its servers can't be had
HOSTS = "lab or browser"
LONG = "soak"
SHELLCHECK = ("shellcheck", "--external-sources", "--source-path=SCRIPTDIR")
SETTINGS = {"DJANGO_SETTINGS_MODULE": "config.settings.test"}


@dataclass(frozen=True)
class Stage:
    """One command: what it's called, where it runs, and which program it can't do without."""

    name: str
    command: tuple[str, ...]
    folder: Path = ROOT
    needs: str = ""


@dataclass(frozen=True)
class Outcome:
    """How a stage went. `last` is the last line of what it printed."""

    stage: Stage
    status: int
    seconds: float
    last: str = ""
    skipped: str = ""

    @property
    def verdict(self) -> str:
        if self.skipped:
            return f"skipped: {self.skipped}"
        return "ok" if self.status == 0 else f"FAILED ({self.status})"


def python(name: str, *argv: str) -> Stage:
    return Stage(name, (PYTHON, *argv))


def npm(name: str, script: str) -> Stage:
    return Stage(name, ("npm", "run", "--silent", script), ROOT / "frontend", needs="npm")


def lint_stages() -> list[Stage]:
    """The longest first: two run side by side."""
    return [
        python("mypy", "-m", "mypy", "."),
        npm("eslint and prettier", "lint"),
        npm("typescript", "typecheck"),
        npm("generated client", "api:check"),
        npm("size of the first load", "size"),
        python("ruff check", "-m", "ruff", "check", "."),
        python("ruff format", "-m", "ruff", "format", "--check", "."),
        Stage("import rules", (str(ROOT / ".venv/bin/lint-imports"),)),
        Stage("shellcheck", (*SHELLCHECK, *shell_scripts()), needs="shellcheck"),
        python("migrations", "manage.py", "makemigrations", "--check", "--dry-run"),
        python("openapi.json", ".ci/openapi.py"),
    ]


def test_stages(pytest_arguments: list[str]) -> list[Stage]:
    pytest = ("-m", "pytest", *pytest_arguments)
    services = ("-m", "tests.services", "run", "--", PYTHON, *pytest)
    return [
        npm("SPA tests", "test"),
        python("tests on SQLite", *pytest, "-m", f"not ({HOSTS} or {LONG})"),
        python("tests on PostgreSQL", *services, "--database-only"),
        python("lost workers with Redis", *services, "tests/e2e/test_worker_dies.py"),
    ]


def host_stage(pytest_arguments: list[str]) -> Stage:
    command = ("-m", "pytest", *pytest_arguments, "-m", f"({HOSTS}) and not {LONG}")
    return python("tests on hosts, in a browser", *command)


def shell_scripts() -> list[str]:
    """Files of the project that begin like a shell script."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [name for name in listed.stdout.splitlines() if is_shell_script(ROOT / name)]


def is_shell_script(path: Path) -> bool:
    if path.is_symlink() or not path.is_file():
        return False
    with path.open("rb") as file:
        first = file.readline(80)
    return first.startswith(b"#!") and first.rstrip().endswith(b"sh")


def run_quietly(stage: Stage) -> Outcome:
    """Run it and print afterwards, in one piece, what it said: checks only where they failed."""
    if reason := obstacle(stage):
        outcome = Outcome(stage, 0, 0, skipped=reason)
        show(heading(outcome))
        return outcome
    began = time.monotonic()
    done = subprocess.run(
        stage.command,
        cwd=stage.folder,
        env=os.environ | SETTINGS,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    said = done.stdout.decode(errors="replace")
    last = next((line for line in reversed(said.splitlines()) if line.strip()), "")
    outcome = Outcome(stage, done.returncode, time.monotonic() - began, last)
    wanted = done.returncode != 0 or "pytest" in stage.command
    show(heading(outcome) + (said if wanted else ""))
    return outcome


def run_live(stage: Stage) -> Outcome:
    """Run it with its output shown as it comes."""
    if reason := obstacle(stage):
        return Outcome(stage, 0, 0, skipped=reason)
    show(f"\n== {stage.name}\n")
    began, last = time.monotonic(), ""
    with subprocess.Popen(
        stage.command,
        cwd=stage.folder,
        env=os.environ | SETTINGS,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    ) as process:
        for line in process.stdout or ():
            show(line)
            last = line.strip() or last
    seconds = time.monotonic() - began
    if process.returncode == UNAVAILABLE:
        return Outcome(stage, 0, seconds, skipped=last)
    return Outcome(stage, process.returncode, seconds, last)


def obstacle(stage: Stage) -> str:
    if stage.needs and shutil.which(stage.needs) is None:
        return f"{stage.needs} is not installed"
    if stage.needs == "npm" and not (stage.folder / "node_modules").exists():
        return "frontend/node_modules is not installed"
    return ""


def heading(outcome: Outcome) -> str:
    return f"== {outcome.stage.name}: {outcome.verdict}, {outcome.seconds:.1f} s\n"


def show(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()


def main() -> int:
    """Exit status 0 when nothing failed, else 1."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lint", action="store_true", help="the checks only, no tests")
    parser.add_argument("pytest_arguments", nargs="*", help="passed on to pytest")
    options = parser.parse_args()
    with ThreadPoolExecutor(2) as pool:
        outcomes = list(pool.map(run_quietly, lint_stages()))
    tested = []
    if not options.lint:
        with ThreadPoolExecutor(1) as pool:
            hosts = pool.submit(run_quietly, host_stage(options.pytest_arguments))
            tested = [run_live(stage) for stage in test_stages(options.pytest_arguments)]
        tested.append(hosts.result())
    outcomes += tested
    show("\n")
    for outcome in outcomes:
        show(f"{outcome.stage.name:32} {outcome.seconds:7.1f} s  {outcome.verdict}\n")
    for outcome in tested:
        if outcome.last and not outcome.skipped and outcome.stage.name != "SPA tests":
            show(f"{outcome.last}\n")
    return 1 if any(outcome.status for outcome in outcomes) else 0


if __name__ == "__main__":
    raise SystemExit(main())
