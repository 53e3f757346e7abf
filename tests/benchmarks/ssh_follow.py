"""Following a log: lines a second from a host to the database, and how soon a reader sees a line.

The peer is paramiko alone, which reads the same output and keeps nothing.
"""

from __future__ import annotations

from tests.benchmarks import Row
from tests.benchmarks._ssh_children import rows_of


def main() -> list[Row]:
    """Seconds for a million lines, against the goal of 50,000 a second; and the latency."""
    return rows_of("_ssh_follow_run")
