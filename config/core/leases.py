"""Who runs what: a lease on the run's own row, with a heartbeat and a fencing number.

The fence grows each time a lease changes hands. Writers name the fence they were given in the
condition of every UPDATE, so a worker that was taken for dead, and was not, changes nothing.
"""

from __future__ import annotations

import logging
import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from django.conf import settings
from django.db import DatabaseError, close_old_connections, connection, models
from django.db.models.functions import Now

logger = logging.getLogger(__name__)


class LeaseLost(Exception):
    """Another worker runs this now; stop, and write nothing."""


class Leased(models.Model):
    """A run that at most one worker works on at a time."""

    fence = models.PositiveIntegerField(default=0, editable=False)
    lease_holder = models.CharField(max_length=100, blank=True, editable=False)
    lease_expires_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        abstract = True


def unheld() -> models.Q:
    """Rows that nobody works on: never leased, given back, or the holder went silent."""
    return models.Q(lease_expires_at__isnull=True) | models.Q(lease_expires_at__lt=Now())


@dataclass(frozen=True)
class Lease:
    model: type[Leased]
    pk: int
    fence: int
    lost: threading.Event = field(default_factory=threading.Event, compare=False)

    def check(self) -> None:
        if self.lost.is_set():
            raise LeaseLost(f"{self.model._meta.model_name} {self.pk}, fence {self.fence}")

    def renew(self) -> bool:
        """Prolongs the lease; False when it has passed to somebody else."""
        return self._update(lease_expires_at=Now() + settings.LEASE_TTL)

    def give_back(self) -> None:
        self._update(lease_expires_at=None, lease_holder="")

    def _update(self, **changes: object) -> bool:
        rows = self.model._default_manager.filter(pk=self.pk, fence=self.fence)
        return rows.update(**changes) == 1


def claim(model: type[Leased], pk: int) -> Lease | None:
    """Takes the lease on a row, or None when somebody has it (or the row is gone)."""
    rows = model._default_manager.filter(unheld(), pk=pk)
    taken = rows.update(
        fence=models.F("fence") + 1,
        lease_holder=f"{socket.gethostname()}:{os.getpid()}",
        lease_expires_at=Now() + settings.LEASE_TTL,
    )
    if not taken:
        return None
    # Safe to read back: nobody else can take an unexpired lease.
    return Lease(model, pk, model._default_manager.values_list("fence", flat=True).get(pk=pk))


@contextmanager
def held(model: type[Leased], pk: int) -> Iterator[Lease | None]:
    """A lease kept by a heartbeat for the length of the block; None when it is not to be had."""
    lease = claim(model, pk)
    if lease is None:
        yield None
        return
    stop = threading.Event()
    beat = threading.Thread(target=_heartbeat, args=(lease, stop), daemon=True)
    beat.start()
    try:
        yield lease
    finally:
        stop.set()
        beat.join()
        lease.give_back()


def _heartbeat(lease: Lease, stop: threading.Event) -> None:
    """Renews three times in a lease's life. The database being away is not yet a loss: the lease is
    lost when somebody took it, or when no renewal came through for its whole length."""
    interval = settings.LEASE_TTL.total_seconds() / 3
    misses = 0
    try:
        while not stop.wait(interval):
            try:
                renewed = lease.renew()
                misses = 0
            except DatabaseError:
                close_old_connections()
                misses += 1
                renewed = misses < 3
                logger.warning("lease not renewed", extra={"pk": lease.pk, "misses": misses})
            if not renewed:
                lease.lost.set()
                return
    finally:
        connection.close()
