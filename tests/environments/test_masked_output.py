"""However a hook's output is cut into pieces, what is stored is what one piece would have given."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from config.core.leases import Lease
from config.core.secrets import Redactor, Secret
from environments.install.hooks import HookRunner
from environments.models import EnvironmentInstallLog, EnvironmentInstallTask, InstallStep

KNOWN = "hunter2-and-more"
TOLD = "tell-nobody-of-this"
OUTPUT = b"".join(
    [
        b"plain \x1b[1mbold\x1b[0m\n",
        f"user:{KNOWN}!\n".encode(),
        base64.b64encode(f"x{KNOWN}yz".encode()) + b"\n",
        f"::slipway secret JOIN={TOLD}\n".encode(),
        f"it is {TOLD}, twice: {TOLD}".encode() + b"\n",
        base64.b64encode(f"ab{TOLD}".encode()) + b" \xff\0\n",
        b"hunter2-and-les\nhunter2",
    ]
)


@dataclass(frozen=True, kw_only=True)
class Kept(HookRunner):
    """Keeps what it would store in memory."""

    data: bytearray = field(default_factory=bytearray)

    def keep(self, step: Any, data: bytes) -> bool:  # noqa: ARG002 - there is one step
        self.data.extend(data)
        return True

    def _learn(self, step: Any, ready: bytes, found: Any) -> None:
        assert [(said.name, said.value) for said in found] == [("JOIN", TOLD)]
        self.keep(step, ready)


def kept(pieces: Iterator[bytes]) -> bytes:
    runner = Kept(
        lease=Lease(EnvironmentInstallTask, 1, 1),
        log_model=EnvironmentInstallLog,
        redactor=Redactor([Secret(KNOWN)]),
        connect=lambda _: None,  # type: ignore[arg-type,return-value]  # no host is asked
    )
    runner.take(InstallStep(), pieces)
    return bytes(runner.data)


def cut_at(places: list[int]) -> Iterator[bytes]:
    ends = [0, *sorted(set(places)), len(OUTPUT)]
    return (OUTPUT[start:end] for start, end in pairwise(ends))


@given(st.lists(st.integers(1, len(OUTPUT) - 1), max_size=40))
def test_any_cut_stores_the_same(places: list[int]) -> None:
    assert kept(cut_at(places)) == kept(iter([OUTPUT]))


def test_nothing_of_a_secret_is_stored() -> None:
    data = kept(iter([OUTPUT]))
    assert len(data) == len(OUTPUT)
    for secret in (KNOWN, TOLD):
        assert secret.encode() not in data
        for shift in range(3):
            assert base64.b64encode(b"\0" * shift + secret.encode())[4:-4] not in data
    assert data.startswith(b"plain \x1b[1mbold\x1b[0m\nuser:****************!\n")
    assert data.endswith(b" \xff\0\nhunter2-and-les\nhunter2")
