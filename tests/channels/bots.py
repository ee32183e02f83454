"""Small bots that tests train; none takes longer than some seconds."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

from running_bahi import ROOT

FIXTURES = Path(__file__).parent / "fixtures"


def train_bot(bot: Path) -> Path:
    """The model of a bot's files; trained once and kept while they stay the same."""
    files = sorted(bot.iterdir())
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()[:16]
    folder = ROOT / ".cache" / "channel-bot"
    path = folder / f"{digest}.tar.gz"
    if not path.exists():
        code = (
            "import sys, rasa; bot, out, name = sys.argv[1:];"
            "rasa.train(domain=bot+'/domain.yml', config=bot+'/config.yml',"
            " training_files=[bot+'/data.yml'], output=out, fixed_model_name=name)"
        )
        draft = f"draft-{os.getpid()}"
        environment = {**os.environ, "RASA_TELEMETRY_ENABLED": "false"}
        arguments = [sys.executable, "-c", code, str(bot), str(folder), draft]
        subprocess.run(arguments, check=True, capture_output=True, env=environment, cwd=ROOT)
        (folder / f"{draft}.tar.gz").replace(path)
    return path
