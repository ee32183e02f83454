"""How much the environment's Python saves by being linked straight, beside the one that it came as.

Both run the same program, reading the development set's messages as a worker does, several times in
turn; the least processor time of each counts. Where the machine's Python is no shared library, both
are the same and the figure is one.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path

from bench import _bahi
from bench._bahi import ONE_THREAD
from bench._servers import ROOT, report, say, temporary_folder


def as_it_came(folder: Path) -> str:
    """A Python with this environment's libraries, linked as the machine's is."""
    environment = Path(sys.prefix)
    settings = (environment / "pyvenv.cfg").read_text("utf-8")
    home = settings.partition("home = ")[2].splitlines()[0]
    (folder / "pyvenv.cfg").write_text(settings, "utf-8")
    for libraries in environment.glob("lib*"):
        (folder / libraries.name).symlink_to(libraries)
    (folder / "bin").mkdir()
    python = folder / "bin" / "python"
    python.symlink_to(Path(home) / "python3.10")
    return str(python)


def milliseconds_a_text(python: str, model: Path, texts: int) -> float:
    """Processor time for one message, in a process of its own."""
    done = subprocess.run(
        [
            *(python, "-m", "bench.nlu", "--side", "bahi", "--model", str(model)),
            *("--texts", str(texts)),
        ],
        cwd=ROOT,
        env={**os.environ, **ONE_THREAD, "SQLALCHEMY_SILENCE_UBER_WARNING": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    return float(json.loads(done.stdout.splitlines()[-1])["cpu_ms_per_text"])


def main() -> None:
    arguments = _arguments()
    model = _bahi.pin_model()
    with temporary_folder() as folder:
        pythons = {"as_it_came": as_it_came(folder), "linked": sys.executable}
        times: dict[str, list[float]] = {name: [] for name in pythons}
        for _ in range(arguments.rounds):
            for name, python in pythons.items():
                times[name].append(milliseconds_a_text(python, model, arguments.texts))
            say(f"  {times}")
    least = {name: min(each) for name, each in times.items()}
    report(
        {
            "bench": "interpreter",
            "model": model.name,
            "texts": arguments.texts,
            "cpu_ms_per_text": least,
            "times_as_fast": round(least["as_it_came"] / least["linked"], 3),
        }
    )


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.interpreter", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--texts", type=int, default=900, help="how many messages, at most")
    parser.add_argument("--quick", action="store_true", help="one round of 30 messages")
    arguments = parser.parse_args()
    if arguments.quick:
        arguments.rounds, arguments.texts = 1, 30
    return arguments


if __name__ == "__main__":
    main()
