"""Production: refuses to start without its keys, PostgreSQL and Redis."""

from config.settings.base import *  # noqa: F403 - a settings module extends its base
from config.settings.base import DATA_DIR, broker_settings, database, env
from config.settings.networks import LOOPBACK, NEVER, denied_networks

# `env` raises ImproperlyConfigured, naming the variable, where one is missing.
SECRET_KEY = env.str("SLIPWAY_SECRET_KEY")
ENCRYPTION_KEYS: list[str] = env.list("SLIPWAY_ENCRYPTION_KEYS")
DATABASES = {"default": database(env.str("SLIPWAY_DATABASE_URL"), DATA_DIR)}
globals().update(broker_settings(env.str("SLIPWAY_REDIS_URL"), DATA_DIR))

# Beside Slipway itself there is no cluster in production, unless the operator says so.
CLUSTER_DENIED_NETWORKS = denied_networks(
    env.str("SLIPWAY_CLUSTER_DENIED_NETWORKS", default=f"{NEVER},{LOOPBACK}")
)

SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True
CSRF_TRUSTED_ORIGINS: list[str] = env.list("SLIPWAY_TRUSTED_ORIGINS", default=[])
