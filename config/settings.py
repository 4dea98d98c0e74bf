"""Settings: one file, read from the environment. ``docs/configuration.md`` names every variable."""

from pathlib import Path

import dj_database_url
from celery.schedules import crontab

from config import env, logs
from config.supervisor.redis import socket_path

BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = Path(env.text("DATA_DIR", str(BASE_DIR / "data"))).absolute()
APP_URL = env.text("APP_URL", "http://127.0.0.1:8000").rstrip("/")
IS_HTTPS = APP_URL.startswith("https://")

DEBUG = env.flag("DEBUG", default=False)
SECRET_KEY = env.secret("SECRET_KEY", DATA_DIR / "secret_key")
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]")
CSRF_TRUSTED_ORIGINS = env.words("CSRF_TRUSTED_ORIGINS", APP_URL)

INSTALLED_APPS = [
    "config.apps.SiteConfig",
    "dashboard",
    "ingest",
    "evals",
    "catalog",
    "config.apps.SiteAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django_filters",
    "django_htmx",
    "csp",
    "axes",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "dashboard.kept.KeptAnswers",  # before all that only a new answer needs (docs/adr/0110)
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "dashboard.context.frame",
            ]
        },
    }
]

# ---- database -------------------------------------------------------------------------------------------------------
DATABASE_URL = env.text("DATABASE_URL", f"sqlite:///{DATA_DIR / 'db.sqlite3'}")
DATABASES = {"default": dj_database_url.parse(DATABASE_URL, conn_max_age=60)}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # Without IMMEDIATE, writers under WAL fail at once instead of waiting (docs/adr/0004).
    DATABASES["default"]["OPTIONS"] = {
        "timeout": 20,
        "transaction_mode": "IMMEDIATE",
        "init_command": (
            "PRAGMA journal_mode=WAL;PRAGMA synchronous=NORMAL;PRAGMA foreign_keys=ON;PRAGMA cache_size=-16000;"
        ),
    }
else:
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
    DATABASES["default"]["OPTIONS"] = {
        "options": "-c lock_timeout=5s -c statement_timeout=30s -c idle_in_transaction_session_timeout=60s"
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# ---- Redis wakes the workers and keeps computed pages; nothing in it is the only copy ------------------------------
REDIS_URL = env.text("REDIS_URL")  # empty: `manage.py up` starts a server of its own on a socket
REDIS_LOCATION = REDIS_URL or f"unix://{socket_path(DATA_DIR)}?db=0"
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_LOCATION,
        "KEY_PREFIX": "cpd",
        "OPTIONS": {"socket_timeout": 3, "socket_connect_timeout": 3},
    }
}

CELERY_BROKER_URL = env.celery_url(REDIS_LOCATION)
CELERY_RESULT_BACKEND = None  # state lives in our rows
CELERY_TASK_IGNORE_RESULT = True
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_BROKER_CONNECTION_TIMEOUT = 3
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 900,  # longer than the hard limit plus the wait behind one prefetched slice
    "unacked_restore_interval": 10,
    "unacked_restore_throttle": 1,
    "socket_timeout": 10,  # None hangs a publish for ever on a frozen Redis
    "socket_connect_timeout": 3,
    "socket_keepalive": True,
    "health_check_interval": 10,
    "global_keyprefix": "cpd:",
}
CELERY_TASK_PUBLISH_RETRY_POLICY = {"max_retries": 2, "interval_start": 0, "interval_step": 0.1, "interval_max": 0.3}
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_SOFT_TIME_LIMIT = 240
CELERY_TASK_TIME_LIMIT = 300
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = False
CELERY_TASK_DEFAULT_QUEUE = "ops"
CELERY_TASK_ROUTES = {"evals.run_slice": "evals", "ingest.*": "feeds"}
CELERY_WORKER_CONCURRENCY = env.integer("WORKER_CONCURRENCY", 2)
CELERY_WORKER_MAX_TASKS_PER_CHILD = 200
CELERY_WORKER_MAX_MEMORY_PER_CHILD = 400_000
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 0
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_SEND_TASK_EVENTS = False
CELERY_WORKER_DISABLE_RATE_LIMITS = True
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULE_FILENAME = str(DATA_DIR / "beat-schedule")
CELERY_BEAT_SCHEDULE = {
    "warm": {"task": "dashboard.warm", "schedule": 15, "options": {"expires": 14}},
    "heartbeat": {"task": "config.heartbeat", "schedule": 15, "options": {"expires": 14}},
    "reconcile": {"task": "evals.reconcile", "schedule": 30, "options": {"expires": 29}},
    # One that was missed, because nothing ran at night, is made up for at the next start.
    "fit-index": {
        "task": "catalog.fit_index",
        "schedule": crontab(hour=2, minute=43),
        "options": {"expires": 6 * 3600},
    },
    "schedules": {"task": "evals.tick", "schedule": 15, "options": {"expires": 14}},
    "watch": {"task": "evals.watch", "schedule": 60, "options": {"expires": 59}},
    "deliver": {"task": "evals.deliver", "schedule": 15, "options": {"expires": 14}},
    "views": {"task": "dashboard.check_views", "schedule": 60, "options": {"expires": 59}},
    "read-due-feeds": {"task": "ingest.read_due_feeds", "schedule": 60, "options": {"expires": 59}},
}

# ---- pages -----------------------------------------------------------------------------------------------------------
PRICES_OLD_AFTER_DAYS = env.integer("PRICES_OLD_AFTER_DAYS", 7)  # the first page then says how old they are
PAGE_CACHE_S = env.integer("PAGE_CACHE_S", 600)  # how long a computed page is kept; 0 computes every time
API_READS_PER_MINUTE = env.integer("API_READS_PER_MINUTE", 600)  # by address
API_WRITES_PER_MINUTE = env.integer("API_WRITES_PER_MINUTE", 10)  # by token
LANGUAGE_CODE = "en"
FORMAT_MODULE_PATH = "config.formats"
TIME_ZONE = "UTC"
USE_TZ = True
STATIC_URL = "/static/"
STATIC_ROOT = Path(env.text("STATIC_ROOT", str(DATA_DIR / "static"))).absolute()
WHITENOISE_KEEP_ONLY_HASHED_FILES = True  # every page names files by their hash; the others need not be compressed
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "dashboard.finders.PlotlyFinder",
]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "config.static_storage.StaticStorage"},
}

# ---- security -------------------------------------------------------------------------------------------------------
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
AXES_FAILURE_LIMIT = 5
AXES_VERBOSE = False
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_CLIENT_IP_CALLABLE = "config.client_address.client_address"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
SECURE_SSL_REDIRECT = IS_HTTPS
SESSION_COOKIE_SECURE = IS_HTTPS
CSRF_COOKIE_SECURE = IS_HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if IS_HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = IS_HTTPS
SECURE_HSTS_PRELOAD = IS_HTTPS
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]  # asked from inside, without TLS
LOGIN_URL = "admin:login"
BEHIND_PROXY = env.flag("BEHIND_PROXY", default=False)
METRICS_TOKEN = env.text("METRICS_TOKEN")
NINJA_NUM_PROXIES = 1 if BEHIND_PROXY else 0  # else a client could name its own address
if BEHIND_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        # The hash is that of an empty <style>, which plotly.js creates once.
        "style-src": ["'self'", "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='"],
        "img-src": ["'self'", "data:", "blob:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
    }
}

# Master keys of the secrets in the database, the newest first. Empty: one is made in DATA_DIR at the first use.
FIELD_KEYS = env.words("FIELD_KEYS")

# ---- mail: without a server, messages are written to the log ------------------------------------------------------
EMAIL_HOST = env.text("EMAIL_HOST")
EMAIL_PORT = env.integer("EMAIL_PORT", 25)
EMAIL_HOST_USER = env.text("EMAIL_USER")
EMAIL_HOST_PASSWORD = env.text("EMAIL_PASSWORD")
EMAIL_USE_TLS = env.flag("EMAIL_STARTTLS", default=False)
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.text("EMAIL_FROM", "capability-per-dollar@localhost")

# ---- logs -----------------------------------------------------------------------------------------------------------
LOG_LEVEL = env.text("LOG_LEVEL", "INFO").upper()
LOGGING = logs.configuration(LOG_LEVEL)

# ---- what this installation may spend and reach ---------------------------------------------------------------------
DEFAULT_RUN_BUDGET_USD = env.decimal("DEFAULT_RUN_BUDGET_USD", "1.00")
# All endpoints together, per UTC day; 0 means no limit.
BUDGET_USD_PER_DAY = env.decimal("BUDGET_USD_PER_DAY", "0")
LOCAL_MODEL_USD_PER_HOUR = env.decimal("LOCAL_MODEL_USD_PER_HOUR", "0.10")
# Endpoints on private addresses must be allowed here, not in the database: a web admin must not open the network.
ALLOW_PRIVATE_NETWORKS = env.words("ALLOW_PRIVATE_NETWORKS", "127.0.0.0/8,::1/128")
# How long a driver of an endpoint may be silent before another takes over, and how long one task drives it.
EVAL_LEASE_SECONDS = env.integer("EVAL_LEASE_SECONDS", 60)
EVAL_SLICE_SECONDS = env.integer("EVAL_SLICE_SECONDS", 30)
