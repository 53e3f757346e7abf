"""One machine, nothing set: SQLite, a broker of files, generated keys in the data directory."""

from config.settings.base import *  # noqa: F403 - a settings module extends its base
from config.settings.base import DATA_DIR, broker_settings, database, env
from config.settings.keys import generated_keys

DATABASES = {"default": database(env.str("SLIPWAY_DATABASE_URL", default=""), DATA_DIR)}
globals().update(broker_settings(env.str("SLIPWAY_REDIS_URL", default=""), DATA_DIR))

_keys = generated_keys(DATA_DIR)
SECRET_KEY = env.str("SLIPWAY_SECRET_KEY", default=_keys.secret_key)
ENCRYPTION_KEYS: list[str] = env.list("SLIPWAY_ENCRYPTION_KEYS", default=_keys.encryption_keys)
