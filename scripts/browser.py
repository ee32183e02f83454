"""See that there is a Chromium for the tests that need one; they skip where there is none."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

NAMES = ("chromium", "chromium-browser", "google-chrome")


def main() -> int:
    if any(shutil.which(name) for name in NAMES):
        return 0
    if os.geteuid() == 0 and shutil.which("apt-get"):
        print(
            "Installing Chromium with apt-get, for the tests of the simulator's page.", flush=True
        )
        install()
    if not any(shutil.which(name) for name in NAMES):
        print(
            "There is no Chromium, so its tests are skipped: "
            "`sudo apt-get install chromium` brings it."
        )
    return 0


def install() -> None:
    """A failure is no reason to stop: the other tests need no browser."""
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (
        ["apt-get", "update"],
        ["apt-get", "install", "-y", "--no-install-recommends", "chromium"],
    ):
        subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, **quiet)


if __name__ == "__main__":
    sys.exit(main())
