"""All settings of TicketDesk, from the environment; see README.md, "Configuration"."""

from pathlib import Path

import dj_database_url
from django.utils.translation import gettext_lazy as _
from whitenoise.compress import Compressor

from ticketdesk import environment as env
from ticketdesk.logs import LOGGING  # noqa: F401

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = Path(env.text("VAR_DIR", str(BASE_DIR / "var")))

DEBUG = env.flag("DEBUG", False)
SECRET_KEY = env.text("SECRET_KEY")
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]")
BASE_URL = env.text("BASE_URL", "http://localhost:8000")
CSRF_TRUSTED_ORIGINS = env.words("CSRF_TRUSTED_ORIGINS", BASE_URL)
HTTPS = env.flag("HTTPS", True)

# --- who is who -----------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = True
ACCOUNT_ADAPTER = "ticketdesk.accounts.adapter.ClosedAdapter"
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_RATE_LIMITS = {
    "login": "30/m/ip",
    "login_failed": "10/m/ip,5/5m/key",
    "reset_password": "20/m/ip,5/m/key",
    "change_password": "5/m/user",
    "reauthenticate": "10/m/user",
}
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "board"
PII_KEYS = env.keys("PII_KEYS")
PII_ACTIVE_KEY = env.text("PII_ACTIVE_KEY", next(iter(PII_KEYS)))
PII_INDEX_KEY = env.key("PII_INDEX_KEY")

# --- what is installed ----------------------------------------------------------------------------------------------
INSTALLED_APPS = [
    "ticketdesk.apps.TicketDeskConfig",
    "ticketdesk.accounts",
    "ticketdesk.outbox",
    "orders",
    "tickets",
    "sla",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "template_partials",
    "django.contrib.humanize",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
]
MIDDLEWARE = [
    "ticketdesk.logs.RequestLogMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "ticketdesk.middleware.SecurityHeadersMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "ticketdesk.accounts.middleware.PreferencesMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]
ROOT_URLCONF = "ticketdesk.urls"
WSGI_APPLICATION = "ticketdesk.wsgi.application"
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
                "ticketdesk.context.shell",
            ],
        },
    }
]

# --- where rows live ------------------------------------------------------------------------------------------------
STATEMENT_TIMEOUT_S = env.number("STATEMENT_TIMEOUT_S", 30)
DATABASES = {
    "default": dj_database_url.parse(
        env.text("DATABASE_URL"), conn_max_age=env.number("CONN_MAX_AGE", 300), conn_health_checks=True
    )
}
DATABASES["default"].setdefault("OPTIONS", {}).update(
    {
        "connect_timeout": 2,
        "options": f"-c statement_timeout={STATEMENT_TIMEOUT_S * 1000} -c lock_timeout=5000"
        # A page out of order costs no more than one in order, on flash and in memory alike.
        " -c random_page_cost=1.1"
        # Compiling a statement takes longer than any of ours.
        " -c jit=off",
    }
)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
REDIS_URL = env.text("REDIS_URL")
# Sign-in limits must hold when Redis is gone, and across web processes: they are counted in PostgreSQL.
CACHES = {"default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "cache"}}
SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_AGE = 7 * 24 * 3600

# --- what must not leak ---------------------------------------------------------------------------------------------
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^livez$", r"^readyz$", r"^metrics$"]
SECURE_HSTS_SECONDS = 31536000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if env.flag("BEHIND_PROXY", False) else None
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
METRICS_TOKEN = env.text("METRICS_TOKEN", "")
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
# Raw messages of sources are kept so long, to read them again.
INBOUND_DAYS = env.number("INBOUND_DAYS", 30)
# How often one address, and one order's link, may ask for the buyer's page.
TRACK_RATE = env.text("TRACK_RATE", "60/min")
IMPORT_MAX_BYTES = env.number("IMPORT_MAX_MB", 256) * 1024 * 1024
DOCUMENT_MAX_BYTES = env.number("DOCUMENT_MAX_MB", 10) * 1024 * 1024

# --- languages and times --------------------------------------------------------------------------------------------
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("zh-hans", "简体中文"), ("zh-hant", "繁體中文")]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_TZ = True
TIME_ZONE = "UTC"

# --- files ----------------------------------------------------------------------------------------------------------
STATIC_URL = "static/"
STATIC_ROOT = Path(env.text("STATIC_ROOT", str(BASE_DIR / "staticfiles")))
MEDIA_ROOT = Path(env.text("MEDIA_ROOT", str(VAR_DIR / "media")))
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}

WHITENOISE_KEEP_ONLY_HASHED_FILES = True
WHITENOISE_SKIP_COMPRESS_EXTENSIONS = [*Compressor.SKIP_COMPRESS_EXTENSIONS, "map"]

# --- mail -----------------------------------------------------------------------------------------------------------
EMAIL_BACKEND = env.text("EMAIL_BACKEND", "django.core.mail.backends.console.EmailBackend")
EMAIL_HOST = env.text("EMAIL_HOST", "localhost")
EMAIL_PORT = env.number("EMAIL_PORT", 25)
EMAIL_HOST_USER = env.text("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = env.text("EMAIL_HOST_PASSWORD", "")
EMAIL_USE_TLS = env.flag("EMAIL_USE_TLS", False)
EMAIL_TIMEOUT = 10
# Where the file backend puts letters that must not leave the machine.
EMAIL_FILE_PATH = VAR_DIR / "mail"
DEFAULT_FROM_EMAIL = env.text("DEFAULT_FROM_EMAIL", "TicketDesk <desk@localhost>")
# Webhooks may go to this machine itself: for a gateway that runs beside the desk.
HOOKS_TO_LOOPBACK = env.flag("HOOKS_TO_LOOPBACK", False)

# --- the line of work -----------------------------------------------------------------------------------------------
# Called with a list of (ticket, events) inside the transaction that wrote them.
TICKET_LISTENERS = ["sla.clocks.on_ticket_events"]
# Called with a shop's id; each says whether somebody works with that shop now, so that its clock must not be stopped.
SHOP_AT_WORK = ["tickets.selectors.has_live_tickets"]
# Figures of one's own, laid over tickets/losses.toml: what a ticket may cost, by which work is sorted.
LOSSES_FILE = env.text("LOSSES_FILE", "")
# Called with shops' ids; gives each shop's business calendar, on which orders are planned.
ORDER_CALENDAR = "sla.planning.planners_of"
# Who finds words and address of a delivery when it is due, by its audience: called with (delivery, now).
OUTBOX_COMPOSERS = {
    "user": "ticketdesk.outbox.services.compose_for_user",
    "buyer": "orders.services.letters.compose",
}
# Called with (order, kind of notice, now): a reason's code while buyers must not be told single notices, else "".
NOTICE_MUTES = ["orders.services.incidents.mute"]
# Every sweep may run anywhere, any number of times, overlapping; the standby ticker runs them when no worker does.
SWEEPS = [
    "orders.services.inbound.take_in_until_idle",
    "orders.services.folding.fold_until_idle",
    "orders.services.remapping.remap_until_idle",
    "orders.services.polling.ask_until_idle",
    "orders.services.housekeeping.keep_house_daily",
    "orders.services.sweep.sweep_until_idle",
    "orders.services.stocking.sweep.sweep_until_idle",
    "orders.services.surging.sweep_until_idle",
    "tickets.incidents.sweep_until_idle",
    "tickets.intake.sweep_until_idle",
    "tickets.services.wake_waiting",
    "tickets.valuing.sweep_until_idle",
    "sla.services.sweep_until_idle",
    "ticketdesk.outbox.services.sweep_until_idle",
]

# --- interfaces for programs ----------------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "ticketdesk.accounts.api.ApiKeyAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["ticketdesk.accounts.api.HasScope"],
    "DEFAULT_PARSER_CLASSES": ["ticketdesk.api.StrictJSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_FILTER_BACKENDS": ["ticketdesk.api.StrictFilterBackend"],
    "DEFAULT_PAGINATION_CLASS": "ticketdesk.api.KeysetPagination",
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_THROTTLE_CLASSES": ["ticketdesk.api.PrincipalThrottle"],
    "DEFAULT_THROTTLE_RATES": {"principal": env.text("API_RATE", "1200/min")},
    "EXCEPTION_HANDLER": "ticketdesk.api.problem",
    "NUM_PROXIES": env.number("NUM_PROXIES", 0),
}
SPECTACULAR_SETTINGS = {
    "TITLE": "TicketDesk API",
    "DESCRIPTION": "Orders, parcels, anomalies, tickets and their clocks.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "ENUM_NAME_OVERRIDES": {
        "AnomalyState": "orders.models.Anomaly.State",
        "HandoverState": "tickets.models.Handover.State",
        "MessageKind": "tickets.models.Message.Kind",
        "OrderStatus": "orders.models.Order.Status",
        "PromiseChannel": "orders.models.Promise.Channel",
        "TicketChannel": "tickets.models.Ticket.Channel",
        "TicketKind": "tickets.models.Ticket.Kind",
        "TicketStatus": "tickets.models.Ticket.Status",
    },
}

# --- wake-ups -------------------------------------------------------------------------------------------------------
CELERY_BROKER_URL = REDIS_URL
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_TIME_LIMIT = 120
CELERY_TASK_SOFT_TIME_LIMIT = 90
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 20
CELERY_WORKER_MAX_TASKS_PER_CHILD = 500
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_ACCEPT_CONTENT = ["json"]
# Workers log as LOGGING says, through the scrubber of personal data.
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 300,
    "unacked_restore_interval": 10,
    "unacked_restore_throttle": 1,
    "socket_timeout": 5,
    "socket_connect_timeout": 2,
}

BRAND = _("TicketDesk")
