"""What is to come on top of goods on their bill, and does not: what bringing them costs, and what
was owed before."""

from __future__ import annotations

import re

from actions.context import Turn
from actions.forms.draft import Draft
from actions.forms.intents import UNSURE
from actions.lexicon import only, says, words
from actions.match import customer_named, product_named
from actions.reading.parts import without
from erp_core.kernel.clauses import Span

_WORD = re.compile(r"[^\s,;!?]+")
_FIGURE = re.compile(r"(?:rs\.?|₹)?\d[\d,.]*", re.IGNORECASE)
REACH = 3
"""So many words from its name a charge is said: "transport ka 500 alag se"."""


def without_what_is_on_top(turn: Turn, draft: Draft) -> Turn:
    """The message without it; it is told how it is kept instead."""
    if not (turn.first("product_name") or draft["lines"]):
        return turn
    if span := _charge(turn):
        turn.say("utter_charge_not_on_bill", said=turn.text[slice(*span)].strip())
        turn = without(turn, *span)
    if span := _old_dues(turn):
        turn.say("utter_old_dues_apart", said=turn.text[slice(*span)].strip())
        turn = without(turn, *span)
    return turn


def adds_charge(turn: Turn) -> bool:
    """ "Transport 500 alag se jodna", said of a bill, and of nothing that was spent."""
    return _charge(turn) is not None and says(turn.words, "on_top.adds")


def charged_on_bill(turn: Turn) -> bool:
    """ "Visiting charge 300 laga do Farah ke bill me", taken for what was spent: work for somebody
    who is known here, and what it costs."""
    work, whose = turn.first("item") or turn.first("product_name"), turn.value("customer_name")
    taken = turn.is_user and turn.intent in UNSURE | {"expense_log"} and turn.first("amount")
    if not taken or work is None or whose is None or says(turn.words, "asking"):
        return False
    if not says(turn.words, "on_top.on_bill") or not says(turn.words, "on_top.adds"):
        return False
    with turn.read() as reader:
        return customer_named(reader, whose).one is not None


def charge_asked(turn: Turn) -> str | None:
    """The charge of which it is asked how a bill takes it."""
    span = _charge(turn) if says(turn.words, "bill_words") else None
    return turn.text[slice(*span)].strip() if span else None


def _charge(turn: Turn) -> Span | None:
    """Where a charge is said with its sum; goods that the shop sells are none."""
    row = [one.span() for one in _WORD.finditer(turn.text)]
    for at, span in enumerate(row):
        said = turn.text[slice(*span)]
        if not only(words(said) or [""], "charges") or _is_goods(turn, said):
            continue
        near = [
            each
            for each in range(max(0, at - 2), min(len(row), at + REACH + 1))
            if _FIGURE.fullmatch(turn.text[slice(*row[each])])
            and not _counts_goods(turn, row[each])
            and all(
                only(words(turn.text[slice(*row[between])]) or [""], "on_top.between")
                for between in range(min(at, each) + 1, max(at, each))
            )
        ]
        if near:
            behind = [one for one in near if one > at] or near
            return _whole(turn, row, min(at, behind[0]), max(at, behind[0]) + 1)
    return None


def _counts_goods(turn: Turn, figure: Span) -> bool:
    """Whether goods stand right behind a number: "parcel 2 idli"."""
    behind = [one.start for one in turn.all("product_name") if one.start >= figure[1]]
    return any(not turn.text[figure[1] : start].strip() for start in behind)


def _old_dues(turn: Turn) -> Span | None:
    """Where what was owed before is to be added: "purana 500 bhi jod do"."""
    row = [one.span() for one in _WORD.finditer(turn.text)]
    if not says(turn.words, "on_top.adds"):
        return None
    for at, span in enumerate(row):
        if not only(words(turn.text[slice(*span)]) or [""], "on_top.old"):
            continue
        start, end = _whole(turn, row, at, at + 1)
        said = words(turn.text[start:end])
        if says(said, "on_top.adds") and not _names(turn, (start, end)):
            return start, end
    return None


def _whole(turn: Turn, row: list[Span], first: int, last: int) -> Span:
    while row[last:] and _goes_on(turn.text[slice(*row[last])]):
        if "," in turn.text[row[last - 1][1] : row[last][0]]:
            break
        last += 1
    return row[first][0], row[last - 1][1]


def _goes_on(word: str) -> bool:
    said = words(word) or ("",)
    cues = ("on_top.between", "on_top.adds", "on_top.owed", "rupees")
    return _FIGURE.fullmatch(word) is not None or any(only(said, cue) for cue in cues)


def _names(turn: Turn, span: Span) -> bool:
    return any(span[0] <= one.start < span[1] for one in turn.all("product_name"))


def _is_goods(turn: Turn, said: str) -> bool:
    with turn.read() as reader:
        found = product_named(reader, said)
    return found.one is not None
