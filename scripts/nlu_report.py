"""Measure how well a model understands messages that it has not seen.

    scripts/nlu_report.py [--model FILE] [--names FILE.json] [--mistyped] [--errors]
                          [FILE.jsonl ...] [--without PART ...]

Each line of a file is {"intent": ..., "text": "[10](quantity) [kg](unit) ...", "trade": ...}, the
trade being optional. By default every folder of tests/nlu is a set of messages, and dev.jsonl
another. Printed, and drawn into results/nlu/: intent accuracy, entity F1 (exact span and kind), all
fields right, calibration, confusions, the same by file, script and trade, and what each learner
earns. `--names` gives what the shop knows already: {"product_name": [...], "customer_name": [...]}.
`--mistyped` takes each message as a hurried thumb types it, by slips that training has not seen.
`--without` trains the pipeline without parts that cannot be taken out of a trained one, minutes
each, and sets them beside the whole; "all" takes each in turn (scripts/nlu_ablation.py names them).
"""

from __future__ import annotations

import argparse
import itertools
import json
import logging
import os
import re
import sys
import time
import warnings
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[0:0] = [str(ROOT), str(ROOT / "scripts")]

from erp_core.kernel.known_names import KnownNames, shown  # noqa: E402 - after the path

DEVELOPMENT = ROOT / "tests" / "nlu" / "dev.jsonl"
RESULTS = ROOT / "results" / "nlu"
FALLBACK = "nlu_fallback"
ANNOTATION = re.compile(r"\[([^\]]+)\]\((\w+)\)")

Spans = set[tuple[str, int, int]]


@dataclass
class Case:
    """A message with what it means, and what the model made of it."""

    intent: str
    text: str
    spans: Spans
    command: str | None = None
    trade: str = "none"
    source: str = ""
    found: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Figures:
    """Shares between 0 and 1."""

    count: int
    intent: float
    entity_f1: float
    exact: float

    def __str__(self) -> str:
        return (
            f"{self.count:5d} messages   intent {self.intent:6.1%}   "
            f"entity F1 {self.entity_f1:.3f}   all right {self.exact:6.1%}"
        )


def read_case(line: str) -> Case:
    """Return the case that one line of a file states.

    A slash before a command is taken away, as the channel does it.
    """
    given = json.loads(line)
    trade = given.get("trade") or "none"
    text, spans, done = "", set(), 0
    for match in ANNOTATION.finditer(given["text"]):
        text += given["text"][done : match.start()]
        spans.add((match[2], len(text), len(text) + len(match[1])))
        text += match[1]
        done = match.end()
    text += given["text"][done:]
    bare = text.lstrip("/ ")
    if not text.startswith("/") or not bare:
        return Case(given["intent"], text, spans, trade=trade)
    cut = len(text) - len(bare)
    moved = {(entity, start - cut, end - cut) for entity, start, end in spans}
    return Case(given["intent"], bare, moved, command=bare.split()[0].lower(), trade=trade)


def top_intent(ranking: Sequence[Any]) -> str | None:
    """Return the first real intent of a ranking; a fallback hides what was guessed."""
    return next((one["name"] for one in ranking if one["name"] != FALLBACK), None)


def spans_of(entities: Iterable[Any]) -> Spans:
    """Return what was marked."""
    return {(one["entity"], one["start"], one["end"]) for one in entities}


Reading = Callable[[Case], tuple["str | None", Spans]]


def figures(cases: Sequence[Case], read: Reading) -> Figures:
    """Compare what `read` takes from each case with what it means."""
    right_intent = exact = hits = wrong = missed = 0
    for case in cases:
        intent, spans = read(case)
        right_intent += intent == case.intent
        exact += intent == case.intent and spans == case.spans
        hits += len(spans & case.spans)
        wrong += len(spans - case.spans)
        missed += len(case.spans - spans)
    entities = 2 * hits + wrong + missed
    return Figures(
        len(cases),
        right_intent / len(cases),
        2 * hits / entities if entities else 1.0,
        exact / len(cases),
    )


def whole(case: Case) -> tuple[str | None, Spans]:
    """The pipeline's own answer."""
    return top_intent(case.found["intent_ranking"]), spans_of(case.found["entities"])


def linear_and_field(case: Case) -> tuple[str | None, Spans]:
    """The answer without the joint model."""
    ranking = case.found.get("main_intent_ranking") or case.found["intent_ranking"]
    return top_intent(ranking), spans_of(case.found["entities"])


def joint_model(case: Case) -> tuple[str | None, Spans]:
    """The answer with the joint model's intents alone."""
    ranking = case.found.get("earlier_intent_ranking") or []
    return top_intent(ranking), spans_of(case.found["entities"])


def understand(model: Path, cases: Sequence[Case], names: KnownNames | None = None) -> float:
    """Let the model read every case, knowing `names`; return the mean milliseconds a message."""
    from rasa.core.agent import Agent
    from rasa.core.channels.channel import UserMessage
    from rasa.shared.core.trackers import DialogueStateTracker

    agent: Any = Agent.load(model)
    processor = agent.processor
    tracker = DialogueStateTracker("report", [])
    processor._parse_message_with_graph(UserMessage(text="namaste"), tracker)
    began = time.perf_counter()
    with shown(names):
        for case in cases:
            # Rasa's own call that keeps what each component found on the way.
            case.found = processor._parse_message_with_graph(
                UserMessage(text=case.text, metadata={"command": case.command}),
                tracker,
                only_output_properties=False,
            )
    return (time.perf_counter() - began) / len(cases) * 1000


EDGES = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
ACT = 0.985
"""Acting without a question is worth it where so many of these are right."""
CONFIRM = 0.5
"""Asking whether it was meant so is worth it where so many of these are right."""


@dataclass(frozen=True)
class Bin:
    """Messages of about one confidence: how sure the model was of them, and how many were right."""

    low: float
    count: int
    sure: float
    right: float


def reliability(cases: Sequence[Case], ranked: str = "intent_ranking") -> list[Bin]:
    """Set confidence beside how often it was right; `ranked` names the ranking that it stands in.

    A message that has no such ranking, as a command has none, is left out.
    """
    bins = []
    known = [(case, _confidence(case, ranked)) for case in cases if case.found.get(ranked)]
    for low, high in itertools.pairwise(EDGES):
        inside = [case for case, sure in known if low < sure <= high or (not low and not sure)]
        if inside:
            sure = sum(_confidence(case, ranked) for case in inside) / len(inside)
            right = sum(whole(case)[0] == case.intent for case in inside) / len(inside)
            bins.append(Bin(low, len(inside), sure, right))
    return bins


def calibration_error(bins: Sequence[Bin]) -> float:
    """Return the expected calibration error: how far confidence is from the share right."""
    total = sum(one.count for one in bins)
    return sum(one.count * abs(one.sure - one.right) for one in bins) / max(1, total)


def thresholds(cases: Sequence[Case]) -> tuple[float, float]:
    """Return the confidence from which to act, and below which to offer a choice.

    From the first upwards, ACT of all messages are right; below the second, less than CONFIRM.
    """
    ranked = sorted(((_confidence(c), whole(c)[0] == c.intent) for c in cases), reverse=True)
    act, right = 1.0, 0
    for count, (confidence, good) in enumerate(ranked, start=1):
        right += good
        if right >= ACT * count:
            act = confidence
    ask, right = 0.0, 0
    for count, (confidence, good) in enumerate(reversed(ranked), start=1):
        right += good
        if right < CONFIRM * count:
            ask = confidence
    return act, ask


BLENDED = "blended_intent_ranking"
"""What the classifiers say together before it is calibrated."""


def _confidence(case: Case, ranked: str = "intent_ranking") -> float:
    return next(
        (float(one["confidence"]) for one in case.found[ranked] if one["name"] != FALLBACK), 0.0
    )


OUTSIDE = "out_of_scope"


def refusals(cases: Sequence[Case], outside: str, top: Callable[[Case], str | None]) -> str:
    """Return how much is asked back, and how much of what is off topic is caught."""

    def refused(case: Case) -> bool:
        return top(case) in (outside, FALLBACK)

    within = [case for case in cases if case.intent != outside]
    beyond = [case for case in cases if case.intent == outside]
    text = f"refused of what is on topic {sum(map(refused, within)) / max(1, len(within)):.1%}"
    if beyond:
        text += f", caught of what is off topic {sum(map(refused, beyond)) / len(beyond):.1%}"
    return text


@lru_cache
def asking() -> tuple[float, float]:
    """Return below which confidence, and which lead over the next, config.yml has Bahi ask."""
    from rasa.shared.utils.io import read_yaml_file

    pipeline: Any = read_yaml_file(ROOT / "config.yml")
    for part in pipeline["pipeline"]:
        if part["name"].endswith("Fallback"):
            return part["threshold"], part["ambiguity_threshold"]
    return 0.0, 0.0


def without_the_joint_model(case: Case) -> str | None:
    """Return the intent, or the fallback, that the linear classifier alone would give."""
    least, lead = asking()
    ranking = case.found.get("main_intent_ranking") or case.found["intent_ranking"]
    sure, next_sure = [*(float(one["confidence"]) for one in ranking[:2]), 0.0, 0.0][:2]
    return FALLBACK if sure < least or sure - next_sure < lead else top_intent(ranking)


REFUSALS: dict[str, Callable[[Case], str | None]] = {
    "all together": lambda case: str(case.found["intent"]["name"]),
    "without the joint model": without_the_joint_model,
}


@dataclass(frozen=True)
class Report:
    """What was measured on one set of messages."""

    name: str
    earned: dict[str, Figures]
    refused: dict[str, str]
    by: dict[str, dict[str, Figures]]
    bins: list[Bin]
    thresholds: tuple[float, float]
    confused: Counter[tuple[str, str | None]]


READINGS: dict[str, Reading] = {
    "all together": whole,
    "without the joint model": linear_and_field,
    "joint model alone": joint_model,
}


def parts(cases: Sequence[Case], kind: Callable[[Case], str]) -> dict[str, list[Case]]:
    """Return the cases by what `kind` says of each, most first."""
    found: dict[str, list[Case]] = {}
    for case in cases:
        found.setdefault(kind(case), []).append(case)
    return dict(sorted(found.items(), key=lambda item: -len(item[1])))


def show(name: str, cases: Sequence[Case], milliseconds: float, *, errors: bool) -> Report:
    """Print the report of one set of messages and return it for drawing."""
    from nlu.text import script_of

    report = Report(
        name,
        earned={reading: figures(cases, read) for reading, read in READINGS.items()},
        refused={reading: refusals(cases, OUTSIDE, read) for reading, read in REFUSALS.items()},
        by={
            "voice": _figures_by(cases, lambda case: case.source),
            "script": _figures_by(cases, lambda case: script_of(case.text)),
            "trade": _figures_by(cases, lambda case: case.trade),
        },
        bins=reliability(cases),
        thresholds=thresholds(cases),
        confused=Counter((c.intent, whole(c)[0]) for c in cases if whole(c)[0] != c.intent),
    )
    print(f"\n{name}\n  {report.earned['all together']}   {milliseconds:.1f} ms each")
    print("what each earns")
    for reading, found in report.earned.items():
        print(f"  {reading:24s}{found}   {report.refused.get(reading, '')}")
    for kind, found in report.by.items():
        if len(found) > 1:
            print(f"by {kind}", *(f"  {one:20s}{part}" for one, part in found.items()), sep="\n")
    before = calibration_error(reliability(cases, BLENDED))
    print(
        f"confidence (expected calibration error {calibration_error(report.bins):.3f}, "
        f"{before:.3f} before calibration)"
    )
    for one in report.bins:
        print(f"  {one.sure:4.2f}: {one.count:5d} messages   right {one.right:6.1%}")
    act, ask = report.thresholds
    print(f"  act from {act:.2f}, offer a choice below {ask:.2f}, confirm between")
    for (meant, understood), count in report.confused.most_common(10):
        print(f"  {meant} taken for {understood}: {count}")
    if errors:
        _show_errors(cases)
    return report


def _figures_by(cases: Sequence[Case], kind: Callable[[Case], str]) -> dict[str, Figures]:
    return {name: figures(part, whole) for name, part in parts(cases, kind).items()}


def _show_errors(cases: Sequence[Case]) -> None:
    for case in cases:
        intent, spans = whole(case)
        if intent == case.intent and spans == case.spans:
            continue
        extra = [(e, case.text[s:t]) for e, s, t in sorted(spans - case.spans)]
        missed = [(e, case.text[s:t]) for e, s, t in sorted(case.spans - spans)]
        print(f"  {case.text}\n    {case.intent} -> {intent}  extra {extra}  missed {missed}")


def _unheard(*_: Any, **__: Any) -> None:
    """Libraries turn their warnings on again while they load."""


def newest_model() -> Path:
    """Return the newest model in models/."""
    models = sorted((ROOT / "models").glob("*.tar.gz"), key=lambda path: path.stat().st_mtime)
    if not models:
        raise SystemExit("There is no model in models/ yet: make train makes one.")
    return models[-1]


def sets_of(files: Sequence[Path]) -> dict[str, list[Case]]:
    """Return the cases of the files, or of tests/nlu, by set."""
    named = {path.stem: [path] for path in files} or {
        "development": [DEVELOPMENT],
        **{
            folder.name: sorted(folder.glob("*.jsonl"))
            for folder in sorted(DEVELOPMENT.parent.iterdir())
            if folder.is_dir() and any(folder.glob("*.jsonl"))
        },
    }
    return {
        name: [case for path in paths for case in _cases(path)] for name, paths in named.items()
    }


def _cases(path: Path) -> list[Case]:
    cases = [read_case(line) for line in path.read_text().splitlines() if line.strip()]
    for case in cases:
        case.source = path.stem
    return cases


def mistyped(cases: Sequence[Case]) -> list[Case]:
    """Return the cases that can be typed badly, typed so; the same ones each time."""
    from rasa.shared.nlu.training_data.message import Message

    from nlu.augmenter import TypingAugmenter

    settings = {"share": 1.0, "slips": 0.3, "switched": 0.0, "random_seed": "judging"}
    thumb = TypingAugmenter(settings)
    typed = []
    for case in cases:
        entities = [
            {"entity": entity, "start": start, "end": end} for entity, start, end in case.spans
        ]
        message = Message(data={"text": case.text, "entities": entities})
        variant = thumb.variant(message, {})
        if variant is not None:
            spans = spans_of(variant.get("entities") or [])
            typed.append(replace(case, text=variant.get("text"), spans=spans, found={}))
    return typed


def quieten() -> None:
    """Keep the libraries' chatter away."""
    os.environ.setdefault("RASA_TELEMETRY_ENABLED", "false")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    warnings.showwarning = _unheard
    logging.disable(logging.WARNING)


def main(arguments: list[str]) -> int:
    """Run the command and return its exit code."""
    parser = argparse.ArgumentParser(description="Measure the language model.")
    parser.add_argument("--model", type=Path)
    parser.add_argument("--names", type=Path, help="the names that the shop knows already")
    parser.add_argument("--mistyped", action="store_true", help="as a hurried thumb types them")
    parser.add_argument("--errors", action="store_true", help="show every message got wrong")
    parser.add_argument("--without", nargs="+", default=[], metavar="PART")
    parser.add_argument("files", nargs="*", type=Path)
    options = parser.parse_args(arguments)

    quieten()
    if options.without:
        import nlu_ablation

        return nlu_ablation.main(options.without, sets_of(options.files))
    model = options.model or newest_model()
    print(f"model {model.name}")
    names = KnownNames(json.loads(options.names.read_text())) if options.names else None
    sets = sets_of(options.files)
    if options.mistyped:
        sets = {f"{name}, mistyped": mistyped(cases) for name, cases in sets.items()}
    reports = [
        show(name, cases, understand(model, cases, names), errors=options.errors)
        for name, cases in sets.items()
    ]
    if len(sets) > 1:
        every = [case for cases in sets.values() for case in cases]
        reports.append(show("all sets", every, understand(model, every, names), errors=False))
    import nlu_drawings

    page = nlu_drawings.draw(model.name, reports, RESULTS)
    print(f"\ndrawn in {page.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
