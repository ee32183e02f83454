"""What a listener makes of short Hinglish questions, of commands and of other talk.

    python -m bench.voice [--each N] [--quick] [--folder MODEL | --url SERVICE]

espeak-ng speaks to the demo shop in five voices, in Hindi and in Hindi with English words, with
white noise; every sound goes through OGG/Opus, as voice notes do. Of each group: how many were
heard right, how many were not taken for anything, how many for something else. Of commands with
amounts the words are compared too, as far as the embedded listener makes any of them: they are why
it takes none. A synthetic voice is no person: the figures compare listeners, they promise nothing.
The last line is one JSON object.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from bench._speaking import VOICES, note
from erp_core.adapters.speech_http import SpeechService
from erp_core.adapters.speech_sphinx import Sphinx
from erp_core.adapters.speech_whisper import Whisper
from erp_core.kernel.errors import Unavailable
from erp_core.kernel.spelling import fold
from erp_core.speech.port import Listener, Names, Sound
from erp_core.speech.sounds import decode

SAID = Path(__file__).with_suffix(".yml")
SHOP = Path(__file__).parents[1] / "demo" / "sharma_electronics.yml"
NOISE: tuple[float, ...] = (25.0, 15.0, 8.0)
"""Decibels of speech over noise: a quiet room, a shop, a street."""

WRONG_BAR = 5.0
"""Percent of sounds that may be taken for a question that was not asked."""

Utterance = tuple[str, str, Sound]
"""What should be heard, its group, the sound."""


def main() -> int:
    """Speak, listen, print."""
    options = _options()
    listener, names = _listener(options), _names()
    each = 3 if options.quick else options.each
    result: dict[str, Any] = {"bench": "voice", "listener": listener.name, "each": each}
    for decibels in NOISE:
        spoken = utterances(each, decibels)
        result[f"{decibels:g} dB"] = heard = measure(listener, names, spoken)
        print(f"{decibels:g} dB: {json.dumps(heard)}", file=sys.stderr, flush=True)
    if isinstance(listener, Sphinx):
        result["words"] = words(listener, names, utterances(each, NOISE[1]))
    worst = max(result[f"{d:g} dB"]["wrong_percent"] for d in NOISE)
    result["passed"] = options.quick or worst <= WRONG_BAR
    print(json.dumps(result, ensure_ascii=False))
    return 0 if result["passed"] else 1


def utterances(each: int, decibels: float, *, seed: int = 7) -> list[Utterance]:
    """So many sounds of each group, the same ones each time."""
    said = yaml.safe_load(SAID.read_text(encoding="utf-8"))
    dice = random.Random(seed)
    made: list[Utterance] = []
    for group in ("questions", "commands", "talk"):
        for _ in range(each):
            hear, text = _sentence(said, group, dice)
            data = note(text, voice=dice.choice(VOICES), noise_db=decibels)
            made.append((hear, group, decode(data)))
    return made


def _sentence(said: dict[str, Any], group: str, dice: random.Random) -> tuple[str, str]:
    one = dice.choice(said[group])
    if group == "talk":
        return "", str(one)
    way = dice.randrange(2)
    hear, text = str(one["hear"]), str(one["say"][way])
    for kind in re.findall(r"{(\w+)}", hear):
        filling = dice.choice(said[f"{kind}s"])
        hear = hear.replace(f"{{{kind}}}", filling["hear"], 1)
        text = text.replace(f"{{{kind}}}", filling["say"][way], 1)
    return hear, text


def measure(listener: Listener, names: Names, spoken: Sequence[Utterance]) -> dict[str, Any]:
    """Counts of each group, the percentage of all that was taken for something else, seconds."""
    counts = {group: {"right": 0, "nothing": 0, "wrong": 0} for _, group, _ in spoken}
    seconds: list[float] = []
    for hear, group, sound in spoken:
        started = time.perf_counter()
        text = listener.hear(sound, names).text
        seconds.append(time.perf_counter() - started)
        counts[group][_outcome(text, hear)] += 1
    wrong = sum(one["wrong"] for one in counts.values())
    return {
        **counts,
        "wrong_percent": round(100 * wrong / len(spoken), 1),
        "seconds_median": round(sorted(seconds)[len(seconds) // 2], 2),
    }


def _outcome(text: str, hear: str) -> str:
    if not text:
        return "nothing"
    return "right" if fold(text).split() == fold(hear).split() else "wrong"


def words(listener: Sphinx, names: Names, spoken: Sequence[Utterance]) -> dict[str, float]:
    """Of commands, the percentage of wrong words, and of commands without a wrong one: what the
    recogniser makes of them before anything is refused."""
    wrong = total = whole = count = 0
    for hear, group, sound in spoken:
        if group != "commands":
            continue
        said, found = fold(hear).split(), fold(listener.words(sound, names)).split()
        errors = distance(said, found)
        wrong, total = wrong + errors, total + len(said)
        whole, count = whole + (errors == 0), count + 1
    return {
        "wrong_words_percent": round(100 * wrong / max(1, total), 1),
        "whole_commands_percent": round(100 * whole / max(1, count), 1),
    }


def distance(said: Sequence[str], heard: Sequence[str]) -> int:
    """The fewest words put in, left out or changed between the two."""
    row = list(range(len(heard) + 1))
    for at, one in enumerate(said, start=1):
        before, row[0] = row[0], at
        for place, other in enumerate(heard, start=1):
            changed = before + (one != other)
            before = row[place]
            row[place] = min(row[place] + 1, row[place - 1] + 1, changed)
    return row[-1]


def _names() -> Names:
    shop = yaml.safe_load(SHOP.read_text(encoding="utf-8"))
    products, customers = (
        [one["name"] for one in shop[kind]] for kind in ("products", "customers")
    )
    return Names(products, customers)


def _listener(options: argparse.Namespace) -> Listener:
    if options.url:
        return SpeechService(options.url, key=os.environ.get("BAHI_SPEECH_KEY") or "")
    return Whisper(Path(options.folder)) if options.folder else Sphinx()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--each", type=int, default=60, help="sounds of each group")
    parser.add_argument("--quick", action="store_true", help="only show that it runs")
    parser.add_argument("--folder", help="a Whisper model to measure instead")
    parser.add_argument("--url", help="a speech service to measure instead")
    return parser.parse_args()


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Unavailable:
        print(
            "There is no espeak-ng, or no listener: `apt-get install espeak-ng` brings the first."
        )
        sys.exit(2)
