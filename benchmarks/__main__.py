"""Runs every benchmark: ``make bench``, or ``make bench ARGS=--quick`` for one short round of each."""

import argparse
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
QUICK = {"pages": ["--quick"], "eval_worker": ["--samples", "200", "--rounds", "1"], "index_fit": []}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    options = parser.parse_args()
    failed = 0
    for name, quick in QUICK.items():
        print(f"== {name}", flush=True)
        command = [sys.executable, str(HERE / f"{name}.py"), *(quick if options.quick else [])]
        failed |= subprocess.run(command, cwd=HERE.parent, check=False).returncode
    return failed


if __name__ == "__main__":
    sys.exit(main())
