"""All benchmarks one after the other, or those named: ``make bench ARGS="ingest index_fit"``.

Each is a program of its own, which prints what it measured beside its limit and ends with 1 when a limit is not kept.
"""

import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).resolve().parent


def main(names: list[str]) -> int:
    """Run them; returns how many failed."""
    known = {path.stem: path for path in sorted(FOLDER.glob("*.py")) if not path.stem.startswith("_")}
    if unknown := sorted(set(names) - known.keys()):
        print(f"There is no benchmark named {unknown[0]!r}; there are {', '.join(known)}.")
        return 1
    failed = []
    for name in names or known:
        print(f"== {name}", flush=True)
        if subprocess.call([sys.executable, str(known[name])]):
            failed.append(name)
    if failed:
        print(f"Not kept or broken: {', '.join(failed)}.")
    return len(failed)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
