"""See that there is espeak-ng, whose voice the tests of voice notes hear; they skip without it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

PROGRAM = "espeak-ng"


def main() -> int:
    if shutil.which(PROGRAM):
        return 0
    if os.geteuid() == 0 and shutil.which("apt-get"):
        print("Installing espeak-ng with apt-get, for the tests of voice notes.", flush=True)
        install()
    if not shutil.which(PROGRAM):
        print(
            "There is no espeak-ng, so the tests that speak are skipped: "
            f"`sudo apt-get install {PROGRAM}` brings it."
        )
    return 0


def install() -> None:
    """A failure is no reason to stop: the other tests need no voice."""
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (
        ["apt-get", "update"],
        ["apt-get", "install", "-y", "--no-install-recommends", PROGRAM],
    ):
        subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, **quiet)


if __name__ == "__main__":
    sys.exit(main())
