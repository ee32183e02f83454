"""See that there are the programs that no package index has: `python scripts/programs.py NAME…`.

Whoever may install gets them with apt-get. Without one of them one sentence says what is missing,
and everything else works.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Program:
    """`purpose` ends "Installing NAME with apt-get, …", `loss` "There is no NAME, so …"."""

    name: str
    packages: tuple[str, ...]
    is_there: Callable[[], bool]
    purpose: str
    loss: str

    @property
    def command(self) -> str:
        """What brings it."""
        return f"sudo apt-get install {' '.join(self.packages)}"


def reads_both_languages() -> bool:
    """Whether Tesseract runs and knows English and Hindi."""
    if not shutil.which("tesseract"):
        return False
    found = subprocess.run(
        ["tesseract", "--list-langs"], capture_output=True, text=True, stdin=subprocess.DEVNULL
    )
    return {"eng", "hin"}.issubset(found.stdout.split())


def browses() -> bool:
    """Whether there is a Chromium under one of its names."""
    return any(map(shutil.which, ("chromium", "chromium-browser", "google-chrome")))


PROGRAMS = {
    "chromium": Program(
        "Chromium",
        ("chromium",),
        browses,
        "for the tests of the simulator's page",
        "its tests are skipped",
    ),
    "espeak-ng": Program(
        "espeak-ng",
        ("espeak-ng",),
        lambda: shutil.which("espeak-ng") is not None,
        "to answer aloud whoever asks for it",
        "nobody is answered aloud and the tests that speak are skipped",
    ),
    "tesseract": Program(
        "Tesseract with Hindi",
        ("tesseract-ocr", "tesseract-ocr-hin"),
        reads_both_languages,
        "to read photos of bills",
        "photos of bills are not read",
    ),
}


def see_to(*names: str) -> None:
    """Bring the programs that are missing, or say what goes without them."""
    for program in (PROGRAMS[name] for name in names):
        if program.is_there():
            continue
        if os.geteuid() == 0 and shutil.which("apt-get"):
            print(f"Installing {program.name} with apt-get, {program.purpose}.", flush=True)
            _install(program.packages)
        if not program.is_there():
            print(
                f"There is no {program.name}, so {program.loss}: `{program.command}` brings it.",
                flush=True,
            )


def _install(packages: tuple[str, ...]) -> None:
    """A failure is no reason to stop: everything else works without."""
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (
        ["apt-get", "update"],
        ["apt-get", "install", "-y", "--no-install-recommends", *packages],
    ):
        subprocess.run(
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )


if __name__ == "__main__":
    see_to(*sys.argv[1:])
