"""The set-up's own scripts are no package: they run where nothing is installed yet."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[2] / "scripts"))
