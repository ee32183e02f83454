"""Bills are read with Tesseract; where it cannot be had, one sentence says so and nothing stops."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

SCRIPT = Path(__file__).resolve().parents[2] / "scripts" / "tesseract.py"


def run(path: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(SCRIPT)],
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
    )


def test_without_it_and_without_a_way_to_get_it(tmp_path: Path) -> None:
    done = run(str(tmp_path))
    assert done.returncode == 0
    assert done.stdout == (
        "There is no Tesseract with Hindi, so photos of bills are not read: "
        "`sudo apt-get install tesseract-ocr tesseract-ocr-hin` brings it.\n"
    )


def test_with_both_languages_it_says_nothing(tmp_path: Path) -> None:
    program = tmp_path / "tesseract"
    program.write_text("#!/bin/sh\necho 'List of available languages (3):\neng\nhin\nosd'\n")
    program.chmod(0o755)
    done = run(str(tmp_path))
    assert (done.returncode, done.stdout) == (0, "")
