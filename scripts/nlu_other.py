"""Train config.yml's pipeline on made-up messages of other kinds, and measure what it learns.

    scripts/nlu_other.py [SHAPE ...] [--lines N]

A shop's words must not be needed for the pipeline to work: here the same config.yml learns
sixty-four intents about alarms, songs and trains, in English, in Devanagari, in roman Hindi and
mixed, with many kinds of entities, with few and with none, from five messages an intent and from
thousands.
Printed for each shape: intent accuracy and entity F1 on messages whose values were not taught,
minutes of training, megabytes of the model.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parent.parent
sys.path[0:0] = [str(ROOT), str(ROOT / "scripts")]

import nlu_report  # noqa: E402 - after the path
import train  # noqa: E402

Rows = list[tuple[str, str]]

TRAIN = """\
import sys
from rasa.model_training import train_nlu
config, data, out = sys.argv[1:]
train_nlu(config, data, out, fixed_model_name="other")
"""

LANGUAGES = ("english", "hindi", "hinglish")
SAYINGS = yaml.safe_load((ROOT / "scripts" / "nlu_other.yml").read_text(encoding="utf-8"))
Words = dict[str, dict[str, list[str]]]
TOPICS: Words = SAYINGS["topics"]
ACTS: Words = SAYINGS["acts"]
VALUES: Words = SAYINGS["values"]
FILLERS: dict[str, list[str]] = SAYINGS["fillers"]
PUT: dict[str, dict[str, str]] = SAYINGS["put"]
HELD_OUT_VALUES = 2
"""The last ones of each list of values are never taught."""


@dataclass(frozen=True)
class Shape:
    """What a set of messages is like.

    `lines` are taught, at most `each` of an intent; `entities` says what a marked value is called.
    """

    languages: Sequence[str] = LANGUAGES
    lines: int = 2000
    each: int = 10_000
    intents: bool = True
    entities: str = "{kind}"
    seed: int = 1


SHAPES = {
    "english": Shape(["english"], 1500),
    "devanagari": Shape(["hindi"], 1500),
    "hinglish": Shape(["hinglish"], 1500),
    "mixed": Shape(),
    "no entities": Shape(entities=""),
    "entities only": Shape(intents=False),
    "tiny": Shape(each=5),
    "large": Shape(lines=15_000, entities="{topic}_{kind}"),
}


def messages(shape: Shape) -> tuple[Rows, Rows]:
    """Return what is taught and what is asked: pairs of an intent and a marked text."""
    chance = random.Random(shape.seed)
    taught: Rows = []
    asked: Rows = []
    every = itertools.product(TOPICS, ACTS, VALUES, shape.languages)
    for topic, act, kind, language in every:
        entity = shape.entities.format(topic=topic, kind=kind)
        intent = f"{topic} {act}" if shape.intents else "any"
        parts = itertools.product(
            FILLERS[language],
            ACTS[act][language],
            TOPICS[topic][language],
            enumerate(VALUES[kind][language]),
        )
        for filler, saying, word, (place, value) in parts:
            marked = f"[{value}]({entity})" if entity else value
            marked = PUT[language][kind].replace("{v}", marked)
            text = filler + saying.replace("{t}", word).replace("{v}", marked)
            new = place >= len(VALUES[kind][language]) - HELD_OUT_VALUES
            (asked if new else taught).append((intent, text))
    chance.shuffle(taught)
    chance.shuffle(asked)
    counts: dict[str, int] = {}
    kept: Rows = []
    for intent, text in taught:
        counts[intent] = counts.get(intent, 0) + 1
        if counts[intent] <= shape.each:
            kept.append((intent, text))
    return kept[: shape.lines], asked[:500]


def written(rows: Rows) -> str:
    """Return messages in Rasa's own format."""
    by_intent: dict[str, list[str]] = {}
    for intent, text in rows:
        by_intent.setdefault(intent, []).append(text)
    lines = ['version: "3.1"', "nlu:"]
    for intent, texts in by_intent.items():
        lines += [f"- intent: {json.dumps(intent)}", "  examples: |"]
        lines += [f"    - {text}" for text in texts]
    return "\n".join(lines) + "\n"


def trained(rows: Rows, folder: Path) -> Path:
    """Return a model of config.yml that has learned these messages alone."""
    data = folder / "nlu.yml"
    data.write_text(written(rows), encoding="utf-8")
    environment = {
        **os.environ,
        "RASA_TELEMETRY_ENABLED": "false",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "RASA_CACHE_DIRECTORY": str(folder / "cache"),
    }
    command = [sys.executable, "-W", "ignore", "-c", TRAIN]
    done = subprocess.run(
        [*command, str(ROOT / "config.yml"), str(data), str(folder)],
        check=False,
        capture_output=True,
        text=True,
        env=environment,
        cwd=ROOT,
    )
    if done.returncode != 0:
        raise SystemExit(done.stderr[-3000:])
    return folder / "other.tar.gz"


def cases_of(rows: Rows) -> list[nlu_report.Case]:
    """Return marked messages as cases to be read."""
    lines = (json.dumps({"intent": intent, "text": text}) for intent, text in rows)
    return [nlu_report.read_case(line) for line in lines]


def measure(name: str, most: int | None) -> str:
    """Train on one shape, at most `most` lines of it, and return what came of it in words."""
    taught, asked = messages(SHAPES[name])
    taught = taught[:most]
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        began = time.monotonic()
        model = trained(taught, folder)
        minutes = (time.monotonic() - began) / 60
        train.strip(model, folder / "parts")
        train.pack(folder / "parts", folder / "packed.tar.gz", {})
        size = (folder / "packed.tar.gz").stat().st_size / 1e6
        cases = cases_of(asked)
        nlu_report.understand(model, cases)
    figures = nlu_report.figures(cases, nlu_report.whole)
    return f"{name:14s}{len(taught):6d} taught {minutes:5.1f} min {size:5.1f} MB  {figures}"


def main(arguments: list[str]) -> int:
    """Run the command and return its exit code."""
    parser = argparse.ArgumentParser(description="Train the pipeline on other messages.")
    parser.add_argument("shapes", nargs="*", metavar="SHAPE", help=", ".join(SHAPES))
    parser.add_argument("--lines", type=int, help="teach at most so many")
    options = parser.parse_args(arguments)
    nlu_report.quieten()
    for name in options.shapes or SHAPES:
        print(measure(name, options.lines), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
