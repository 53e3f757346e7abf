"""Keys for an installation that was given none: made once, kept in the data directory."""

import json
import os
import secrets
from pathlib import Path
from typing import NamedTuple

from cryptography.fernet import Fernet


class Keys(NamedTuple):
    secret_key: str
    encryption_keys: list[str]


def generated_keys(data_dir: Path) -> Keys:
    """The keys in `data_dir/keys.json` (mode 0600), made by whichever process comes first."""
    path = data_dir / "keys.json"
    if not path.exists():
        data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        fresh = Keys(secrets.token_urlsafe(50), [Fernet.generate_key().decode()])
        draft = data_dir / f".keys.{os.getpid()}"
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            json.dump(fresh._asdict(), file)
        try:
            os.link(draft, path)  # atomic, and fails where another process was first
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return Keys(**json.loads(path.read_text()))
