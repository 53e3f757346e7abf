"""What a preview promised, under one digest: an approval is for it, and for nothing else."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping

from approvals.inbox import covers
from config.core.fields import reveal
from deployments.models import Release
from deployments.selectors import with_last_applied


def context_hash(release: Release) -> str:
    """The digest over what a release would do to its target, from the row as it is now."""
    pinned = {
        "kind": release.kind,
        "service": release.service_id,
        "target": release.target_id,
        "revision": release.revision_id,
        "strategy": release.strategy,
        "force_conflicts": release.force_conflicts,
        "content": json.loads(reveal(release, "content").reveal()),
        "fingerprint": release.fingerprint,
        "base_release": release.base_release_id,
    }
    return hashlib.sha256(json.dumps(pinned, sort_keys=True).encode()).hexdigest()


def is_intact(release: Release) -> bool:
    """Whether the row holds what was previewed, to the byte. One of the older system kept none."""
    return bool(release.content) and context_hash(release) == release.context_hash


def is_covered(release: Release) -> bool:
    """Whether what people approved is what the release holds; where nobody was asked, it is."""
    ticket = release.approval_ticket
    return not ticket or covers(ticket, "release", release.pk, release.context_hash)


def changed(content: Mapping[int, str]) -> dict[int, list[str]]:
    """Of releases and the digests that people were asked about, those that are about something else
    now, by the names of `preview_mismatch`."""
    rows = with_last_applied(Release.objects.filter(pk__in=content))
    needed = ("pk", "context_hash", "previous", "last_applied", "target__archived")
    found = {}
    for pk, digest, previous, last_applied, archived in rows.values_list(*needed):
        names = ["content"] if content[pk] != digest else []
        # One of the older system has no digest, and pinned nothing.
        if archived or (digest and last_applied != previous):
            names.append("target_changed")
        if names:
            found[pk] = names
    return found


def has_moved(release: Release) -> bool:
    """Whether another release of its service was applied to its target since its preview, or the
    target is out of use. Releases of other services there don't count: what they have in common
    with this one is in the runtime's fingerprint."""
    names = changed({release.pk: release.context_hash}).get(release.pk, [])
    return "target_changed" in names
