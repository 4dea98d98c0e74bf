"""The options of ``manage.py up``, in one place for the quick way in and for ``manage.py help up``."""

import argparse

DEFAULT_PORT = 8000


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--port", type=int, default=DEFAULT_PORT, help="Where the pages are served; else the next one.")
    parser.add_argument("--no-local-model", action="store_true", help="Do not start the local language model.")
    parser.add_argument("--no-eval", action="store_true", help="Do not evaluate the local model on the first start.")
