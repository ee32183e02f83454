"""Run one benchmark, or all that stand in bench/; each prints one JSON object on its last line."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def names() -> list[str]:
    """Benchmarks are the modules of bench/ that can be run on their own."""
    return sorted(
        path.stem
        for path in (ROOT / "bench").glob("[!_]*.py")
        if '__name__ == "__main__"' in path.read_text()
    )


def main(wanted: list[str]) -> int:
    known = names()
    unknown = set(wanted) - set(known)
    if unknown:
        print(f"There is no benchmark {', '.join(unknown)}; there are: {', '.join(known)}.")
        return 2
    failed = []
    for name in wanted or known:
        print(f"bench {name}", flush=True)
        if subprocess.run([sys.executable, "-m", f"bench.{name}"], cwd=ROOT).returncode != 0:
            failed.append(name)
    if failed:
        print(f"Failed: {', '.join(failed)}.")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
