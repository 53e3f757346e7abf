"""What an image's reference says about it."""

from __future__ import annotations


def moves(reference: str) -> bool:
    """Whether the same reference can be another image tomorrow without anybody renaming it."""
    if "@sha256:" in reference or reference.startswith("sha256:"):
        return False
    tag = reference.rpartition("/")[2].partition(":")[2]
    return tag in ("", "latest")
