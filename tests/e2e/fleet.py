"""A server with further workers, as on other machines: each a process group of its own."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

from config.core.supervisor import end_with_parent
from tests.demo.server import ROOT, Server
from tests.e2e import processes

WORKER = (
    *(sys.executable, "-m", "celery", "--quiet", "-A", "config", "worker"),
    *("--concurrency", "2", "--loglevel", "INFO"),
    *("--without-gossip", "--without-mingle", "--without-heartbeat"),
)


class Fleet(Server):
    """`lock`: held by who kills or replaces, so that nobody else does meanwhile."""

    def __init__(self, data_dir: Path, bundle_root: Path, settings: dict[str, str]) -> None:
        super().__init__(data_dir, bundle_root, settings)
        self.workers: tuple[subprocess.Popen[bytes], ...] = ()
        self.lock = threading.Lock()

    def reinforce(self, count: int) -> None:
        """Has that many further workers run, whatever became of earlier ones."""
        with self.lock:
            alive = [worker for worker in self.workers if worker.poll() is None]
            missing = [self._worker() for _ in range(count - len(alive))]
            self.workers = (*alive, *missing)

    def settings(self, *names: str) -> dict[str, str]:
        return {name: self._environment[name] for name in names}

    def restart(self, **settings: str) -> None:
        """The server with other settings, without further workers."""
        self.stop()
        self._environment.update(settings)
        self.start()

    def stop(self) -> int:
        for worker in self.workers:
            if worker.poll() is None:
                processes.kill(*processes.descendants(worker.pid), worker.pid)
            worker.wait()
        self.workers = ()
        return super().stop()

    def worker_of(self, holder: int) -> int | None:
        """The worker whose pool child that process is, the leader of a group of its own; None of
        a process that is gone, whose number may be anybody's by now."""
        parents = [*processes.children(self.process.pid), *(each.pid for each in self.workers)]
        return next((pid for pid in parents if holder in processes.children(pid)), None)

    def _worker(self) -> subprocess.Popen[bytes]:
        with (self.data_dir / "workers.log").open("ab") as log:
            return subprocess.Popen(
                WORKER,
                cwd=ROOT,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=end_with_parent,
            )
