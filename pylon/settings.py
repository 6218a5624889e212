"""The settings. What an operator may set is read here by `pylon.env`; docs/settings.md lists it."""

from __future__ import annotations

import logging.config
import sys
from pathlib import Path
from urllib.parse import urlsplit

import django_stubs_ext
from django.core.exceptions import ImproperlyConfigured
from django.templatetags.static import static
from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict

from pylon import embedded, env, logs, mail

django_stubs_ext.monkeypatch()

BASE_DIR = Path(__file__).resolve().parent.parent
DEBUG = env.boolean("DEBUG")

# Where data lives ─────────────────────────────────────────────────────────────────────────────────────
PYLON_HOME = embedded.home(env.text("PYLON_HOME"), clone=BASE_DIR)
DATABASE_URL = env.url("DATABASE_URL", "", schemes=("postgresql", "postgres"))
REDIS_URL = env.url("REDIS_URL", "", schemes=("redis", "rediss", "unix"))
DATABASE_POOL = env.integer("DATABASE_POOL", 0, most=500)
"""Connections that one process may hold; 0: one persistent connection per thread, right for workers.
The web process sets it (`pylon/asgi.py`), because there every request has a thread of its own."""


def _database(url: str) -> dict[str, object]:
    try:
        parts = conninfo_to_dict(url)
    except ProgrammingError as error:
        raise ImproperlyConfigured(f"DATABASE_URL can't be read: {error}.") from None
    known = {"NAME": "dbname", "USER": "user", "PASSWORD": "password", "HOST": "host", "PORT": "port"}
    database: dict[str, object] = {key: str(parts.pop(name, "") or "") for key, name in known.items()}
    if not database["NAME"]:
        raise ImproperlyConfigured("DATABASE_URL must name a database: postgresql://user:password@host/name.")
    pool = {"pool": {"min_size": 1, "max_size": DATABASE_POOL, "timeout": 10}} if DATABASE_POOL else {}
    return database | {
        "ENGINE": "django.db.backends.postgresql",
        "CONN_MAX_AGE": 0 if DATABASE_POOL else None,
        "CONN_HEALTH_CHECKS": not DATABASE_POOL,
        "OPTIONS": {"connect_timeout": 5, **parts, "application_name": "pylon", **pool},
    }


DATABASES = {"default": _database(DATABASE_URL or embedded.database_url(PYLON_HOME))}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_ADDRESS = REDIS_URL or embedded.redis_url(PYLON_HOME)
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_ADDRESS,
        "KEY_PREFIX": "pylon",
    }
}

# Who may speak to us ──────────────────────────────────────────────────────────────────────────────────
SECRET_KEY = env.text("SECRET_KEY")
if not SECRET_KEY:
    if DATABASE_URL:
        raise ImproperlyConfigured(
            "SECRET_KEY must be set where DATABASE_URL is: all processes need the same one, and it also "
            "encrypts stored credentials. Make one with: python -c 'import secrets; print(secrets.token_urlsafe(50))'"
        )
    SECRET_KEY = env.kept_secret(PYLON_HOME / "secret_key")
SECRET_KEY_FALLBACKS = env.listing("SECRET_KEY_FALLBACKS")

PORT = env.integer("PORT", 8000, least=1, most=65535)
BASE_URL = env.url("BASE_URL", f"http://127.0.0.1:{PORT}", schemes=("http", "https")).rstrip("/")
ALLOWED_HOSTS = env.listing("ALLOWED_HOSTS") or sorted({urlsplit(BASE_URL).hostname or "", "127.0.0.1", "localhost"})
CSRF_TRUSTED_ORIGINS = [BASE_URL]
_https = BASE_URL.startswith("https://")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _https
SESSION_COOKIE_AGE = 30 * 24 * 3600
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if _https else None
SECURE_HSTS_SECONDS = 31_536_000 if _https else 0
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"  # the way back from Slack's sign-in page brings the session along

# Who comes in ─────────────────────────────────────────────────────────────────────────────────────────
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["accounts.sign_in.Backend"]
LOGIN_URL = "sign-in"
LOGIN_REDIRECT_URL = "board"
LOGOUT_REDIRECT_URL = "sign-in"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
ACCOUNT_ADAPTER = "accounts.sign_in.Adapter"
ACCOUNT_FORMS = {"login": "accounts.sign_in.SignInForm", "reset_password": "accounts.sign_in.ForgottenForm"}
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"  # an address comes from an admin, an invitation or Slack
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_EMAIL_SUBJECT_PREFIX = "Pylon: "
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_DEFAULT_HTTP_PROTOCOL = urlsplit(BASE_URL).scheme
ALLAUTH_TRUSTED_PROXY_COUNT = env.integer("TRUSTED_PROXIES", 0, most=10)
MFA_ADAPTER = "pylon.second_factor.Adapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "Pylon"
MFA_ALLOW_UNVERIFIED_EMAIL = True

EMAIL_URL = env.text("EMAIL_URL")
globals().update(mail.settings_of(EMAIL_URL))
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env.text("EMAIL_FROM", f"pylon@{urlsplit(BASE_URL).hostname}")

# The program ──────────────────────────────────────────────────────────────────────────────────────────
INSTALLED_APPS = [
    "unfold",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django_htmx",
    "django_filters",
    "rest_framework",
    "knox",
    "drf_spectacular",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "pylon",
    "accounts",
    "conversations",
    "triage",
    "integrations",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "pylon.middleware.ContentSecurityPolicy",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.middleware.Seats",
    "pylon.middleware.ReadersZone",
    "pylon.languages.ReadersLanguage",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "accounts.middleware.Roles",
]
ROOT_URLCONF = "pylon.urls"
ASGI_APPLICATION = "pylon.asgi.application"
WSGI_APPLICATION = "pylon.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.DjangoTemplates"
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("de", "Deutsch")]
COMPILED_LOCALE = PYLON_HOME / "locale"
LOCALE_PATHS = [COMPILED_LOCALE]
TIME_ZONE = "UTC"
USE_TZ = True
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024

# The browser's packages come from npm (`package.json`); only what a page loads is served.
STATIC_URL = "static/"
STATIC_ROOT = PYLON_HOME / "static"
STATICFILES_DIRS = [
    BASE_DIR / "static",
    *(
        (f"npm/{name}", folder)
        for name, folder in [
            ("sortablejs", BASE_DIR / "node_modules" / "sortablejs"),
            ("chart.js", BASE_DIR / "node_modules" / "chart.js" / "dist"),
        ]
        if folder.is_dir()
    ),
]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if not DEBUG and "pytest" not in sys.modules
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = DEBUG or "pytest" in sys.modules

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "pylon.api_auth.BearerToken",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated", "pylon.api_permission.MayChange"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_PAGINATION_CLASS": "pylon.api.NewestFirst",
    "PAGE_SIZE": 50,
    "DEFAULT_THROTTLE_CLASSES": ["rest_framework.throttling.UserRateThrottle"],
    "DEFAULT_THROTTLE_RATES": {"user": "600/min"},
}
REST_KNOX = {"TOKEN_TTL": None, "AUTH_HEADER_PREFIX": "Bearer"}
SPECTACULAR_SETTINGS = {
    "TITLE": "Pylon",
    "DESCRIPTION": "Conversations with customers in shared Slack channels, their owners and their status.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
}
UNFOLD = {
    "SITE_TITLE": "Pylon",
    "SITE_HEADER": "Pylon",
    "SITE_URL": "/board/",
    "SITE_ICON": lambda _request: static("img/logo.svg"),
}

# Work behind the request ──────────────────────────────────────────────────────────────────────────────
CELERY_BROKER_URL = (
    REDIS_ADDRESS.replace("unix://", "redis+socket://", 1).replace("?db=", "?virtual_host=")
    if REDIS_ADDRESS.startswith("unix://")
    else REDIS_ADDRESS
)
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 600,
    "socket_timeout": 10,
    "socket_connect_timeout": 5,
}
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_TIME_LIMIT = 300
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = "UTC"
# A wake-up may be lost, a row may not: what a wake-up missed, a sweep finds.
SWEEP_SECONDS = env.integer("SWEEP_SECONDS", 15, least=1, most=3600)
CELERY_BEAT_SCHEDULE = {
    "sweep the inbox": {"task": "integrations.drain_inbox", "schedule": SWEEP_SECONDS},
    "sweep unpublished events": {"task": "integrations.publish_events", "schedule": SWEEP_SECONDS},
    "sweep due deliveries": {"task": "integrations.send_deliveries", "schedule": SWEEP_SECONDS},
    "sweep tickets that are due": {"task": "integrations.work_links", "schedule": SWEEP_SECONDS},
    "sweep webhooks of support tools": {"task": "integrations.drain_webhooks", "schedule": SWEEP_SECONDS},
    "poll support tools": {"task": "integrations.poll_tools", "schedule": SWEEP_SECONDS},
    "go on comparing support tools": {"task": "integrations.compare_tools", "schedule": SWEEP_SECONDS},
    "sweep questions to the model": {"task": "integrations.ask_model", "schedule": SWEEP_SECONDS},
    "sweep readings of the past": {"task": "integrations.read_history", "schedule": SWEEP_SECONDS},
    "begin due checks for gaps": {"task": "integrations.check_gaps", "schedule": 60},
    "look who is in triage channels": {"task": "integrations.check_members", "schedule": 60},
    "enter channels by their names": {"task": "integrations.enter_channels", "schedule": 300},
    "send daily digests": {"task": "integrations.send_digests", "schedule": 60},
    "send weekly summaries": {"task": "integrations.send_weeklies", "schedule": 60},
    "remind of what is due": {"task": "triage.remind", "schedule": SWEEP_SECONDS},
    "count for analytics": {"task": "triage.count_figures", "schedule": SWEEP_SECONDS},
    "wake snoozed conversations": {"task": "conversations.wake_snoozed", "schedule": SWEEP_SECONDS},
    "say that a worker lives": {"task": "pylon.beat", "schedule": 10},
}

LOGGING_CONFIG = None  # Django's own would add its handlers to ours
LOG_LEVEL = env.choice("LOG_LEVEL", "INFO", among=("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"))
LOGGING = logs.config(json=logs.wants_json(), level=LOG_LEVEL)
logging.config.dictConfig(LOGGING)

# Slack ────────────────────────────────────────────────────────────────────────────────────────────────
SLACK_API_URL = env.url("SLACK_API_URL", "https://slack.com/api/", schemes=("https", "http"), ends_in="/api/")
SLACK_CLIENT_ID = env.text("SLACK_CLIENT_ID")
SLACK_CLIENT_SECRET = env.text("SLACK_CLIENT_SECRET")
SLACK_SIGNING_SECRET = env.text("SLACK_SIGNING_SECRET")
SLACK_APP_TOKEN = env.text("SLACK_APP_TOKEN")
SLACK_BOT_TOKEN = env.text("SLACK_BOT_TOKEN")
GAP_CHECK_MINUTES = env.integer("GAP_CHECK_MINUTES", 10, most=1440)

# A language model ─────────────────────────────────────────────────────────────────────────────────────
OPENAI_API_KEY = env.text("OPENAI_API_KEY")
OPENAI_BASE_URL = env.url("OPENAI_BASE_URL", "", schemes=("https", "http"))
OPENAI_MODEL = env.text("OPENAI_MODEL", "gpt-4.1-mini")
OPENAI_TIMEOUT = env.integer("OPENAI_TIMEOUT", 20, least=1, most=60)
OPENAI_DAILY_TOKENS = env.integer("OPENAI_DAILY_TOKENS", 1_000_000)
