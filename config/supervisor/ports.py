"""Listening sockets on this machine's loopback address."""

import socket

LOOPBACK = "127.0.0.1"
TRIES = 100


def listen(port: int) -> socket.socket:
    """A listening socket on ``port``, or on the next free one after it.

    The supervisor keeps it open and hands it to the web process: nobody can take the port in between, and visitors
    wait instead of being refused while the web process restarts.
    """
    for candidate in range(port, min(port + TRIES, 65536)):
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((LOOPBACK, candidate))
            listener.listen(2048)
        except OSError:
            listener.close()
        else:
            listener.set_inheritable(True)
            return listener
    raise OSError(f"No free port between {port} and {min(port + TRIES, 65536) - 1}; say another one with --port.")


def free_port(preferred: int) -> int:
    """A port that is free now, for a server that opens its own: the preferred one, else the next free one."""
    with listen(preferred) as listener:
        return int(listener.getsockname()[1])
