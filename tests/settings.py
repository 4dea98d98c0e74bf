"""The project's settings as the tests use them: own data folder, no broker, no shared cache, nothing from outside.

``TEST_DATABASE_URL`` chooses the database; without it the tests run on a SQLite file.
"""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

FROM_OUTSIDE = ("REDIS_URL", "APP_URL", "DEBUG", "SECRET_KEY", "ALLOWED_HOSTS", "CSRF_TRUSTED_ORIGINS", "STATIC_ROOT")
for name in FROM_OUTSIDE:
    os.environ.pop(name, None)
    os.environ.pop(f"{name}_FILE", None)
os.environ["DATABASE_URL"] = os.environ.get("TEST_DATABASE_URL", "")
if "TEST_DATA_DIR" not in os.environ:
    # A short path, because Unix sockets live in it. The workers of pytest-xdist inherit the variable.
    os.environ["TEST_DATA_DIR"] = tempfile.mkdtemp(prefix="cpd-test-", dir="/tmp" if Path("/tmp").is_dir() else None)
    atexit.register(shutil.rmtree, os.environ["TEST_DATA_DIR"], ignore_errors=True)
os.environ["DATA_DIR"] = os.environ["TEST_DATA_DIR"]

from config.settings import *  # noqa: E402, F403  the variables above must be set first
from config.settings import DATA_DIR, DATABASES, STATIC_ROOT, STORAGES  # noqa: E402

if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # A file, not memory: worker processes of the tests open it too.
    DATABASES["default"]["TEST"] = {"NAME": str(DATA_DIR / "test.sqlite3")}
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
PAGE_CACHE_S = 0  # a page is computed each time, except in the tests of keeping pages
CELERY_BROKER_URL = "memory://"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = STORAGES | {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
STATIC_ROOT.mkdir(exist_ok=True)  # collected files are not served in tests, but the folder is looked for
