"""Are the bytes of a root's files what is written of them?

Hooks and templates are read whole and once, so that what was hashed is what was parsed; everything
else is hashed in pieces, in constant memory.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from environments.bundles import inside, scripts, templates
from environments.bundles.inside import Hashed
from environments.bundles.layout import MAX_TEXT_BYTES, Sums
from environments.bundles.model import Artifact, Bundle
from environments.bundles.problems import MISMATCH, MISSING, Problem

# Artifacts as they were when they were hashed before, by path: what has its stamp still, and should
# have that digest, is not read again.
Known = Mapping[str, Hashed]


class Reading:
    """Reads files of a root one by one, and keeps what it finds.

    `problems`; `hashed`: the artifacts that were read, and are what the index says; `texts`: the
    digests of the hooks, libraries and templates.
    """

    def __init__(self, root: Path, sums: Sums, bundles: Sequence[Bundle], known: Known) -> None:
        self._root = root
        self._sums = sums
        self._bundles = bundles
        self._known = known
        self.problems: list[Problem] = []
        self.hashed: dict[str, Hashed] = {}
        self.texts: dict[str, str] = {}

    def artifact(self, artifact: Artifact, status: os.stat_result) -> None:
        """One of the wrong size is not read: it is told already, and nothing would prove more."""
        path = artifact.path
        if status.st_size != artifact.size:
            return
        if self._known.get(path) == Hashed(artifact.sha256, inside.stamp(status)):
            return
        if hashed := self._hash(path, status, artifact.line):
            if hashed.sha256 == artifact.sha256:
                self.hashed[path] = hashed
            self.compare(path, hashed.sha256, artifact)

    def text(self, path: str, status: os.stat_result) -> None:
        """A hook, library or template; one that is too large is not read."""
        if status.st_size > MAX_TEXT_BYTES:
            return
        try:
            content = inside.read(self._root, path, MAX_TEXT_BYTES + 1)
        except OSError as error:
            self._unreadable(path, error, self._line(path))
            return
        self.texts[path] = hashlib.sha256(content).hexdigest()
        self.compare(path, self.texts[path])
        if scripts.is_script(path):
            self.problems += scripts.check_one(path, content)
        if templates.is_template(path) and self._bundles:  # else nobody knows what is declared
            self.problems += templates.check_one(path, content, self._bundles)

    def other(self, path: str, status: os.stat_result) -> None:
        """A file that only SHA256SUMS names."""
        if hashed := self._hash(path, status, self._line(path)):
            self.compare(path, hashed.sha256)

    def compare(self, path: str, actual: str, artifact: Artifact | None = None) -> None:
        """Is that digest what is written of the file? Where index and SHA256SUMS differ, either is
        good enough: that they do is told already."""
        expected = {entry.sha256 for entry in (artifact, self._sums.get(path)) if entry}
        if expected and actual not in expected:
            line = artifact.line if artifact else self._line(path)
            self.problems.append(Problem(MISMATCH, path, line, f"the file's sha256 is {actual}"))

    def _hash(self, path: str, status: os.stat_result, line: int) -> Hashed | None:
        try:
            return inside.hashed(self._root, path, status.st_size)
        except OSError as error:
            self._unreadable(path, error, line)
            return None

    def _unreadable(self, path: str, error: OSError, line: int) -> None:
        code = MISMATCH if isinstance(error, inside.Changed) else MISSING
        self.problems.append(Problem(code, path, line, f"can't be read: {error.strerror}"))

    def _line(self, path: str) -> int:
        return self._sums[path].line if path in self._sums else 0
