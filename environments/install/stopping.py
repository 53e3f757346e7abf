"""Watches, while a run's steps are followed, for the wish to cancel it."""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from types import TracebackType
from typing import Any

from django.db import DatabaseError, close_old_connections, connection

from config.core import threads
from config.core.errors import SSHError
from config.core.leases import Lease
from environments.models import HostStep, StepStatus
from environments.ssh.connection import CommandFailed
from environments.steps import StepRunner

logger = logging.getLogger(__name__)
INTERVAL = 1.0  # seconds


class Watch:
    """Context manager. `cancelled` is set once the run's row asks for it; the steps that run then
    are ended on their hosts, so that those who follow them come to an end too. `survived`: ids of
    those of which something still ran when it was last looked for."""

    def __init__(
        self, run: Any, lease: Lease, runner: StepRunner, steps: Sequence[HostStep]
    ) -> None:
        self.cancelled = threading.Event()
        self.survived: set[int] = set()
        self._run = run
        self._lease = lease
        self._runner = runner
        self._steps = steps
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Watch:
        if self._wanted():  # a worker that takes over must not begin what was cancelled,
            self.cancelled.set()
            self._end_running_steps()  # nor what the one before it had not got to its host
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop.set()
        self._thread.join()

    def _watch(self) -> None:
        try:
            while not self._stop.wait(INTERVAL):
                if self._wanted():
                    self.cancelled.set()
                    self._end_running_steps()
        finally:
            connection.close()

    def _wanted(self) -> bool:
        rows = type(self._run)._default_manager.filter(pk=self._run.pk)
        try:
            return bool(rows.values_list("cancel_requested", flat=True).get())
        except DatabaseError:
            close_old_connections()
            return False

    def _end_running_steps(self) -> None:
        running = [step for step in self._steps if step.status == StepStatus.RUNNING]
        threads.each(self._end, running)

    def _end(self, step: HostStep) -> None:
        try:
            is_gone = self._runner.cancel(step)
        except (SSHError, CommandFailed) as error:
            logger.warning("step not ended", extra={"step": str(step), "error": str(error)})
            return
        if is_gone:
            self.survived.discard(step.pk)
        else:
            self.survived.add(step.pk)
