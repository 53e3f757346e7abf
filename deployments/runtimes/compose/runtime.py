"""The Compose runtime: releases as Compose projects on an environment's Docker hosts."""

from __future__ import annotations

import threading

from config.core.leases import Lease
from deployments.models import Release
from deployments.runtimes.base import Outcome, Preview, Request
from deployments.runtimes.compose import preview as previewing
from deployments.runtimes.compose.apply import Apply
from environments.ssh.pool import ConnectionPool


class ComposeRuntime:
    """A worker looks at the target before it applies: the connections of the look, kept by the
    thread until it applies or looks at another, are there already then."""

    def __init__(self) -> None:
        self._kept = threading.local()

    def preview(self, request: Request) -> Preview:
        return previewing.preview(request)

    def fingerprint(self, release: Release) -> str:
        self._close()
        pool = self._kept.pool = ConnectionPool()
        found = previewing.fingerprint(release, pool)
        if found != release.fingerprint:  # nothing will be applied
            self._close()
        return found

    def apply(self, release: Release, lease: Lease) -> Outcome:
        with self._taken() as pool:
            return Apply(release, lease, pool).to_the_end()

    def _taken(self) -> ConnectionPool:
        pool: ConnectionPool = getattr(self._kept, "pool", None) or ConnectionPool()
        self._kept.pool = None
        return pool

    def _close(self) -> None:
        self._taken().close()
