"""Measure how well a model understands messages that it has not seen.

    scripts/nlu_report.py [--model FILE] [--names FILE.json] [--errors] [FILE.jsonl ...]

Each line of a file is {"intent": ..., "text": "[10](quantity) [kg](unit) ..."}. By default
the development messages are read. Reported: intent accuracy, entity F1 (exact span and kind),
all fields right, calibration, the same by script, and what each learner earns. `--names` gives
what the shop knows already: {"product_name": [...], "customer_name": [...]}.
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
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from erp_core.kernel.known_names import KnownNames, shown  # noqa: E402 - after the path

DEVELOPMENT = ROOT / "tests" / "nlu" / "dev.jsonl"
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
    text, spans, done = "", set(), 0
    for match in ANNOTATION.finditer(given["text"]):
        text += given["text"][done : match.start()]
        spans.add((match[2], len(text), len(text) + len(match[1])))
        text += match[1]
        done = match.end()
    text += given["text"][done:]
    bare = text.lstrip("/ ")
    if not text.startswith("/") or not bare:
        return Case(given["intent"], text, spans)
    cut = len(text) - len(bare)
    moved = {(entity, start - cut, end - cut) for entity, start, end in spans}
    return Case(given["intent"], bare, moved, command=bare.split()[0].lower())


def top_intent(ranking: Sequence[Any]) -> str | None:
    """Return the first real intent of a ranking; a fallback hides what was guessed."""
    return next((one["name"] for one in ranking if one["name"] != FALLBACK), None)


def spans_of(entities: Iterable[Any], extractor: str | None = None) -> Spans:
    """Return what was marked, by one extractor or by all together."""
    return {
        (one["entity"], one["start"], one["end"])
        for one in entities
        if extractor is None or one.get("extractor") == extractor
    }


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
    every = case.found.get("entities_of_all_extractors") or []
    return top_intent(ranking), spans_of(every, "IntentAwareExtractor")


def joint_model(case: Case) -> tuple[str | None, Spans]:
    """The joint model's answer alone."""
    every = case.found.get("entities_of_all_extractors") or []
    return (
        top_intent(case.found.get("earlier_intent_ranking") or []),
        spans_of(every, "JointClassifier"),
    )


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


def calibration(cases: Sequence[Case]) -> list[str]:
    """Return lines that set confidence beside how often it was right."""
    lines = []
    edges = (0.0, 0.3, 0.5, 0.7, 0.9, 1.01)
    for low, high in itertools.pairwise(edges):
        inside = [c for c in cases if low <= _confidence(c) < high]
        if inside:
            right = sum(whole(c)[0] == c.intent for c in inside) / len(inside)
            lines.append(
                f"  {low:.1f} to {min(high, 1):.1f}: {len(inside):5d}   right {right:6.1%}"
            )
    return lines


def _confidence(case: Case) -> float:
    return next(
        (one["confidence"] for one in case.found["intent_ranking"] if one["name"] != FALLBACK), 0.0
    )


def refusals(cases: Sequence[Case], outside: str) -> str:
    """Return how much is asked back, and how much of what is off topic is caught."""

    def refused(case: Case) -> bool:
        return case.found["intent"]["name"] in (outside, FALLBACK)

    within = [case for case in cases if case.intent != outside]
    beyond = [case for case in cases if case.intent == outside]
    text = f"refused of what is on topic {sum(map(refused, within)) / max(1, len(within)):.1%}"
    if beyond:
        text += f", caught of what is off topic {sum(map(refused, beyond)) / len(beyond):.1%}"
    return text


def show(name: str, cases: Sequence[Case], milliseconds: float, *, errors: bool) -> Figures:
    """Print the report of one file and return its main figures."""
    from nlu.text import script_of

    result = figures(cases, whole)
    print(f"\n{name}\n  {result}   {milliseconds:.1f} ms each")
    print("what each earns")
    print(f"  linear and field  {figures(cases, linear_and_field)}")
    print(f"  joint model       {figures(cases, joint_model)}")
    print("by script")
    for script in ("latin", "devanagari", "mixed", "none"):
        part = [case for case in cases if script_of(case.text) == script]
        if part:
            print(f"  {script:12s} {figures(part, whole)}")
    print("confidence", *calibration(cases), sep="\n")
    print(f"  {refusals(cases, 'out_of_scope')}")
    confused = Counter((c.intent, whole(c)[0]) for c in cases if whole(c)[0] != c.intent)
    for (meant, understood), count in confused.most_common(10):
        print(f"  {meant} taken for {understood}: {count}")
    if errors:
        _show_errors(cases)
    return result


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


def main(arguments: list[str]) -> int:
    """Run the command and return its exit code."""
    parser = argparse.ArgumentParser(description="Measure the language model.")
    parser.add_argument("--model", type=Path)
    parser.add_argument("--names", type=Path, help="the names that the shop knows already")
    parser.add_argument("--errors", action="store_true", help="show every message got wrong")
    parser.add_argument("files", nargs="*", type=Path, default=[DEVELOPMENT])
    options = parser.parse_args(arguments)

    os.environ.setdefault("RASA_TELEMETRY_ENABLED", "false")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    warnings.showwarning = _unheard
    logging.disable(logging.WARNING)
    model = options.model or newest_model()
    print(f"model {model.name}")
    names = KnownNames(json.loads(options.names.read_text())) if options.names else None
    every: list[Case] = []
    for path in options.files:
        cases = [read_case(line) for line in path.read_text().splitlines() if line.strip()]
        every += cases
        show(path.name, cases, understand(model, cases, names), errors=options.errors)
    if len(options.files) > 1:
        milliseconds = understand(model, every, names)
        show("all together", every, milliseconds, errors=False)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
