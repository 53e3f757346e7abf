"""`python -m tests.lab up N [--json] | down | status | image`."""

import argparse
import json
import sys
from pathlib import Path

from tests.lab import Lab, LabError, unavailable_reason
from tests.lab.hostimage import ensure_image
from tests.lab.locks import CACHE


def main(argv: list[str] | None = None) -> int:
    """Run one command; exit status 0, or 1 with the reason on standard error."""
    parser = argparse.ArgumentParser(prog="python -m tests.lab", description=__doc__)
    parser.add_argument("--name", default="lab", help="which lab (default: %(default)s)")
    parser.add_argument("--state", type=Path, default=CACHE, help="where its key is kept")
    commands = parser.add_subparsers(dest="command", required=True)
    up = commands.add_parser("up", help="have hosts 1 to N run")
    up.add_argument("count", type=int, metavar="N")
    up.add_argument("--json", action="store_true", help="print the hosts as JSON")
    commands.add_parser("down", help="remove all of the lab's containers, volumes and networks")
    commands.add_parser("status", help="list the hosts")
    commands.add_parser("image", help="build the host image, unless it is there")
    options = parser.parse_args(argv)
    if reason := unavailable_reason():
        sys.stderr.write(f"no lab here: {reason}\n")
        return 1
    try:
        sys.stdout.write(run(options))
    except LabError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


def run(options: argparse.Namespace) -> str:
    """Do what was asked; return what to print."""
    lab = Lab(options.state, options.name)
    if options.command == "up":
        hosts = lab.up(options.count)
        if options.json:
            return json.dumps([host.as_json() for host in hosts], indent=2) + "\n"
        return "".join(
            f"{host.name}  ssh -i {host.key_path} {host.user}@{host.address} -p {host.port}"
            f"  {host.fingerprint}\n"
            for host in hosts
        )
    if options.command == "status":
        return "".join(f"{name}  {state}\n" for name, state in lab.status())
    if options.command == "down":
        lab.down()
        return ""
    return f"{ensure_image()}\n"


if __name__ == "__main__":
    raise SystemExit(main())
