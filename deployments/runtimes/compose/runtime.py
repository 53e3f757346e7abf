"""The Compose runtime: releases as Compose projects on an environment's Docker hosts."""

from __future__ import annotations

from config.core.leases import Lease
from deployments.models import Release
from deployments.runtimes.base import Outcome, Preview, Request
from deployments.runtimes.compose import preview as previewing
from deployments.runtimes.compose.apply import Apply
from environments.ssh.pool import ConnectionPool


class ComposeRuntime:
    def preview(self, request: Request) -> Preview:
        return previewing.preview(request)

    def fingerprint(self, release: Release) -> str:
        return previewing.fingerprint(release)

    def apply(self, release: Release, lease: Lease) -> Outcome:
        with ConnectionPool() as pool:
            return Apply(release, lease, pool).to_the_end()
