"""``python -m config.supervisor.local_model_server``: an OpenAI-compatible server on the loopback address."""

import argparse
import signal

import xllamacpp

from config.supervisor.local_model import MODEL_ID, PREFERRED_PORT, weights
from config.supervisor.ports import LOOPBACK

SLOTS = 2
CONTEXT_TOKENS_PER_SLOT = 2048
ERRORS_ONLY = 1


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=PREFERRED_PORT)
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()
    path = weights()
    if path is None:
        raise SystemExit("The local model is not installed: python3 bootstrap.py run local-model")
    parameters = xllamacpp.CommonParams()
    parameters.model.path = str(path)
    parameters.model_alias = {MODEL_ID}
    parameters.hostnames = [LOOPBACK]
    parameters.port = arguments.port
    parameters.n_parallel = SLOTS
    parameters.n_ctx = SLOTS * CONTEXT_TOKENS_PER_SLOT
    parameters.cpuparams.n_threads = parameters.cpuparams_batch.n_threads = arguments.threads
    parameters.cache_ram_mib = 64
    parameters.cors_origins = ""  # no web page may talk to it
    parameters.endpoint_slots = False  # would show other callers' prompts
    parameters.verbosity = ERRORS_ONLY
    # Blocked before the server's threads exist, so that the signals wait for sigwait below.
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM, signal.SIGINT})
    server = xllamacpp.Server(parameters)
    print(f"{MODEL_ID} at {server.listening_address}/v1, {arguments.threads} threads", flush=True)
    signal.sigwait({signal.SIGTERM, signal.SIGINT})
    del server  # answers what is under way, then ends


if __name__ == "__main__":
    main()
