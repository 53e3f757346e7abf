"""What every installation shares. Values come from the environment, prefix `SLIPWAY_`."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import django_stubs_ext
import environ

from config.settings.networks import NEVER, allowed_networks, denied_networks
from config.settings.previews import preview_ttls

django_stubs_ext.monkeypatch()  # Django's classes take type parameters at run time too

env = environ.Env()
BASE_DIR = Path(__file__).resolve().parents[2]
DATA_DIR = Path(env.str("SLIPWAY_DATA_DIR", default=str(BASE_DIR / "var"))).resolve()
BUNDLE_ROOT = Path(env.str("SLIPWAY_BUNDLE_ROOT", default=str(DATA_DIR / "bundles"))).resolve()
# Where Slipway keeps its things on the hosts it manages: runs/, artifacts/, releases/.
REMOTE_DIR = env.str("SLIPWAY_REMOTE_DIR", default="/var/lib/slipway")

DEBUG = env.bool("SLIPWAY_DEBUG", default=False)
ALLOWED_HOSTS: list[str] = env.list("SLIPWAY_ALLOWED_HOSTS", default=["localhost", "127.0.0.1"])
PREVIEW_TTLS = preview_ttls(env.str("SLIPWAY_PREVIEW_TTL_SECONDS", default="1800"))
# Where no cluster is, whatever name leads there.
CLUSTER_DENIED_NETWORKS = denied_networks(env.str("SLIPWAY_CLUSTER_DENIED_NETWORKS", default=NEVER))
# Where people find this installation: notifications link there.
PUBLIC_URL = env.str("SLIPWAY_PUBLIC_URL", default="http://127.0.0.1:8000").rstrip("/")
# Where notifications may go besides public addresses.
NOTIFICATION_ALLOWED_NETWORKS = allowed_networks(
    env.str("SLIPWAY_NOTIFICATION_ALLOWED_NETWORKS", default="")
)
LEASE_TTL = timedelta(seconds=env.int("SLIPWAY_LEASE_SECONDS", default=30))
RECONCILE_SECONDS = env.int("SLIPWAY_RECONCILE_SECONDS", default=10)
# How long a host may be unreachable before its running step is given up on.
HOST_PATIENCE = timedelta(seconds=env.int("SLIPWAY_HOST_PATIENCE_SECONDS", default=60))
# How often the hosts of environments in use are looked at.
NODE_CHECK_SECONDS = env.int("SLIPWAY_NODE_CHECK_SECONDS", default=300)
# The most that is kept of what one step says, in bytes.
STEP_LOG_BYTES = env.int("SLIPWAY_STEP_LOG_BYTES", default=256 << 20)
# How long a release may take to become healthy on a cluster, and how often that is looked at.
ROLLOUT_SECONDS = env.int("SLIPWAY_ROLLOUT_SECONDS", default=600)
ROLLOUT_POLL_SECONDS = 1.0

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "rest_framework",
    "django_filters",
    "guardian",
    "knox",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "config.core",
    "config.notifications",
    "approvals",
    "clusters",
    "environments",
    "deployments",
]
MIDDLEWARE = [
    "config.core.middleware.RequestIdMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "config.core.middleware.ContentSecurityPolicyMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "config.urls"
ASGI_APPLICATION = "config.asgi.application"
APPEND_SLASH = False
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

AUTH_USER_MODEL = "core.User"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "guardian.backends.ObjectPermissionBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
ANONYMOUS_USER_NAME = None  # guardian: anonymous callers have no row and no permission
KNOX_TOKEN_MODEL = "core.APIToken"  # noqa: S105 - a model's name
REST_KNOX = {"TOKEN_PREFIX": "slw_", "TOKEN_TTL": timedelta(days=90)}

LANGUAGE_CODE = "en"
USE_TZ = True
TIME_ZONE = "UTC"

STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
SPA_DIR = BASE_DIR / "frontend" / "dist"
STATICFILES_DIRS = [SPA_DIR] if SPA_DIR.is_dir() else []
# Vite names what it builds by content: browsers may keep it for good.
WHITENOISE_IMMUTABLE_FILE_TEST = r"^/static/assets/"

SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "config.core.api.errors.csrf_failure"
SECURE_CONTENT_TYPE_NOSNIFF = True
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 4 * 1024 * 1024

REST_FRAMEWORK: dict[str, Any] = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "config.core.api.authentication.TokenAuthentication",
        "config.core.api.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["config.core.api.authentication.TokenScope"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["config.core.api.parsers.JSONParser"],
    "DEFAULT_FILTER_BACKENDS": ["config.core.api.filters.StrictFilterBackend"],
    "DEFAULT_PAGINATION_CLASS": "config.core.api.pagination.NewestFirst",
    "DEFAULT_SCHEMA_CLASS": "config.core.api.schema.SlipwaySchema",
    "EXCEPTION_HANDLER": "config.core.api.errors.handle",
    "DEFAULT_THROTTLE_RATES": {"login": "20/min"},
    # Proxies before Slipway: as many of X-Forwarded-For's addresses are believed.
    "NUM_PROXIES": env.int("SLIPWAY_PROXIES", default=0),
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS: dict[str, Any] = {
    "TITLE": "Slipway",
    "DESCRIPTION": "Deployment management: from bare machines to governed releases.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "COMPONENT_SPLIT_REQUEST": True,
    "SCHEMA_PATH_PREFIX": r"/api/v1",
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "ENUM_NAME_OVERRIDES": {
        "LifecycleStateEnum": "deployments.lifecycle.STATES",
        "ApprovalStatusEnum": "approvals.models.ItemStatus",
        "EnvironmentStatusEnum": "environments.models.EnvironmentStatus",
        "TaskStatusEnum": "environments.models.TaskStatus",
        "StepStatusEnum": "environments.models.StepStatus",
        "RuntimeTypeEnum": "environments.models.RuntimeType",
        "RiskLevelEnum": "config.core.risk.RiskLevel",
        "ReleaseKindEnum": "deployments.models.Kind",
        "CredentialKindEnum": "environments.models.CredentialKind",
        "TaskKindEnum": "environments.models.TaskKind",
        "PolicyActionEnum": "approvals.models.PolicyAction",
        "DiffActionEnum": "deployments.release_serializers.DIFF_ACTIONS",
        "NodeRoleEnum": "environments.models.NodeRole",
        "RoleEnum": "config.core.roles.NAMES",
        "SourceEnum": "config.core.models.Source",
        "ClusterSourceEnum": "clusters.models.ClusterSource",
        "ClusterStatusEnum": "clusters.models.ClusterStatus",
        "ChannelKindEnum": "config.notifications.models.ChannelKind",
        "DeliveryStatusEnum": "config.notifications.models.DeliveryStatus",
        "NotificationEventEnum": "config.notifications.models.NotificationEvent",
    },
    "POSTPROCESSING_HOOKS": ["drf_spectacular.hooks.postprocess_schema_enums"],
}

CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = False  # the lease decides who runs again, never the broker
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BEAT_SCHEDULE = {
    name: {"task": name, "schedule": RECONCILE_SECONDS, "options": {"expires": RECONCILE_SECONDS}}
    for name in (
        "approvals.tasks.keep_time",
        "config.notifications.tasks.reconcile",
        "environments.tasks.reconcile",
        "deployments.tasks.reconcile",
    )
} | {
    "environments.look_after_nodes": {
        "task": "environments.tasks.look_after_nodes",
        "schedule": min(60, NODE_CHECK_SECONDS),
        "options": {"expires": 60},
    },
    "core.forget": {"task": "config.core.tasks.forget_old_answers", "schedule": 3600},
    "notifications.forget": {"task": "config.notifications.tasks.forget_old", "schedule": 3600},
}

LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "config.core.logging.JSONFormatter"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"handlers": ["stderr"], "level": "INFO"},
    "loggers": {
        "django.server": {"handlers": [], "propagate": True},
        "paramiko": {"level": "WARNING"},
        # Four reconcilers every ten seconds would be most of the log.
        "celery.app.trace": {"level": "WARNING"},
        "celery.beat": {"level": "WARNING"},
        "celery.worker.strategy": {"level": "WARNING"},
    },
}


def broker_settings(redis_url: str, data_dir: Path) -> dict[str, Any]:
    """Celery's broker: Redis where its URL is set, else files below the data directory."""
    if redis_url:
        return {
            "CELERY_BROKER_URL": redis_url,
            # A silent Redis must not hang a request: publishing fails fast, the reconciler repeats.
            "CELERY_BROKER_TRANSPORT_OPTIONS": {"socket_timeout": 2, "socket_connect_timeout": 2},
        }
    queue = data_dir / "broker"
    for folder in (queue / "messages", queue / "control"):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return {
        "CELERY_BROKER_URL": "filesystem://",
        "CELERY_BROKER_TRANSPORT_OPTIONS": {
            "data_folder_in": str(queue / "messages"),
            "data_folder_out": str(queue / "messages"),
            "control_folder": str(queue / "control"),
            "polling_interval": 0.2,
        },
    }


def sqlite(path: Path) -> dict[str, Any]:
    """A SQLite database that readers and one writer share without `database is locked`."""
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": path,
        "OPTIONS": {
            "timeout": 20,
            "transaction_mode": "IMMEDIATE",
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
        },
    }


def database(url: str, data_dir: Path) -> dict[str, Any]:
    if not url:
        data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        return sqlite(data_dir / "slipway.sqlite3")
    return {**environ.Env.db_url_config(url), "CONN_HEALTH_CHECKS": True, "CONN_MAX_AGE": 60}
