"""Every failure Slipway answers with: one class each, with the code and status of the contract.

Framework-free on purpose: the SSH and bundle packages raise these, and know nothing of Django.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar


class DomainError(Exception):
    """A failure with a stable `code`; `data` is JSON for programs, the message is for people."""

    code: ClassVar[str]
    http_status: ClassVar[int]
    default_message: ClassVar[str] = ""

    def __init__(self, message: str = "", /, **data: Any) -> None:
        self.message = message or self.default_message
        self.data: dict[str, Any] = data
        super().__init__(self.message)


class ValidationFailed(DomainError):
    """Input of the wrong shape. `fields`: {field: [messages]}."""

    code = "validation_error"
    http_status = 400
    default_message = "The request is not valid."

    def __init__(self, message: str = "", /, *, fields: Mapping[str, Sequence[str]]) -> None:
        super().__init__(message, fields={name: list(texts) for name, texts in fields.items()})


class NotAuthenticated(DomainError):
    code = "not_authenticated"
    http_status = 401
    default_message = "Sign in, or send a valid token."


class PermissionDenied(DomainError):
    code = "permission_denied"
    http_status = 403
    default_message = "You may not do this."


class NotFound(DomainError):
    code = "not_found"
    http_status = 404
    default_message = "No such object."


class MethodNotAllowed(DomainError):
    code = "method_not_allowed"
    http_status = 405
    default_message = "This endpoint has no such method."


class Throttled(DomainError):
    code = "throttled"
    http_status = 429
    default_message = "Too many requests; try again later."


class InvalidTransition(DomainError):
    """The row is not in the state the caller believed. `from`, `to`: state names."""

    code = "invalid_transition"
    http_status = 409
    default_message = "The object is no longer in a state that allows this."


class IdempotencyConflict(DomainError):
    code = "idempotency_conflict"
    http_status = 409
    default_message = "This Idempotency-Key was used with another request."


class DependencyUnavailable(DomainError):
    code = "dependency_unavailable"
    http_status = 503
    default_message = "The database or the broker is away; nothing was changed."


# --- releases ---------------------------------------------------------------------------------


class PreviewRequired(DomainError):
    code = "preview_required"
    http_status = 400
    default_message = "Preview first, and send the preview_ref that it answered."


class PreviewExpired(DomainError):
    code = "preview_expired"
    http_status = 409
    default_message = "The preview is too old; preview again."


class PreviewMismatch(DomainError):
    """`mismatch`: names of what differs from the preview (`variables`, `target_changed`, …)."""

    code = "preview_mismatch"
    http_status = 409
    default_message = "This is not what was previewed; preview again."

    def __init__(self, message: str = "", /, *, mismatch: Sequence[str]) -> None:
        super().__init__(message, mismatch=list(mismatch))


class ReleaseLocked(DomainError):
    """Another run holds the target. `release_id`, `since`."""

    code = "release_locked"
    http_status = 409
    default_message = "Another release is being applied to this target."


class TargetNotReady(DomainError):
    """`reasons`: list of sentences."""

    code = "target_not_ready"
    http_status = 409
    default_message = "The target can't take releases now."


class NoPreviousRelease(DomainError):
    code = "no_previous_release"
    http_status = 409
    default_message = "There is no earlier release to go back to."


class RenderFailed(DomainError):
    """`errors`: [{path, line, message}]."""

    code = "render_failed"
    http_status = 422
    default_message = "The manifest can't be rendered."


class ManifestInvalid(DomainError):
    """`errors`: [{path, line, message}]."""

    code = "manifest_invalid"
    http_status = 422
    default_message = "The manifest is not valid."


# --- approvals --------------------------------------------------------------------------------


class ApprovalSelfReview(DomainError):
    code = "approval_self_review"
    http_status = 403
    default_message = "Whoever asked for a change can't approve it."


class ApprovalAlreadyDecided(DomainError):
    code = "approval_already_decided"
    http_status = 409
    default_message = "This ticket is decided."


class ApprovalTicketExpired(DomainError):
    code = "approval_ticket_expired"
    http_status = 409
    default_message = "This ticket expired before it was decided."


class FreezeActive(DomainError):
    """Changes are frozen. `freeze`: {id, reason, ends_at: null when no end can be seen}."""

    code = "freeze_active"
    http_status = 409
    default_message = "Changes are frozen here; an override needs the right and a reason."


# --- bundles ----------------------------------------------------------------------------------


class BundleInvalid(DomainError):
    """`errors`: [{code, path, line, message}], every problem at once."""

    code = "bundle_invalid"
    http_status = 422
    default_message = "The bundle is not valid."


class ArtifactMissing(DomainError):
    """`artifacts`: paths; `errors` as for `bundle_invalid`."""

    code = "artifact_missing"
    http_status = 422
    default_message = "The bundle lacks an artifact."


class ArtifactChecksumMismatch(DomainError):
    """`artifacts`: paths; `errors` as for `bundle_invalid`."""

    code = "artifact_checksum_mismatch"
    http_status = 422
    default_message = "An artifact is not what its checksum says."


class BundleIncompatible(DomainError):
    """`errors`: [{code, path, line, message}]."""

    code = "bundle_incompatible"
    http_status = 422
    default_message = "The bundle does not fit this environment."


# --- hosts ------------------------------------------------------------------------------------


class SSHError(DomainError):
    """A host can't be worked with over SSH. `host`, `port`."""

    http_status = 502


class SSHUnreachable(SSHError):
    code = "ssh_unreachable"
    default_message = "The host does not answer over SSH."


class SSHAuthFailed(SSHError):
    code = "ssh_auth_failed"
    default_message = "The host refused the credential."


class SSHHostKeyMismatch(SSHError):
    code = "ssh_host_key_mismatch"
    default_message = "The host answered with another key than the one that was enrolled."


class SSHHostKeyUnknown(SSHError):
    code = "ssh_host_key_unknown"
    default_message = "The host is not enrolled: scan it, compare the fingerprint, enrol it."


# --- clusters ---------------------------------------------------------------------------------


class KubeconfigInvalid(DomainError):
    code = "kubeconfig_invalid"
    http_status = 422
    default_message = "This is not a kubeconfig that can be used."


class KubeconfigForbiddenField(DomainError):
    """`fields`: paths of what a kubeconfig may not hold here."""

    code = "kubeconfig_forbidden_field"
    http_status = 422
    default_message = "The kubeconfig asks for something that is never done."


class ClusterAddressForbidden(DomainError):
    code = "cluster_address_forbidden"
    http_status = 422
    default_message = "The cluster's address is in a network that Slipway never connects to."


class ClusterForbidden(DomainError):
    """`missing`: [{verb, resource, namespace}]."""

    code = "cluster_forbidden"
    http_status = 422
    default_message = "The cluster's credential lacks rights that this needs."


class ClusterUnreachable(DomainError):
    code = "cluster_unreachable"
    http_status = 502
    default_message = "The cluster does not answer."


class ClusterUnauthorized(DomainError):
    code = "cluster_unauthorized"
    http_status = 502
    default_message = "The cluster refused the credential."


class ClusterTLSInvalid(DomainError):
    code = "cluster_tls_invalid"
    http_status = 502
    default_message = "The cluster's certificate is not the one that was expected."
