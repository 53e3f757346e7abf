"""Common causes of failed releases: how they show in what hosts, clusters and programs print."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Cause:
    """`shows`: a pattern, in small letters, of any of the texts that give it away."""

    code: str
    hint: str
    shows: re.Pattern[str]


def _cause(code: str, hint: str, *shows: str) -> Cause:
    return Cause(code, hint, re.compile("|".join(shows)))


# The first that is found counts: what is precise comes before what is general.
CAUSES: Final = (
    _cause(
        "image_rate_limited",
        "The registry serves no more images for now: sign in to it, or wait.",
        r"toomanyrequests",
        r"pull rate limit",
    ),
    _cause(
        "image_denied",
        "The registry refused: check the image's name, and the login of the hosts or pull secret.",
        r"pull access denied",
        r"requested access to the resource is denied",
        r"no basic auth credentials",
        r"failed to authorize",
    ),
    _cause(
        "image_not_found",
        "There is no such image: check its name and tag, and that it was pushed.",
        r"manifest unknown",
        r"manifest for .* not found",
        r"repository .* not found",
        r"no such image",
        r"invalidimagename",
        r"errimageneverpull",
    ),
    _cause(
        "image_wrong_platform",
        "The image is built for another processor than the host's.",
        r"exec format error",
        r"no matching manifest for",
        r"does not match the (?:specified|detected host) platform",
    ),
    _cause(
        "port_in_use",
        "Another container or program has the port: end it, or choose another one.",
        r"port is already allocated",
        r"address already in use",
        r"provided port is already allocated",
        r"didn't have free ports",
    ),
    _cause(
        "disk_full",
        "Free disk space on the host: old images and logs are what mostly fills it.",
        r"no space left on device",
        r"disk quota exceeded",
        r"diskpressure",
        r"disk pressure",
        r"ephemeral-storage",
    ),
    _cause(
        "out_of_memory",
        "It used more memory than it may: raise its limit, or make it use less.",
        r"oomkilled",
        r"out of memory",
        r"cannot allocate memory",
        r"memorypressure",
        r"java\.lang\.outofmemoryerror",
    ),
    _cause(
        "quota_exceeded",
        "The namespace's quota is used up: ask for more, or free some of it.",
        r"exceeded quota",
        r"quota exceeded",
        r"failed quota",
        r"forbidden: maximum .* usage per",
    ),
    _cause(
        "admission_denied",
        "A policy of the cluster refused it: the message names the rule.",
        r"admission webhook .* denied",
        r"violates podsecurity",
        r"failed calling webhook",
    ),
    _cause(
        "forbidden",
        "The credential lacks a right: see which one, and have it granted.",
        r"is forbidden",
        r"\bcannot \w+ resource\b",
        r"permission denied while trying to connect to the docker",
    ),
    _cause(
        "unschedulable",
        "No node takes the pod: look at requests, node selectors, taints and free capacity.",
        r"failedscheduling",
        r"unschedulable",
        r"\d+/\d+ nodes are available",
        r"insufficient (?:cpu|memory)",
    ),
    _cause(
        "config_missing",
        "A ConfigMap, Secret or file that it needs is not there.",
        r"createcontainerconfigerror",
        r"(?:configmap|secret) \"?[^\s\"]+\"? not found",
        r"couldn't find key",
        r"env file .* not found",
        r"references non-existent",
    ),
    _cause(
        "volume_failed",
        "A volume could not be bound or mounted: look at its claim, class and node.",
        r"failedmount",
        r"failedattachvolume",
        r"unbound .*persistentvolumeclaims?",
        r"provisioningfailed",
        r"error while mounting volume",
        r"invalid mount config",
    ),
    _cause(
        "network_missing",
        "A network that it names is not there, or no address range is left for a new one.",
        r"network .* (?:not found|declared as external, but could not be found)",
        r"could not find an available.* address pool",
        r"all predefined address pools have been fully subnetted",
        r"failedcreatepodsandbox",
    ),
    _cause(
        "name_in_use",
        "A container or object of that name exists, and is not part of this.",
        r"the container name .* is already in use",
        r"alreadyexists",
    ),
    _cause(
        "command_missing",
        "The image has no such program: check its command and entry point.",
        r"executable file not found",
        r"starterror",
        r"exec: .*: no such file or directory",
        r"exit(?:ed with)? code 127\b",
    ),
    _cause(
        "dns",
        "A name did not resolve: check it, and the resolver of the host or cluster.",
        r"no such host",
        r"name or service not known",
        r"temporary failure in name resolution",
        r"could not resolve host",
        r"getaddrinfo",
        r"nxdomain",
        r"bad address '",
    ),
    _cause(
        "tls",
        "A certificate was not accepted: expired, another name, or an unknown authority.",
        r"x509:",
        r"certificate (?:verify failed|has expired|signed by unknown authority)",
        r"tls handshake",
        r"ssl(?:v3)? alert",
    ),
    _cause(
        "dependency_down",
        "Something that it connects to does not answer: start that first, or check its address.",
        r"connection refused",
        r"econnrefused",
        r"connection timed out",
        r"no route to host",
    ),
    _cause(
        "authentication_failed",
        "A service that it uses refused its login: check the secret it was given.",
        r"password authentication failed",
        r"access denied for user",
        r"authentication failed",
        r"invalid (?:credentials|password)",
    ),
    _cause(
        "file_permission",
        "It may not read or write a file: check its user, and who owns the volume.",
        r"permission denied",
        r"read-only file system",
        r"operation not permitted",
        r"\beacces\b",
    ),
    _cause(
        "probe_failing",
        "The health check fails: see its last answers and the log.",
        r"probe failed",
        r"\bunhealthy\b",
        r"not healthy within",
        r"health ?check .*fail",
    ),
    _cause(
        "image_pull",
        "The image could not be fetched: see the message, and whether the registry is reachable.",
        r"imagepullbackoff",
        r"errimagepull",
        r"failed to pull image",
        r"error response from daemon: get \"?https?://",
    ),
    _cause(
        "crash_loop",
        "The container ends again and again: see its log.",
        r"crashloopbackoff",
        r"\bis restarting\b",
        r"back-off restarting failed container",
    ),
    _cause(
        "job_failed",
        "The job gave up after its last try: see the log of its pods.",
        r"backofflimitexceeded",
        r"job has reached the specified backoff limit",
        r"deadlineexceeded: job",
    ),
    _cause(
        "crash",
        "The container ended: see its exit code and the log.",
        r"\bis exited\b",
        r"\bended with code \d+",
        r"exited \(\d+\)",
        r"exit code [1-9]",
    ),
    _cause(
        "too_slow",
        "It was not ready in time: see what is outstanding, or allow it longer.",
        r"progressdeadlineexceeded",
        r"exceeded its progress deadline",
        r"timed out waiting",
        r"step_timeout",
    ),
)


def hint_for(*texts: str) -> tuple[str, str]:
    """(code, hint) of what a failed run left behind; the first text that tells anything counts."""
    for text in texts:
        lowered = text.lower()
        for cause in CAUSES:
            if cause.shows.search(lowered):
                return cause.code, cause.hint
    return "step_failed", "See the log of the failed step."
