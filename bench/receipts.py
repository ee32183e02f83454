"""How well and how fast pictures of bills are read, on any folder of them with labels.

    python -m bench.receipts [FOLDER] [--naive] [--without WHAT] [--workers N] [--each]

Without a folder, made-up Indian bills of every kind and damage are drawn first. Each
picture NAME.jpg (.png, .webp) has its labels in NAME.json: company, date, address and total as
people write them, or the labels of our own bills (docs/receipts.md). `--without` leaves out a step
of the preparation (deskew, …), the word of the model on a role of rows (vendor, …) or on all of
them (model). On a machine with much else to do, `--patient` lets nothing but processor time end the
reading of a picture. The last line is one JSON object. A value counts as confident when it would be
taken without asking.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import tempfile
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from rapidfuzz import fuzz

from bench._bills import KINDS, make
from bench._damage import DAMAGES
from bench._receipt_labels import Label, label_from
from bench._receipt_naive import read_naively
from erp_core.adapters import tesseract
from erp_core.adapters.tesseract import Tesseract, is_installed
from erp_core.kernel.errors import Unavailable
from erp_core.receipts import reading as reading_module
from erp_core.receipts.picture import STEPS
from erp_core.receipts.reading import LEARNT, Reading, read_image

PICTURES = (".jpg", ".jpeg", ".png", ".webp")
NAME_ALIKE = 85
PATIENCE = 300.0
DRAWN = date(2026, 11, 20)
"""The day on which made-up bills are drawn; older ones of a folder are judged as on this day."""


@dataclass
class Outcome:
    """How one picture was read: right or wrong by field, what was asked, and the seconds."""

    name: str
    right: dict[str, bool]
    asked: dict[str, bool]
    seconds: dict[str, float]
    kind: str
    said: dict[str, str]


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, help="default: bills that are made now")
    parser.add_argument("--naive", action="store_true", help="plain Tesseract and expressions")
    parser.add_argument(
        "--without", action="append", default=[], choices=(*STEPS, *LEARNT, "model")
    )
    parser.add_argument("--patient", action="store_true", help="the clock ends no reading")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--first", type=int, help="only so many pictures")
    parser.add_argument("--quick", action="store_true", help="a handful of made-up bills")
    parser.add_argument("--each", action="store_true", help="print every picture")
    parser.add_argument("--today", type=date.fromisoformat, default=DRAWN)
    options = parser.parse_args()
    if not is_installed():
        print(json.dumps({"bench": "receipts", "skipped": "there is no Tesseract"}))
        return
    if options.patient:
        be_patient()
    with tempfile.TemporaryDirectory() as made:
        folder = options.folder or Path(made)
        if options.folder is None:
            _draw(folder, quick=options.quick)
        outcomes = _measure(folder, options)
    if options.each:
        for outcome in outcomes:
            print_outcome(outcome)
    print(json.dumps({"bench": "receipts", "naive": options.naive, **figures(outcomes)}))


def be_patient() -> None:
    """Let only the time of a processor end a reading, here and in the processes made hereafter."""
    reading_module.MOST_SECONDS = tesseract.SECONDS = PATIENCE


def _draw(folder: Path, *, quick: bool) -> None:
    kinds, damages = (("kirana",), ("none", "camera")) if quick else (KINDS, tuple(DAMAGES))
    make(folder, each=1, seed=1, kinds=kinds, damages=damages, today=DRAWN)


def _measure(folder: Path, options: argparse.Namespace) -> list[Outcome]:
    pictures = sorted(p for p in folder.iterdir() if p.suffix.lower() in PICTURES)
    pictures = [path for path in pictures if path.with_suffix(".json").exists()][: options.first]
    tasks = [(path, options.naive, options.today, options.without) for path in pictures]
    with ProcessPoolExecutor(options.workers) as pool:
        return list(pool.map(judge, tasks))


def judge(task: tuple[Path, bool, date, Sequence[str]]) -> Outcome:
    """Read one picture and compare."""
    path, naive, today, without = task
    label = label_from(json.loads(path.with_suffix(".json").read_text(encoding="utf-8")))
    return compare(path.stem, path.read_bytes(), label, naive=naive, today=today, without=without)


def compare(
    name: str,
    data: bytes,
    label: Label,
    *,
    naive: bool,
    today: date,
    without: Sequence[str] = (),
) -> Outcome:
    """One picture against its labels; `without` as on the command line."""
    began, worked = time.perf_counter(), sum(os.times()[:4])
    try:
        reading = (
            read_naively(data, today=today)
            if naive
            else read_image(
                data,
                engine=Tesseract(seconds=tesseract.SECONDS),
                today=today,
                steps=[step for step in STEPS if step not in without],
                learnt=[one for one in LEARNT if not {one, "model"} & set(without)],
            )
        )
    except Unavailable:
        reading = Reading("unreadable")
    seconds = {**reading.seconds, "total": time.perf_counter() - began}
    seconds["processor"] = sum(os.times()[:4]) - worked
    right: dict[str, bool] = {}
    asked: dict[str, bool] = {}
    said: dict[str, str] = {}
    for key, wanted in label.fields().items():
        found = getattr(reading, key)
        right[key] = _same(key, wanted, found.value)
        asked[key] = found.ask or found.value is None or reading.kind != "receipt"
        said[key] = f"{found.value} ({found.confidence}) for {wanted}"
    return Outcome(name, right, asked, seconds, reading.kind, said)


def _same(key: str, wanted: Any, found: Any) -> bool:
    if key == "vendor":
        return found is not None and name_alike(wanted, found)
    return bool(wanted == found)


def name_alike(wanted: str, found: str) -> bool:
    """Whether it is the same name but for a slip or two."""
    return fuzz.ratio(wanted.lower(), found.lower()) >= NAME_ALIKE


def figures(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """Shares by field, of date and total together, of confident slips, and times by stage."""
    count = max(1, len(outcomes))
    keys = sorted({key for outcome in outcomes for key in outcome.right})
    fields = {}
    for key in keys:
        having = [outcome for outcome in outcomes if key in outcome.right]
        sure = [outcome for outcome in having if not outcome.asked[key]]
        wrong = [outcome for outcome in sure if not outcome.right[key]]
        fields[key] = {
            "right": share(sum(o.right[key] for o in having), len(having)),
            "not_asked": share(len(sure), len(having)),
            "wrong_of_not_asked": share(len(wrong), len(sure)),
        }
    both = sum(o.right.get("on", False) and o.right.get("total_paise", False) for o in outcomes)
    stages = sorted({stage for outcome in outcomes for stage in outcome.seconds})
    return {
        "pictures": len(outcomes),
        "date_and_total": share(both, count),
        "fields": fields,
        "seconds": {stage: times(o.seconds.get(stage, 0.0) for o in outcomes) for stage in stages},
    }


def share(part: int, whole: int) -> float:
    return round(part / whole, 4) if whole else 0.0


def times(seconds: Iterable[float]) -> dict[str, float]:
    """p50 and p95."""
    ordered = sorted(seconds)
    if not ordered:
        return {}
    p95 = ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))]
    return {"p50": round(statistics.median(ordered), 3), "p95": round(p95, 3)}


def print_outcome(outcome: Outcome) -> None:
    marks = "".join(
        f" {key}:{'ok' if right else 'WRONG'}{'?' if outcome.asked[key] else ''}"
        for key, right in outcome.right.items()
    )
    print(f"{outcome.name} {outcome.kind} {outcome.seconds['total']:.1f}s{marks}")
    for key, right in outcome.right.items():
        if not right:
            print(f"    {key}: {outcome.said[key]}")


if __name__ == "__main__":
    main()
