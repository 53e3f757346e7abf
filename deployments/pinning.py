"""What a preview promised, under one digest: an approval is for it, and for nothing else."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping

from approvals.inbox import covers
from config.core.fields import reveal
from deployments.models import Release


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
    rows = Release.objects.filter(pk__in=content).select_related("target")
    needed = ("context_hash", "base_release", "target__last_release", "target__archived")
    found = {}
    for release in rows.only(*needed):
        target = release.target
        names = ["content"] if content[release.pk] != release.context_hash else []
        if target.last_release_id != release.base_release_id or target.archived:
            names.append("target_changed")
        if names:
            found[release.pk] = names
    return found
