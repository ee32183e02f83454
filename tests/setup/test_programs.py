"""What no package index has is installed or missed in one sentence, and nothing stops."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

SCRIPT = Path(__file__).resolve().parents[2] / "scripts" / "programs.py"


def run(path: str, *names: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(SCRIPT), *names],
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
    )


def test_without_them_and_without_a_way_to_get_it(tmp_path: Path) -> None:
    done = run(str(tmp_path), "chromium", "espeak-ng", "tesseract")
    assert done.returncode == 0
    assert done.stdout.splitlines() == [
        "There is no Chromium, so its tests are skipped: "
        "`sudo apt-get install chromium` brings it.",
        "There is no espeak-ng, so nobody is answered aloud and the tests that speak are skipped: "
        "`sudo apt-get install espeak-ng` brings it.",
        "There is no Tesseract with Hindi, so photos of bills are not read: "
        "`sudo apt-get install tesseract-ocr tesseract-ocr-hin` brings it.",
    ]


def test_with_both_languages_it_says_nothing(tmp_path: Path) -> None:
    program = tmp_path / "tesseract"
    program.write_text("#!/bin/sh\necho 'List of available languages (3):\neng\nhin\nosd'\n")
    program.chmod(0o755)
    done = run(str(tmp_path), "tesseract")
    assert (done.returncode, done.stdout) == (0, "")
