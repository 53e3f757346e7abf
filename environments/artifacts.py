"""Verification of the platform's bundle root that remembers: `environment_artifacts` has a row for
each artifact that was found sound, and what has not changed since is not hashed again."""

from __future__ import annotations

from django.conf import settings
from django.utils import timezone

from environments.bundles import verify as verification
from environments.bundles.inside import Hashed
from environments.bundles.problems import Problem
from environments.bundles.sound import Sound
from environments.bundles.verify import Examined
from environments.models import EnvironmentArtifact


def require(name: str, version: str) -> Sound:
    """That bundle of the root, sound. Raises what `bundles.verify.require_sound` raises."""
    return verification.sound(_examine(name, version))


def verify(name: str, version: str) -> list[Problem]:
    """What is wrong with that bundle and its root; empty when all holds. Raises `NotFound`."""
    return _examine(name, version).problems


def _examine(name: str, version: str) -> Examined:
    rows = EnvironmentArtifact.objects.filter(bundle=name, version=version).exclude(stamp="")
    known = {
        path: Hashed(sha256, stamp)
        for path, sha256, stamp in rows.values_list("path", "sha256", "stamp")
    }
    examined = verification.examine(settings.BUNDLE_ROOT, name, version, known=known)
    _remember(examined)
    return examined


def _remember(examined: Examined) -> None:
    """One write, of the rows whose files were hashed just now, in whatever state the rest is."""
    now = timezone.now()
    rows = [
        EnvironmentArtifact(
            bundle=bundle.name,
            version=bundle.version,
            path=artifact.path,
            sha256=hashed.sha256,
            size=artifact.size,
            stamp=hashed.stamp,
            verified_at=now,
        )
        for bundle in examined.bundles
        for artifact in bundle.artifacts
        if (hashed := examined.hashed.get(artifact.path))
    ]
    if rows:
        EnvironmentArtifact.objects.bulk_create(
            rows,
            update_conflicts=True,
            unique_fields=["bundle", "version", "path"],
            update_fields=["sha256", "size", "stamp", "verified_at"],
        )
