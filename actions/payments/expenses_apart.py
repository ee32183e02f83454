"""Expenses that stand beside one another in a message with no more than their sums between them:
"200 chai 500 bijli 1000 kiraya"; and sums that are parts of one another."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import NamedTuple

from actions.context import Turn
from actions.entities import SEPARATOR_COST, Entity, paise_of
from actions.lexicon import every, only, says, words
from actions.reading.money import amounts_said
from actions.reading.parts import part_of, pieces, without
from erp_core.kernel.clauses import SEPARATOR, Span
from erp_core.kernel.money import rupees

_WORD = re.compile(r"[^\s,;.!?|]+")
_NAMED = ("item", "product_name", "vendor_name")
_BESIDE = (
    "filler", "no_item", "tense.past", "spent", "buying.paying", "buying.bought", "written.of_them",
    "of_entries.expense", "rupees", "written.today",
)  # fmt: skip
"""Words beside a sum that do not tell what it was spent on."""
MOST_WORDS = 3
"""Of what a sum was spent on; more are a sentence about something else."""
TWO = 2


def apart(turn: Turn) -> list[Turn]:
    """The turn in parts, each with one sum and what it was spent on, which is marked; none where
    it does not come apart so."""
    sums = [one for one in turn.all("amount") if one.end]
    of_one = says(turn.words, "expenses.within") or says(turn.words, "negation")
    if turn.intent != "expense_log" or of_one or len(amounts_said(turn)) != len(sums) or not sums:
        return []
    ends = [*(_behind_way(turn.text, one.end) for one in sums[:-1]), len(turn.text)]
    told_by_words = (pieces(turn), _behind_verbs(turn))
    in_a_row = (
        list(pairwise([0, *(one.start for one in sums[1:]), len(turn.text)])),
        list(zip([0, *ends], ends, strict=False)),
    )
    for spans in (*told_by_words, *in_a_row):
        parts = [_with_item(part_of(turn, one)) for one in spans]
        told = [one for one in parts if one is not None]
        if not len(told) == len(parts) == len(sums):
            continue
        if spans in told_by_words or len({_stands_first(one) for one in told}) == 1:
            return told
    return []


def paid_alike(turn: Turn, parts: Sequence[Turn]) -> list[Turn]:
    """The expenses of "paid rent 15000 and electricity 3200 by bank transfer", or "chai 60, petrol
    200, dono upi se", each with the way that is said of all."""
    ways, sums = turn.all("payment_method"), [one for one in turn.all("amount") if one.end]
    if len(ways) != 1 or len(sums) < TWO or ways[0].start < sums[-1].end:
        return list(parts)
    ahead = says(words(turn.text[: sums[0].start]), "buying.paying")
    if not ahead and not says(words(turn.text[sums[-1].end :]), "of_all"):
        return list(parts)
    same = replace(ways[0], start=0, end=0)
    return [
        one if one.first("payment_method") else replace(one, entities=[*one.entities, same])
        for one in parts
    ]


def _behind_way(text: str, end: int) -> int:
    """Where a sum ends, with the way in which it was paid: "500 upi"."""
    word = _WORD.search(text, end)
    way = word is not None and not text[end : word.start()].strip() and every(word[0], "methods")
    return word.end() if word and way else end


def _behind_verbs(turn: Turn) -> list[Span]:
    """The message cut behind each word of spending: "petrol 300 ka dala 200 ki chai"."""
    ends = [one.end() for one in _WORD.finditer(turn.text) if only(words(one[0]) or ["-"], "spent")]
    inner = [one for one in ends if turn.text[one:].strip()]
    return list(pairwise([0, *inner, len(turn.text)]))


def _stands_first(part: Turn) -> bool:
    """Whether a part begins with its sum."""
    item, (money, *_) = _content(part), part.all("amount")
    return item is not None and money.start < item[0]


def _with_item(part: Turn) -> Turn | None:
    """A part with what its one sum was spent on; None where it does not tell."""
    span = _content(part)
    if len(part.all("amount")) != 1 or span is None or part.first("customer_name"):
        return None
    if any(part.first(one) for one in _NAMED):
        return part
    start, end = span
    item = Entity("item", part.text[start:end], start=start, end=end)
    return replace(part, entities=sorted([*part.entities, item], key=lambda one: one.start))


def _content(part: Turn) -> Span | None:
    """Where the words stand that tell what a sum was spent on."""
    known = [one for one in part.entities if one.name in ("amount", "date", "payment_method")]
    row = [one for one in _WORD.finditer(part.text) if not _is_beside(one, known)]
    named = [one for one in part.entities if one.name in _NAMED and one.end]
    if not row or (len(row) > MOST_WORDS and not named):
        return None
    return row[0].start(), row[-1].end()


def _is_beside(word: re.Match[str], known: Sequence[Entity]) -> bool:
    if any(one.start < word.end() and word.start() < one.end for one in known):
        return True
    said = words(word[0])
    return not said or any(only(said, one) for one in _BESIDE) or bool(every(word[0], "methods"))


class Instalment(NamedTuple):
    """What of an instalment was interest, and what pays the loan back, in paise."""

    interest: Turn
    paid_back: int


def instalment(turn: Turn) -> Instalment | None:
    """ "Kist 15000 bhari jisme 4000 byaj hai": interest is spent, the rest pays the loan back."""
    sums = [one for one in turn.all("amount") if one.end]
    if not turn.is_user or len(sums) != TWO or not says(turn.words, "tills.instalment"):
        return None
    of_loan = says(turn.words, "tills.loan") or says(turn.words, "tills.kist")
    interest = _nearest(turn.text, sums, "tills.interest")
    if not of_loan or interest is None or says(turn.words, "asking"):
        return None
    other = next(one for one in sums if one is not interest)
    whole, part = paise_of(other) or 0, paise_of(interest) or 0
    joined = says(turn.words, "tills.principal") or says(turn.words, "more")
    principal = whole if joined and not says(turn.words, "expenses.within") else whole - part
    if principal <= 0 or not part:
        return None
    kept = [one for one in turn.entities if one.name not in ("item", "amount", "vendor_name")]
    item = Entity("item", turn.line("word_interest"))
    return Instalment(replace(turn, entities=[*kept, interest, item]), principal)


def _nearest(text: str, sums: Sequence[Entity], cue: str) -> Entity | None:
    """Of some sums the one that a word stands nearest to, within its part of the message."""
    said = [one.span() for one in _WORD.finditer(text) if only(words(one[0]) or ["-"], cue)]
    if not said:
        return None
    ((start, end), *_) = said

    def far(one: Entity) -> int:
        between = text[one.end : start] if one.end <= start else text[end : one.start]
        return len(between) + SEPARATOR_COST * len(SEPARATOR.findall(between))

    return min(sums, key=far)


def less_advance(turn: Turn) -> tuple[Turn, Entity] | None:
    """ "Salary 12000 me se 3000 advance kaat ke 9000 diya": what was given at last, and the advance
    that was an expense on its own day already."""
    sums = [one for one in turn.all("amount") if one.end]
    cut = says(turn.words, "expenses.cut") and says(turn.words, "staff.salary")
    if not turn.is_user or not cut or says(turn.words, "asking") or len(sums) < TWO:
        return None
    advance = _nearest(turn.text, sums, "advance")
    if advance is None:
        return None
    whole, given = (next(one for one in row if one is not advance) for row in (sums, sums[::-1]))
    left = (paise_of(whole) or 0) - (paise_of(advance) or 0)
    if whole is given and only(words(turn.text[whole.end :])[:1] or ["-"], "expenses.out_of"):
        given = replace(whole, value=rupees(left), normalized=None)
    agrees = whole is given or paise_of(given) == left
    return (_with_sum(turn, given), advance) if agrees and left > 0 else None


def _with_sum(turn: Turn, kept: Entity) -> Turn:
    """The message with one of its sums, and no word of an advance."""
    rest = turn
    for one in turn.all("amount"):
        rest = rest if one.start == kept.start else without(rest, one.start, one.end)
    for word in _WORD.finditer(turn.text):
        if only(words(word[0]) or ["-"], "advance"):
            rest = without(rest, *word.span())
    others = [one for one in rest.entities if one.name != "amount"]
    return replace(rest, entities=sorted([*others, kept], key=lambda one: one.start))
