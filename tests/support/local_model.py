"""The real local language model as a process, as ``manage.py up`` starts it."""

import contextlib
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings

from config.supervisor.death import die_with_parent
from config.supervisor.follow_up import wait_for
from config.supervisor.local_model import program
from config.supervisor.ports import LOOPBACK, free_port


@dataclass
class LocalModelServer:
    """An OpenAI-compatible server on this machine; a test may kill it and start it again on the same port."""

    port: int = field(default_factory=lambda: free_port(18100))
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    @property
    def base_url(self) -> str:
        return f"http://{LOOPBACK}:{self.port}/v1"

    def start(self) -> None:
        with tempfile.TemporaryFile() as log:
            self.process = subprocess.Popen(
                list(program(port=self.port, threads=1).command),
                cwd=Path(settings.BASE_DIR),
                stdout=log,
                stderr=log,
                preexec_fn=die_with_parent,
            )
            if not wait_for(f"http://{LOOPBACK}:{self.port}/health"):
                log.seek(0)
                raise RuntimeError(f"The local model did not start:\n{log.read().decode(errors='replace')}")

    def kill(self) -> None:
        """SIGKILL."""
        if self.process is not None:
            self.process.kill()
            self.process.wait(timeout=20)
            self.process = None

    def stop(self) -> None:
        if self.process is not None:
            self.process.terminate()
            self.process.wait(timeout=20)
            self.process = None


@contextlib.contextmanager
def local_model_server() -> Iterator[str]:
    """Gives the base URL of a server that runs for the length of the block."""
    server = LocalModelServer()
    try:
        server.start()
        yield server.base_url
    finally:
        server.stop()
