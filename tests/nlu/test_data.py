"""The training messages: enough of each, each once, annotated as the contract says."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rapidfuzz import fuzz, process
from rasa.shared.utils.io import read_yaml_file

from erp_core.kernel.spelling import fold

ROOT = Path(__file__).resolve().parents[2]
ANNOTATION = re.compile(r"\[([^\]]+)\]\((\w+)\)")
FEWEST = 40
FEWEST_FOR_FREQUENT = 70
FREQUENT = {
    "inventory_query", "inventory_update", "price_query", "price_update", "order_create",
    "order_modify", "order_status", "order_cancel", "invoice_generate", "invoice_share",
    "payment_status", "payment_record", "payment_request", "khata_query", "khata_credit",
    "expense_log", "report_request", "low_stock_query", "customer_query", "affirm", "deny",
    "out_of_scope",
}  # fmt: skip
POSTPOSITIONS = {"ka", "ki", "ke", "ko", "ne", "se", "me", "mein", "par", "liye"}
HELD_OUT = sorted((ROOT / "tests" / "nlu").glob("**/*.jsonl"))
FEWEST_HELD_OUT = 800
FEWEST_WORDS = 4
ALIKE = 90
MESSAGES_BY_RULES_ALONE = {"nlu_fallback"}


def blocks() -> list[dict[str, Any]]:
    files = sorted((ROOT / "data" / "nlu").glob("*.yml"))
    return [block for path in files for block in read_yaml_file(path)["nlu"]]


def lines(block: dict[str, Any]) -> list[str]:
    return [line.removeprefix("- ").strip() for line in block["examples"].splitlines() if line]


@pytest.fixture(scope="module")
def messages() -> list[tuple[str, str]]:
    return [(b["intent"], line) for b in blocks() if "intent" in b for line in lines(b)]


@pytest.fixture(scope="module")
def domain() -> dict[str, Any]:
    found: dict[str, Any] = read_yaml_file(ROOT / "domain.yml")
    return found


def plain(text: str) -> str:
    return ANNOTATION.sub(r"\1", text)


def test_every_intent_of_the_domain_has_messages(
    messages: list[tuple[str, str]], domain: dict[str, Any]
) -> None:
    taught = {intent for intent, _ in messages}
    assert taught == set(domain["intents"]) - MESSAGES_BY_RULES_ALONE


def test_there_are_enough_messages(messages: list[tuple[str, str]]) -> None:
    counts = Counter(intent for intent, _ in messages)
    scarce = {
        intent: count
        for intent, count in counts.items()
        if count < (FEWEST_FOR_FREQUENT if intent in FREQUENT else FEWEST)
    }
    assert scarce == {}


def test_no_message_stands_twice(messages: list[tuple[str, str]]) -> None:
    counts = Counter(plain(text) for _, text in messages)
    assert [text for text, count in counts.items() if count > 1] == []


def test_entities_are_those_of_the_domain(
    messages: list[tuple[str, str]], domain: dict[str, Any]
) -> None:
    named = {match[2] for _, text in messages for match in ANNOTATION.finditer(text)}
    assert named <= set(domain["entities"])


def test_spans_leave_postpositions_out(messages: list[tuple[str, str]]) -> None:
    wrong = [
        match[1]
        for _, text in messages
        for match in ANNOTATION.finditer(text)
        if match[1].split()[-1].lower() in POSTPOSITIONS
    ]
    assert wrong == []


def test_annotations_are_whole(messages: list[tuple[str, str]]) -> None:
    assert [text for _, text in messages if set("[]") & set(plain(text))] == []


def test_lists_of_names_have_no_blanks() -> None:
    names = {block["lookup"]: lines(block) for block in blocks() if "lookup" in block}
    assert {"product_name", "customer_name", "unit", "date", "amount"} <= set(names)
    assert all(entry.strip() for entries in names.values() for entry in entries)


def normal(text: str) -> str:
    """The folded form with every digit one: spelling and numbers do not make a message new."""
    return re.sub(r"\d", "0", fold(plain(text)))


@pytest.mark.parametrize("path", HELD_OUT, ids=lambda path: path.stem)
def test_held_out_messages_are_not_training_messages(
    path: Path, messages: list[tuple[str, str]]
) -> None:
    """A few words ("order status") anybody says; of longer ones not even a like one is taught."""
    texts = [normal(json.loads(line)["text"]) for line in path.read_text().splitlines()]
    longer = [text for text in texts if len(text.split()) >= FEWEST_WORDS]
    taught = [normal(text) for _, text in messages]
    taught = [text for text in taught if len(text.split()) >= FEWEST_WORDS]
    alike = process.cdist(
        longer, taught, scorer=fuzz.ratio, score_cutoff=ALIKE, dtype=np.uint8, workers=2
    )
    assert [taught[i] for i in sorted(set(np.nonzero(alike)[1]))] == []


def test_there_are_enough_held_out_messages() -> None:
    assert sum(len(path.read_text().splitlines()) for path in HELD_OUT) >= FEWEST_HELD_OUT
