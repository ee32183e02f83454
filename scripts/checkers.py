"""See that there are the programs that check what Bahi emits: beancount and hledger.

Beancount lives in an environment of its own under .cache; hledger comes from Debian. Tests of what
is not there are skipped, and say so.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LOCK = ROOT / "tests" / "checkers" / "requirements.lock"
FOLDER = ROOT / ".cache" / "checkers"
STAMP = FOLDER / "lock"
QUIET = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}


def main() -> int:
    if not _is_current():
        _install_beancount()
    if not shutil.which("hledger") and os.geteuid() == 0 and shutil.which("apt-get"):
        print("Installing hledger with apt-get, to check exported books.", flush=True)
        _install_hledger()
    if not _is_current():
        print("Beancount could not be installed, so its checks of exported books are skipped.")
    if not shutil.which("hledger"):
        print(
            "There is no hledger, so its checks of exported books are skipped: "
            "`sudo apt-get install hledger` brings it."
        )
    return 0


def _is_current() -> bool:
    return STAMP.exists() and STAMP.read_text() == LOCK.read_text()


def _install_beancount() -> None:
    uv = shutil.which("uv") or str(ROOT / ".cache" / "uv" / "bin" / "uv")
    python = str(FOLDER / "bin" / "python")
    shutil.rmtree(FOLDER, ignore_errors=True)
    for command in (
        [uv, "venv", "--quiet", "--no-project", "--python", sys.executable, str(FOLDER)],
        [uv, "pip", "sync", "--quiet", "--python", python, "--require-hashes", str(LOCK)],
    ):
        try:
            subprocess.run(command, check=True, **QUIET)
        except (OSError, subprocess.CalledProcessError):
            return
    STAMP.write_text(LOCK.read_text())


def _install_hledger() -> None:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (
        ["apt-get", "update"],
        ["apt-get", "install", "-y", "--no-install-recommends", "hledger"],
    ):
        subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, **QUIET)


if __name__ == "__main__":
    sys.exit(main())
