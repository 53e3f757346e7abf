"""Tests: a data directory of their own; SQLite unless the environment names other services."""

import tempfile
from pathlib import Path

from cryptography.fernet import Fernet

from config.settings.base import *  # noqa: F403 - a settings module extends its base
from config.settings.base import REST_FRAMEWORK, broker_settings, database, env

DATA_DIR = Path(tempfile.mkdtemp(prefix="slipway-test-"))
BUNDLE_ROOT = DATA_DIR / "bundles"
STATIC_ROOT = DATA_DIR / "static"
SECRET_KEY = "tests-only"  # noqa: S105 - guards nothing
ENCRYPTION_KEYS = [Fernet.generate_key().decode()]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # fast; guards nothing

DATABASES = {"default": database(env.str("SLIPWAY_DATABASE_URL", default=""), DATA_DIR)}
globals().update(broker_settings(env.str("SLIPWAY_REDIS_URL", default=""), DATA_DIR))
REST_FRAMEWORK = {**REST_FRAMEWORK, "DEFAULT_THROTTLE_RATES": {"login": "1000/min"}}
