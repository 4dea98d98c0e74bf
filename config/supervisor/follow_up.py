"""``python -m config.supervisor.follow_up``: what a start does after READY, beside the running site."""

import argparse
import sys

import django

from config.supervisor import prepare


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model-url", help="Where the local language model answers.")
    parser.add_argument("--evaluate", action="store_true", help="Measure it when it was never measured.")
    parser.parse_args()
    django.setup()
    prepare.migrate()  # a database restored from a backup may be older than this code
    return 0


if __name__ == "__main__":
    sys.exit(main())
