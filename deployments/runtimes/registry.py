"""The runtimes there are, by the `runtime_type` of services and targets."""

from __future__ import annotations

from typing import Final

from config.core.errors import TargetNotReady
from deployments.runtimes.base import Runtime
from deployments.runtimes.compose.runtime import ComposeRuntime
from deployments.runtimes.kubernetes.runtime import KubernetesRuntime

_RUNTIMES: Final[dict[str, Runtime]] = {"compose": ComposeRuntime(), "k8s": KubernetesRuntime()}


def runtime_for(runtime_type: str) -> Runtime:
    runtime = _RUNTIMES.get(runtime_type)
    if runtime is None:
        raise TargetNotReady(reasons=[f"No runtime for {runtime_type} is installed."])
    return runtime
