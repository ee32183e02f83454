"""Several questions in one message: "Ravi ka khata dikhao aur uska number do"."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from actions.context import Turn
from actions.entities import NUMBERS, Entity
from actions.lexicon import says, which, words
from actions.reading.parts import part_of
from erp_core.kernel.clauses import clauses

LONGEST = 20
"""A message of more words tells a story."""

ANSWERED_BY: Mapping[str, tuple[str, str]] = {
    "number": ("customer_query", "action_customer_query"),
    "khata": ("khata_query", "action_khata_query"),
    "price": ("price_query", "action_price_query"),
    "low": ("low_stock_query", "action_low_stock_query"),
    "stock": ("inventory_query", "action_inventory_query"),
    "gst": ("gst_export", "action_gst_export"),
    "profit": ("report_request", "action_report_request"),
    "expenses": ("report_request", "action_report_request"),
    "payments": ("report_request", "action_report_request"),
    "sales": ("report_request", "action_report_request"),
    "paid": ("payment_status", "action_payment_status"),
}
"""The topics of questions (lexicon `asks_of`): the intent of each, and the action that answers."""

TOGETHER = frozenset({"price", "stock"})
"""What is told of goods in one answer already."""

_COMPARES = ("of_all", "periods.compared", "periods.more_or_less")

SUBJECTS: Mapping[str, tuple[str, ...]] = {
    "customer_query": ("customer_name", "person"),
    "khata_query": ("customer_name", "person"),
    "price_query": ("product_name",),
    "inventory_query": ("product_name",),
    "gst_export": ("date",),
    "report_request": ("date", "product_name"),
}
"""What a question before says for one of an intent as well."""


class Question(NamedTuple):
    """One of several questions: the turn as if it alone had been asked, and who answers it."""

    turn: Turn
    action: str


def topic_of(text: str) -> str | None:
    """What a question is about; whether money came, where it names money and giving alone."""
    if topic := which(text, "asks_of"):
        return topic
    said = words(text)
    paid = says(said, "dues.their_money") and says(said, "questions.paid")
    return "paid" if paid else None


def questions_in(turn: Turn) -> list[Question]:
    """The questions of a message that asks for several things; none where it does not."""
    intents = {intent for intent, _ in ANSWERED_BY.values()}
    if not turn.is_user or turn.intent not in intents or turn.is_not_words:
        return []
    if len(turn.words) > LONGEST or any(one.name in NUMBERS for one in turn.entities):
        return []
    parts = [part_of(turn, span) for span in clauses(turn.text)]
    if len(parts) < 2:
        return []
    topics = [which(part.text, "asks_of") for part in parts]
    if of_days := _of_several_days(parts, topics):
        return of_days
    if None in topics or len(set(topics)) < len(topics) or set(topics) == TOGETHER:
        return []
    asked, said = [], list[Entity]()
    for topic, part in zip(topics, parts, strict=True):
        question = _question(part, str(topic))
        asked.append(question._replace(turn=_with_carried(question.turn, said)))
        said = [*part.entities, *said]
    return asked


def _of_several_days(parts: Sequence[Turn], topics: Sequence[str | None]) -> list[Question]:
    """ "Kal ki sale aur aaj ki", "pichle mahine ka profit batao aur is mahine ka bhi": the same of
    each day; none where days are compared, or something else is asked besides."""
    first, days = topics[0], [part.all("date") for part in parts]
    same = first is not None and set(topics) <= {first, None}
    alone = all(len(one) == 1 and one[0].end for one in days)
    others = any(one.name not in ("date", "report_type") for part in parts for one in part.entities)
    compared = any(says(part.words, cue) for part in parts for cue in _COMPARES)
    if not same or not alone or others or compared:
        return []
    start, end = days[0][0].start, days[0][0].end
    asked = []
    for (day,) in days:
        text = f"{parts[0].text[:start]}{day.value}{parts[0].text[end:]}"
        moved = [replace(day, start=start, end=start + len(day.value))]
        kinds = [replace(one, start=0, end=0) for one in parts[0].all("report_type")]
        asked.append(_question(replace(parts[0], text=text, entities=[*moved, *kinds]), first))
    return asked


def question_in(part: Turn, said: Sequence[Entity]) -> Question | None:
    """The question that a part of a message asks, with what was said before it and stands for it
    too; None where it asks nothing."""
    topic = which(part.text, "asks_of")
    if topic is None or any(one.name in NUMBERS for one in part.entities):
        return None
    question = _question(part, topic)
    return question._replace(turn=_with_carried(question.turn, said))


def _question(part: Turn, topic: str) -> Question:
    if topic == "gst" and says(part.words, "gst_due"):
        topic = "profit"  # The same reply tells what is to be paid.
    intent, action = ANSWERED_BY[topic]
    return Question(replace(part, intent=intent, confidence=1.0), action)


def _with_carried(turn: Turn, said: Sequence[Entity]) -> Turn:
    """With what was said before and stands for this question too: "uska number"."""
    kinds = SUBJECTS.get(turn.intent, ())
    if any(turn.first(kind) for kind in kinds):
        return turn
    carried = [replace(one, start=0, end=0) for one in said if one.name in kinds]
    return replace(turn, entities=[*turn.entities, *carried[:1]])
