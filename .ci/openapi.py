"""Fails when openapi.json is not what the code says."""

import subprocess
import sys
import tempfile
from pathlib import Path

COMMITTED = Path("openapi.json")


def main() -> int:
    """Exit status 0 when the committed document is the code's, else 1."""
    with tempfile.TemporaryDirectory() as folder:
        fresh = Path(folder) / "openapi.json"
        options = ["--format", "openapi-json", "--validate", "--fail-on-warn", "--file", str(fresh)]
        made = subprocess.run([sys.executable, "manage.py", "spectacular", *options], check=False)
        if made.returncode:
            return 1
        if COMMITTED.exists() and COMMITTED.read_bytes() == fresh.read_bytes():
            return 0
    sys.stdout.write("openapi.json differs from the code: run `make openapi`.\n")
    return 1


if __name__ == "__main__":
    raise SystemExit(main())
