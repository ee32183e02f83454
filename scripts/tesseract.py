"""See that there is Tesseract with Hindi, to read bills with; without it bills are not read."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

PACKAGES = ("tesseract-ocr", "tesseract-ocr-hin")
LANGUAGES = {"eng", "hin"}


def main() -> int:
    if is_there():
        return 0
    if os.geteuid() == 0 and shutil.which("apt-get"):
        print("Installing Tesseract with apt-get, to read photos of bills.", flush=True)
        install()
    if not is_there():
        print(
            "There is no Tesseract with Hindi, so photos of bills are not read: "
            f"`sudo apt-get install {' '.join(PACKAGES)}` brings it."
        )
    return 0


def is_there() -> bool:
    """Whether it runs and knows both languages."""
    if not shutil.which("tesseract"):
        return False
    found = subprocess.run(
        ["tesseract", "--list-langs"], capture_output=True, text=True, stdin=subprocess.DEVNULL
    )
    return LANGUAGES.issubset(found.stdout.split())


def install() -> None:
    """A failure is no reason to stop: everything else works without."""
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (
        ["apt-get", "update"],
        ["apt-get", "install", "-y", "--no-install-recommends", *PACKAGES],
    ):
        subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, **quiet)


if __name__ == "__main__":
    sys.exit(main())
