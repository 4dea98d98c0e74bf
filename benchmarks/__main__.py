"""All benchmarks one after the other, or those named: ``make bench ARGS="ingest index_fit --quick"``.

Each is a program of its own, which prints what it measured beside its limit and ends with 1 when a limit is not kept.
"""

import argparse
import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
# What makes one short round of each.
QUICK = {"pages": ["--quick"], "charts": ["--quick"], "eval_worker": ["--samples", "200", "--rounds", "1"]}


def main() -> int:
    """Run them; returns how many failed."""
    known = {path.stem: path for path in sorted(FOLDER.glob("*.py")) if not path.stem.startswith("_")}
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(known))
    parser.add_argument("--quick", action="store_true", help="one short round of each")
    options = parser.parse_args()
    if unknown := sorted(set(options.names) - known.keys()):
        parser.error(f"there is no benchmark named {unknown[0]!r}; there are {', '.join(known)}")
    failed = []
    for name in options.names or known:
        print(f"== {name}", flush=True)
        if subprocess.call([sys.executable, str(known[name]), *(QUICK.get(name, []) if options.quick else [])]):
            failed.append(name)
    if failed:
        print(f"Not kept or broken: {', '.join(failed)}.")
    return len(failed)


if __name__ == "__main__":
    raise SystemExit(main())
