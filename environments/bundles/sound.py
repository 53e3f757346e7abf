"""A bundle that was found sound, and its hooks as they were then: whoever runs them asks here."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from config.core.errors import ArtifactChecksumMismatch
from environments.bundles import inside
from environments.bundles.inside import Hashed
from environments.bundles.layout import LIBRARIES, MAX_TEXT_BYTES
from environments.bundles.model import Bundle
from environments.bundles.problems import MISMATCH, Problem, as_data


@dataclass(frozen=True)
class Sound:
    """`root` is resolved. `texts`: the digest of every hook, library and template, by path.
    `hashed`: the bundle's artifacts that were read for this, not those that were known already."""

    root: Path
    bundle: Bundle
    texts: Mapping[str, str]
    hashed: Mapping[str, Hashed]

    def read(self, path: str) -> bytes:
        """A hook, library or template, byte for byte what was verified.

        Raises `ArtifactChecksumMismatch` when it is something else by now, or gone.
        """
        try:
            content = inside.read(self.root, path, MAX_TEXT_BYTES + 1)
        except OSError as error:
            raise _changed(path, f"can't be read: {error.strerror}") from error
        actual = hashlib.sha256(content).hexdigest()
        if actual != self.texts.get(path):
            raise _changed(path, f"changed after it was verified: its sha256 is {actual}")
        return content

    def support_files(self) -> dict[str, bytes]:
        """What lies beside every hook, by file name: shared libraries and declared templates."""
        libraries = [p for p in self.texts if str(PurePosixPath(p).parent) == LIBRARIES]
        paths = [
            *(path for path in sorted(libraries) if path.endswith(".sh")),
            *(template.path for template in self.bundle.templates),
        ]
        return {PurePosixPath(path).name: self.read(path) for path in paths}


def _changed(path: str, text: str) -> ArtifactChecksumMismatch:
    errors = as_data([Problem(MISMATCH, path, 0, text)])
    return ArtifactChecksumMismatch(f"{path} {text}.", artifacts=[path], errors=errors)
