"""What the processes that serve pages hold in memory: not the libraries that only workers and tests need."""

import json
import subprocess
import sys

import pytest
from django.conf import settings
from django.contrib.auth.models import User

from tests.support.routes import addresses, admin_addresses
from tests.support.worker import process_environment
from tests.support.world import make_world

HEAVY = ("pandas", "plotly", "kaleido", "matplotlib")
# A process of its own: this one has imported them for other tests.
SERVES = """
import json, sys
import django
django.setup()
from django.contrib.auth.models import User
from django.test import Client
reader = Client(headers={"Host": "localhost"})
reader.force_login(User.objects.get(username="reader"))
statuses = {path: reader.get(path).status_code for path in json.load(sys.stdin)}
json.dump({"statuses": statuses, "modules": sorted({name.partition(".")[0] for name in sys.modules})}, sys.stdout)
"""


@pytest.mark.django_db(transaction=True)
def test_no_page_brings_libraries_that_serving_does_without() -> None:
    make_world()
    User.objects.create_superuser("reader")
    found = [address for space in ("dashboard", "api") for address in addresses(space) if address.is_there]
    paths = sorted({address.path for address in [*found, *admin_addresses()]})

    done = subprocess.run(
        [sys.executable, "-c", SERVES],
        cwd=settings.BASE_DIR,
        env=process_environment(redis_url="", DEBUG="true", PAGE_CACHE_S="0", API_READS_PER_MINUTE="100000"),
        input=json.dumps(paths),
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )

    assert done.returncode == 0, done.stderr[-2000:]
    said = json.loads(done.stdout)
    assert {path: status for path, status in said["statuses"].items() if status >= 500} == {}
    assert sum(status == 200 for status in said["statuses"].values()) > 100
    assert [name for name in HEAVY if name in said["modules"]] == []
