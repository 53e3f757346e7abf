"""50 hosts x 10 steps of 20 output lines, a step on all hosts before the next: the whole
orchestration, against who keeps nothing of it.

The peers are a loop over kept paramiko connections, pyinfra, and ansible's `script`.
"""

from __future__ import annotations

from tests.benchmarks import Row
from tests.benchmarks._ssh_children import rows_of


def main() -> list[Row]:
    """A row for each peer; how time grows with the number of hosts goes to stderr."""
    return rows_of("_ssh_steps_run")
