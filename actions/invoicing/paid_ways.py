"""In which ways money came: by one, in parts by several, or half and half."""

from __future__ import annotations

from collections.abc import Sequence

from actions.context import Turn
from actions.entities import method_of, paise_of
from actions.forms.draft import Draft
from actions.lexicon import every, says
from actions.reading.money import take_amount
from actions.reading.said import denied_entities
from erp_core.kernel.clauses import Span
from erp_core.kernel.money import inr
from erp_core.payments.ways import in_halves

Part = tuple[int, str]
"""Paise, and the way in which they were paid."""


def take_paid(turn: Turn, draft: Draft) -> tuple[bool, bool]:
    """Take how much was paid, and how; whether the message said either."""
    parts = payments_said(turn, draft["amount"])
    if parts:
        draft["parts"], draft["halves"] = parts, None
        draft["amount"], draft["method"] = sum(one for one, _ in parts), parts[0][1]
        return True, True
    amount, halves = take_amount(turn, draft), _halves_said(turn, draft)
    way = None if halves else _way_said(turn)
    if halves or way:
        draft["method"], draft["halves"] = way or halves[0], halves or None
    elif amount and draft["parts"] and not draft["halves"]:
        draft["method"] = None  # of another sum nobody knows how much came in which way
    if amount or way or halves:
        draft["parts"] = None
    return amount, bool(way or halves)


def settle_halves(draft: Draft) -> None:
    """Split the sum, now that it is known, in two."""
    if draft["halves"] and draft["amount"]:
        draft["parts"] = list(zip(in_halves(draft["amount"]), draft["halves"], strict=True))


def take_rest_by_way(turn: Turn, draft: Draft) -> bool:
    """Take that a part came in one way, and all that is left in another; whether that is said."""
    by_way = rest_by_way(turn)
    if not by_way or draft["parts"]:
        return False
    draft["by_way"], draft["amount"], draft["all"] = by_way, None, True
    draft["method"] = by_way[0][1]
    return True


def settle_rest(turn: Turn, draft: Draft, owed: int) -> None:
    """What came in each way, now that it is known what is owed; of no more than came in the first
    the other is told back."""
    (paid, first), (_, second) = draft["by_way"]
    draft["by_way"], draft["all"] = None, None
    if owed > paid:
        draft["amount"], draft["parts"] = owed, [(paid, first), (owed - paid, second)]
    else:
        draft["amount"] = paid
        turn.say("utter_not_in_it", said=turn.line(f"method_{second}"))


def ways_line(turn: Turn, draft: Draft) -> str:
    """How it was paid; with how much of it each way, when there are several."""
    if not draft["parts"]:
        return turn.line(f"method_{draft['method']}")
    return parts_line(turn, draft["parts"])


def parts_line(turn: Turn, parts: Sequence[Part]) -> str:
    """So much each way; only the way of a rest where nothing was left to be paid so."""
    each = [(inr(paise) if paise > 0 else "", turn.line(f"method_{way}")) for paise, way in parts]
    return " + ".join(f"{paid} {way}".strip() for paid, way in each)


def payments_said(turn: Turn, known: int | None = None) -> list[Part]:
    """The parts of money that came in several ways at once: "2000 cash aur 3000 upi"; the sum of
    all may stand beside them. `known`: the sum, where it was said before."""
    amounts = [one for one in denied_entities(turn) if one.name in ("amount", "quantity")]
    paid = [(paise, (one.start, one.end)) for one in amounts if (paise := paise_of(one))]
    if not paid or len(paid) != len(amounts) or says(turn.words, "negation"):
        return []
    whole = sum(paise for paise, _ in paid)
    each = _by_ways(turn, paid) if len(paid) > 2 else []
    if each:
        return each
    for at in (0, len(paid) - 1):
        if len(paid) > 2 and paid[at][0] * 2 == whole:
            return _by_ways(turn, [*paid[:at], *paid[at + 1 :]])
    if len(paid) == 2 and says(turn.words, "rest"):
        return _with_rest(turn, paid[1:], paid[0][0])
    if len(paid) == 1:
        return _with_rest(turn, paid, known)
    return _by_ways(turn, paid)


def _by_ways(turn: Turn, paid: Sequence[tuple[int, Span]]) -> list[Part]:
    """Each with the one way that stands behind it, or before it."""
    starts, ends = [span[0] for _, span in paid], [span[1] for _, span in paid]
    behind = zip(ends, [*starts[1:], len(turn.text)], strict=True)
    before = zip([0, *ends[:-1]], starts, strict=True)
    for gaps in (behind, before):
        ways = [every(turn.text[start:end], "methods") for start, end in gaps]
        if all(len(one) == 1 for one in ways) and len({one[0] for one in ways}) == len(ways):
            return [(paise, way[0]) for (paise, _), way in zip(paid, ways, strict=True)]
    return []


def rest_by_way(turn: Turn) -> list[tuple[int | None, str]]:
    """ "500 cash baaki upi", of a sum that is not known yet: the rest is None."""
    paid = [paise for one in turn.all("amount") if (paise := paise_of(one))]
    ways = sorted(every(turn.text, "methods"), key=lambda way: _place(turn, way))
    if len(paid) != 1 or len(ways) != 2 or not says(turn.words, "rest"):
        return []
    return [(paid[0], ways[0]), (None, ways[1])]


def _with_rest(turn: Turn, paid: Sequence[tuple[int, Span]], known: int | None) -> list[Part]:
    """ "500 cash baaki upi", of a sum that is known."""
    (paise, (_, end)), *_ = paid
    ways = every(turn.text[end:], "methods")
    if known is None or paise >= known or len(ways) != 2 or not says(turn.words, "rest"):
        return []
    first, second = sorted(ways, key=lambda way: _place(turn, way))
    return [(paise, first), (known - paise, second)]


def _halves_said(turn: Turn, draft: Draft) -> list[str]:
    """The two ways of "half cash half upi"; of "aadha upi se" the other is the one said before."""
    if not says(turn.words, "half"):
        return []
    ways = sorted(every(turn.text, "methods"), key=lambda way: _place(turn, way))
    if len(ways) == 1 and draft.replying and draft["method"] not in (None, ways[0]):
        return [draft["method"], *ways]
    return ways if len(ways) == 2 else []


def _place(turn: Turn, way: str) -> int:
    """Which word of a message is the first that names a way."""
    return next(
        (at for at, _ in enumerate(turn.words) if says(turn.words[: at + 1], f"methods.{way}")), 0
    )


def _way_said(turn: Turn) -> str | None:
    """How it was paid; None when several ways are named, since it takes one payment for each."""
    named = [one for one in denied_entities(turn) if one.name == "payment_method"]
    ways = [way for one in named if (way := method_of(one.value))]
    if not named:
        ways = every(turn.text, "methods")
    return ways[0] if len(set(ways)) == 1 else None
