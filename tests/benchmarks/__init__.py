"""Slipway against its peers, side by side in one run: `make bench`.

Each module of this folder has `main() -> list[Row]`. It measures both sides in the same minutes on
the same machine, since only their ratio means anything, and raises Unavailable when what it needs
isn't there.
"""

from __future__ import annotations

from dataclasses import dataclass


class Unavailable(Exception):
    """A peer or a host is missing; the message says which. The benchmark is listed as skipped."""


@dataclass(frozen=True)
class Row:
    """One line of the table. `ours` and `peer` are in the same `unit`, less is better; `goal` is
    the highest ratio that keeps the promise. `peer` 0 would be no measurement: refused."""

    work: str
    ours: float
    peer: float
    goal: float
    unit: str = "s"

    def __post_init__(self) -> None:
        if self.peer <= 0:
            raise ValueError(f"{self.work}: the peer measured {self.peer} {self.unit}")

    @property
    def ratio(self) -> float:
        return self.ours / self.peer

    @property
    def reached(self) -> bool:
        return self.ratio <= self.goal
