"""The real local language model as a process, as ``manage.py up`` starts it."""

import contextlib
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

from config.supervisor.death import die_with_parent
from config.supervisor.follow_up import wait_for
from config.supervisor.local_model import program
from config.supervisor.ports import LOOPBACK, free_port


@contextlib.contextmanager
def local_model_server() -> Iterator[str]:
    """Gives the base URL of an OpenAI-compatible server on this machine."""
    port = free_port(18100)
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(
            list(program(port=port, threads=1).command),
            cwd=Path(settings.BASE_DIR),
            stdout=log,
            stderr=log,
            preexec_fn=die_with_parent,
        )
        try:
            if not wait_for(f"http://{LOOPBACK}:{port}/health"):
                log.seek(0)
                raise RuntimeError(f"The local model did not start:\n{log.read().decode(errors='replace')}")
            yield f"http://{LOOPBACK}:{port}/v1"
        finally:
            process.terminate()
            process.wait(timeout=20)
