"""Which fields the API has, down to the containers of a pod, for the kinds that Slipway applies."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_META: Final = _words("""
    annotations creationTimestamp deletionGracePeriodSeconds deletionTimestamp finalizers
    generateName generation labels managedFields name namespace ownerReferences resourceVersion
    selfLink uid
""")
_POD: Final = _words("""
    activeDeadlineSeconds affinity automountServiceAccountToken containers dnsConfig dnsPolicy
    enableServiceLinks ephemeralContainers hostAliases hostIPC hostNetwork hostPID hostUsers
    hostname imagePullSecrets initContainers nodeName nodeSelector os overhead preemptionPolicy
    priority priorityClassName readinessGates resourceClaims resources restartPolicy
    runtimeClassName schedulerName schedulingGates securityContext serviceAccount
    serviceAccountName setHostnameAsFQDN shareProcessNamespace subdomain
    terminationGracePeriodSeconds tolerations topologySpreadConstraints volumes
""")
_CONTAINER: Final = _words("""
    args command env envFrom image imagePullPolicy lifecycle livenessProbe name ports
    readinessProbe resizePolicy resources restartPolicy securityContext startupProbe stdin
    stdinOnce terminationMessagePath terminationMessagePolicy tty volumeDevices volumeMounts
    workingDir
""")
_TOP: Final = _words("apiVersion kind metadata spec status")
_SPECS: Final = {
    "Deployment": _words("""
        minReadySeconds paused progressDeadlineSeconds replicas revisionHistoryLimit selector
        strategy template
    """),
    "StatefulSet": _words("""
        minReadySeconds ordinals persistentVolumeClaimRetentionPolicy podManagementPolicy replicas
        revisionHistoryLimit selector serviceName template updateStrategy volumeClaimTemplates
    """),
    "DaemonSet": _words("minReadySeconds revisionHistoryLimit selector template updateStrategy"),
    "Job": _words("""
        activeDeadlineSeconds backoffLimit backoffLimitPerIndex completionMode completions
        managedBy manualSelector maxFailedIndexes parallelism podFailurePolicy
        podReplacementPolicy selector successPolicy suspend template ttlSecondsAfterFinished
    """),
    "Service": _words("""
        allocateLoadBalancerNodePorts clusterIP clusterIPs externalIPs externalName
        externalTrafficPolicy healthCheckNodePort internalTrafficPolicy ipFamilies ipFamilyPolicy
        loadBalancerClass loadBalancerIP loadBalancerSourceRanges ports publishNotReadyAddresses
        selector sessionAffinity sessionAffinityConfig trafficDistribution type
    """),
    "Pod": _POD,
}
_WITHOUT_SPEC: Final = {
    "ConfigMap": _words("apiVersion binaryData data immutable kind metadata"),
    "Secret": _words("apiVersion data immutable kind metadata stringData type"),
}


def undeclared(obj: dict[str, Any]) -> Iterator[str]:
    """Fields that the API doesn't have, as it names them: `.spec.replicaz`."""
    kind = str(obj.get("kind"))
    if kind not in _SPECS and kind not in _WITHOUT_SPEC:
        return
    yield from _unknown(obj, "", _WITHOUT_SPEC.get(kind, _TOP))
    yield from _unknown(obj.get("metadata"), ".metadata", _META)
    spec = obj.get("spec")
    if kind not in _SPECS or not isinstance(spec, dict):
        return
    yield from _unknown(spec, ".spec", _SPECS[kind])
    if kind == "Pod":
        yield from _of_containers(spec, ".spec")
    elif isinstance(template := spec.get("template"), dict):
        pod = template.get("spec")
        yield from _unknown(template, ".spec.template", _words("metadata spec"))
        yield from _unknown(pod, ".spec.template.spec", _POD)
        yield from _of_containers(pod, ".spec.template.spec")


def _of_containers(pod: Any, path: str) -> Iterator[str]:
    for field in ("containers", "initContainers"):
        for item in (pod.get(field) or []) if isinstance(pod, dict) else []:
            yield from _unknown(item, f'{path}.{field}[name="{item.get("name")}"]', _CONTAINER)


def _unknown(value: Any, path: str, known: frozenset[str]) -> Iterator[str]:
    if isinstance(value, dict):
        yield from (f"{path}.{field}" for field in value if field not in known)
