"""The Kubernetes runtime: releases as objects of a cluster, by server-side apply."""

from __future__ import annotations

from config.core.leases import Lease
from deployments.models import Release
from deployments.runtimes.base import Outcome, Preview, Request
from deployments.runtimes.kubernetes import preview as previewing
from deployments.runtimes.kubernetes.apply import Apply


class KubernetesRuntime:
    def preview(self, request: Request) -> Preview:
        return previewing.preview(request)

    def fingerprint(self, release: Release) -> str:
        return previewing.fingerprint_now(release)

    def apply(self, release: Release, lease: Lease) -> Outcome:
        with previewing.connect(release.target) as kube:
            return Apply(release, lease, kube).to_the_end()
