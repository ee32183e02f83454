"""Run every check and say at the end which failed, so that one run shows all there is to mend."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

BIN = Path(sys.executable).parent
CHECKS = {
    "format": [BIN / "ruff", "format", "--check", "--quiet", "."],
    "rules": [BIN / "ruff", "check", "--quiet", "--output-format=concise", "."],
    "types": [BIN / "mypy"],
    "floors": [BIN / "lint-imports", "--config", "pyproject.toml"],
}


def main() -> int:
    failed = []
    for name, command in CHECKS.items():
        done = subprocess.run(command, capture_output=True, text=True)
        print(f"lint {name}: {'ok' if done.returncode == 0 else 'FAILED'}", flush=True)
        if done.returncode != 0:
            failed.append(name)
            print(done.stdout + done.stderr, flush=True)
    if "format" in failed:
        print("`make format` puts the format right.")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
