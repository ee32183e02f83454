"""Set two language models side by side.

    scripts/nlu_compare.py A.tar.gz [B.tar.gz] [--changes N] [FILE.jsonl ...]

Printed for each set of messages: the figures of both, what changed, and how likely so uneven a
change is by chance (McNemar's exact test, two-sided). A model may be named by its id in models/;
B is the newest there unless it is named.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from math import comb
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[0:0] = [str(ROOT), str(ROOT / "scripts")]

import nlu_report  # noqa: E402 - after the path
from nlu_report import Case, Spans  # noqa: E402

from erp_core import model_store  # noqa: E402

Answer = tuple["str | None", Spans]
RIGHT: dict[str, Callable[[Case, Answer], bool]] = {
    "intent": lambda case, answer: answer[0] == case.intent,
    "all right": lambda case, answer: answer == (case.intent, case.spans),
}


def by_chance(won: int, lost: int) -> float:
    """Return how likely a split as uneven as this is when neither side is better."""
    total = won + lost
    tail = sum(comb(total, k) for k in range(min(won, lost) + 1)) / 2**total
    return min(1.0, 2 * tail)


def found_model(name: str) -> Path:
    """Return the model of a path, or of an id in models/."""
    for path in (Path(name), ROOT / "models" / name, ROOT / "models" / f"{name}.tar.gz"):
        if path.is_file():
            return path
    raise SystemExit(f"There is no model {name}.")


def newest_beside(model: Path) -> Path:
    """Return the newest other model in models/."""
    for path in model_store.newest_first(ROOT / "models"):
        if path != model:
            return path
    raise SystemExit("There is no other model in models/ yet: make train makes one.")


def answers(model: Path, cases: Sequence[Case]) -> list[Answer]:
    """Return what a model makes of each case."""
    nlu_report.understand(model, cases)
    return [nlu_report.whole(case) for case in cases]


def compare(
    name: str, cases: Sequence[Case], first: Sequence[Answer], second: Sequence[Answer]
) -> None:
    """Print both models' figures on one set, and how they differ."""
    print(f"\n{name}")
    for model, given in (("A", first), ("B", second)):
        told = {id(case): answer for case, answer in zip(cases, given, strict=True)}
        print(f"  {model}  {nlu_report.figures(cases, lambda case, told=told: told[id(case)])}")
    for measure, right in RIGHT.items():
        pairs = [
            (right(case, one), right(case, other))
            for case, one, other in zip(cases, first, second, strict=True)
        ]
        won, lost = pairs.count((False, True)), pairs.count((True, False))
        print(
            f"  {measure}: B mends {won} and breaks {lost}; "
            f"by chance alone in {by_chance(won, lost):.1%} of cases"
        )


def show_changes(
    cases: Sequence[Case], first: Sequence[Answer], second: Sequence[Answer], most: int
) -> None:
    """Print the messages that the models understand differently."""
    shown = 0
    for case, one, other in zip(cases, first, second, strict=True):
        if one == other or shown >= most:
            continue
        shown += 1
        right = RIGHT["all right"]
        sign = {(False, True): "+", (True, False): "-"}.get(
            (right(case, one), right(case, other)), " "
        )
        print(f"  {sign} {case.text}\n      A {_told(case, one)}\n      B {_told(case, other)}")


def _told(case: Case, answer: Answer) -> str:
    spans = ", ".join(f"{case.text[s:t]} ({kind})" for kind, s, t in sorted(answer[1]))
    return f"{answer[0]}: {spans or 'no entities'}"


def main(arguments: list[str]) -> int:
    """Run the command and return its exit code."""
    parser = argparse.ArgumentParser(description="Set two language models side by side.")
    parser.add_argument("first", metavar="A")
    parser.add_argument("second", metavar="B", nargs="?")
    parser.add_argument("--changes", type=int, default=30, help="so many messages at most")
    parser.add_argument("files", nargs="*", type=Path)
    options = parser.parse_args(arguments)
    nlu_report.quieten()
    sets = nlu_report.sets_of(options.files)
    cases = [case for part in sets.values() for case in part]
    first_model = found_model(options.first)
    models = [
        first_model,
        found_model(options.second) if options.second else newest_beside(first_model),
    ]
    print(*(f"{sign}  {model.name}" for sign, model in zip("AB", models, strict=True)), sep="\n")
    first, second = (answers(model, cases) for model in models)
    start = 0
    for name, part in sets.items():
        end = start + len(part)
        compare(name, part, first[start:end], second[start:end])
        start = end
    print("\nwhat changed")
    show_changes(cases, first, second, options.changes)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
