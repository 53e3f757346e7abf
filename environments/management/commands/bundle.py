"""`manage.py bundle build | verify | list`: bundle roots from the command line."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from config.core.errors import DomainError
from environments.bundles.build import BuildFailed, build
from environments.bundles.manifest import load
from environments.bundles.problems import as_data
from environments.bundles.verify import verify

SOURCE = Path(settings.BASE_DIR) / "script"


class Command(BaseCommand):
    help = "Builds bundles, verifies a bundle root, lists what is in it."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        builds = actions.add_parser("build", help="put a bundle of script/ into the root")
        builds.add_argument("name")
        builds.add_argument("--from", dest="source_dir", type=Path, help="files that you bring")
        verifies = actions.add_parser("verify", help="exit 0 when all holds, else 1")
        verifies.add_argument("--json", dest="as_json", action="store_true")
        lists = actions.add_parser("list", help="the bundles of the root")
        for action in (builds, verifies, lists):
            action.add_argument("--root", type=Path, default=settings.BUNDLE_ROOT)

    def handle(self, *_args: Any, action: str, **options: Any) -> None:
        try:
            getattr(self, f"_{action}")(**options)
        except BuildFailed as error:
            raise CommandError(str(error)) from error
        except DomainError as error:
            lines = [_line(problem) for problem in error.data.get("errors", [])]
            raise CommandError("\n".join([error.message, *lines])) from error

    def _build(self, *, name: str, root: Path, source_dir: Path | None, **_rest: Any) -> None:
        build(
            name,
            root=root,
            source=SOURCE,
            source_dir=source_dir,
            cache=settings.DATA_DIR / "cache" / "bundles",
            say=self.stdout.write,
        )

    def _verify(self, *, root: Path, as_json: bool, **_rest: Any) -> None:
        errors = as_data(verify(root))
        if as_json:
            self.stdout.write(json.dumps({"ok": not errors, "errors": errors}))
        else:
            self.stdout.write("\n".join(map(_line, errors)) or f"{root}: all holds")
        if errors:
            sys.exit(1)

    def _list(self, *, root: Path, **_rest: Any) -> None:
        for bundle in load(root):
            platforms = ", ".join(f"{p.os} {p.release} {p.arch}" for p in bundle.platforms)
            megabytes = sum(artifact.size for artifact in bundle.artifacts) / 1e6
            self.stdout.write(
                f"{bundle.name} {bundle.version}  {bundle.runtime}  {platforms}  "
                f"{len(bundle.artifacts)} artifacts, {megabytes:.1f} MB"
            )


def _line(problem: dict[str, Any]) -> str:
    where = f"{problem['path']}:{problem['line']}" if problem["line"] else problem["path"]
    return f"{where}: {problem['code']}: {problem['message']}"
