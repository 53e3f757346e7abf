"""What real programs print when they fail, and the cause that is told for it."""

from __future__ import annotations

import pytest

from deployments.hints import CAUSES, hint_for

SAMPLES = [
    ("toomanyrequests: You have reached your pull rate limit.", "image_rate_limited"),
    (
        "Error response from daemon: pull access denied for web, repository does not exist or may "
        "require 'docker login': denied: requested access to the resource is denied",
        "image_denied",
    ),
    ("manifest for registry.example.net/web:9 not found: manifest unknown", "image_not_found"),
    ("Error response from daemon: No such image: web:9", "image_not_found"),
    ("exec /app: exec format error", "image_wrong_platform"),
    (
        "Bind for 0.0.0.0:8080 failed: port is already allocated",
        "port_in_use",
    ),
    ("listen tcp :80: bind: address already in use", "port_in_use"),
    ("write /var/lib/docker/tmp/x: no space left on device", "disk_full"),
    ("The node was low on resource: ephemeral-storage.", "disk_full"),
    ("app ended with code 137: OOMKilled", "out_of_memory"),
    (
        'pods "web-1" is forbidden: exceeded quota: small, requested: cpu=2, used: cpu=1, limited: '
        "cpu=2",
        "quota_exceeded",
    ),
    (
        'admission webhook "validate.example.net" denied the request: no latest tags',
        "admission_denied",
    ),
    (
        'pods is forbidden: User "bot" cannot create resource "pods" in API group ""',
        "forbidden",
    ),
    ("FailedScheduling: 0/3 nodes are available: 3 Insufficient cpu.", "unschedulable"),
    ('app: CreateContainerConfigError secret "keys" not found', "config_missing"),
    (
        'FailedMount: MountVolume.SetUp failed for volume "data"',
        "volume_failed",
    ),
    (
        "network backbone declared as external, but could not be found",
        "network_missing",
    ),
    (
        'Conflict. The container name "/web" is already in use by container "abc"',
        "name_in_use",
    ),
    (
        'exec: "serve": executable file not found in $PATH: unknown',
        "command_missing",
    ),
    ("dial tcp: lookup db on 10.0.0.10:53: no such host", "dns"),
    ("wget: bad address 'db'", "dns"),
    ("x509: certificate signed by unknown authority", "tls"),
    ("connect ECONNREFUSED 10.0.0.4:5432: Connection refused", "dependency_down"),
    ('FATAL: password authentication failed for user "shop"', "authentication_failed"),
    ("open /data/lock: permission denied", "file_permission"),
    ("Unhealthy: Readiness probe failed: HTTP probe failed with statuscode: 503", "probe_failing"),
    ("the candidate of web was not healthy within 60 s", "probe_failing"),
    ("app: ImagePullBackOff Back-off pulling image", "image_pull"),
    ("app: CrashLoopBackOff back-off 40s restarting failed container", "crash_loop"),
    ("Job has reached the specified backoff limit", "job_failed"),
    ("the candidate of web is exited ", "crash"),
    ('ReplicaSet "web-1" has timed out progressing: ProgressDeadlineExceeded', "too_slow"),
]


@pytest.mark.parametrize(("text", "code"), SAMPLES)
def test_the_cause_is_told(text: str, code: str) -> None:
    assert hint_for(text)[0] == code


def test_every_cause_has_a_sample() -> None:
    assert {cause.code for cause in CAUSES} == {code for _, code in SAMPLES}
    assert len(CAUSES) >= 20


def test_what_nobody_knows_points_to_the_log() -> None:
    assert hint_for("xyzzy") == ("step_failed", "See the log of the failed step.")


def test_what_the_runtime_says_counts_before_what_the_program_printed() -> None:
    assert hint_for("app: OOMKilled", "connection refused by the cache")[0] == "out_of_memory"
    assert hint_for("", "connection refused by the cache")[0] == "dependency_down"
