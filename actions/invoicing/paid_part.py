"""A part of what goods cost, told of while they are being written: "unko 300 de diye"."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from actions.context import Turn
from actions.entities import NAMES, Entity, sums_and_rates
from actions.forms.customer import is_part_of
from actions.forms.draft import Draft
from actions.forms.names import VENDOR_PAYMENT_FORM
from actions.invoicing.paid_beside import leaves_rest
from actions.lexicon import every, only, says, words
from actions.purchases.vendors import seller_named
from actions.reading.money import amounts_said
from actions.reading.parts import part_of
from erp_core.kernel.clauses import clauses
from erp_core.kernel.money import inr
from erp_core.parties.names import person_key

_WORD = re.compile(r"[^\W\d_]+")
MOST_WORDS = 9
MOST_WAYS = 2
_OF_A_PART = (
    "filler", "rupees", "buying.gave", "tense.past", "rest", "half", "on_khata", "credit",
    "dues.their_money", "paid_now", "methods.cash", "methods.upi", "methods.bank_transfer",
    "same_person",
)  # fmt: skip
"""Beside a sum that was given for goods: what says more is of something else."""


def take_part(turn: Turn, draft: Draft, *, credit: str) -> bool:
    """Whether money for the vendor of a purchase is told of before it was said how it was paid:
    what came stays on credit, and the money is asked about after it."""
    vendor, amounts = draft["vendor"], amounts_said(turn)
    if (draft.pending or {}).get("kind") != "paid":
        return False  # "300 diye" may tell what the goods cost, where that is asked
    if draft["mode"] != "came" or not vendor or len(amounts) != 1 or not _gives(turn):
        return False
    named, buyer = seller_named(turn), turn.value("customer_name")
    if buyer and not is_part_of(buyer, vendor["name"]):
        return False
    if named and person_key(named.value) != person_key(vendor["name"]):
        return False
    draft["part"] = {"amount": amounts[0], "method": turn.method}
    draft["paid"], draft.pending = credit, None
    ask_part_next(turn, draft)
    return True


def take_part_beside(turn: Turn, draft: Draft, *, credit: str) -> Turn:
    """The goods of "100 kilo chini aayi 39 rupaye kilo, 2000 cash diye baaki udhaar": what came is
    on credit, and the money is kept until it is known whose it is."""
    told = next((one for one in _ends_of(turn) if _pays_a_part(turn, one)), None)
    if told is None:
        return turn
    half, amounts = says(told.words, "half"), amounts_said(told)
    draft["part"] = {"amount": None if half else amounts[0], "half": half, "method": told.method}
    draft["paid"] = credit
    start = len(turn.text) - len(told.text)
    kept = [one for one in turn.entities if one.start < start]
    sellers = [
        replace(one, start=0, end=0)
        for one in turn.entities
        if one.start >= start and one.name in NAMES
    ]
    return replace(turn, text=turn.text[:start], entities=[*kept, *sellers])


def ask_part_next(turn: Turn, draft: Draft) -> None:
    """Have the part that was paid asked about after the purchase, once the vendor is known."""
    vendor, said = draft["vendor"], draft["part"]
    if not vendor or not said or not said["amount"]:
        return
    part = Draft(f"{turn.new_id()}-part", VENDOR_PAYMENT_FORM)
    part["vendor_said"], part["amount"], part["method"] = (
        vendor["name"], said["amount"], said["method"],
    )  # fmt: skip
    draft["part"] = None
    draft.data.setdefault("others", []).append(part.kept())
    turn.say("utter_paid_next", what=inr(said["amount"]))


def _ends_of(turn: Turn) -> Iterator[Turn]:
    """The message from each of its clauses on, but the first; and where nothing parts them, from a
    half, or from a sum behind what the goods cost: "28 ke bhav 100 diya baki"."""
    starts = [start for start, _ in clauses(turn.text)[1:]]
    starts += [one.start() for one in _WORD.finditer(turn.text) if only(words(one[0]), "half")]
    if leaves_rest(turn):
        starts += [one.start for one in turn.all("amount")[1:]]
    starts += _sums_behind_price(turn)
    for start in starts:
        if start:
            yield part_of(turn, (start, len(turn.text)))


def _sums_behind_price(turn: Turn) -> Iterator[int]:
    """Where sums stand behind all goods and behind what they cost, with no word of a price."""
    last = max((one.end for one in turn.all("product_name")), default=0)
    for one in turn.all("amount"):
        priced = _priced(turn, one.start)
        between = turn.text[priced[-1].end : one.start] if priced else ""
        if priced and one.start >= last and not says(words(between), "asks_of.price"):
            yield one.start


def _pays_a_part(turn: Turn, told: Turn) -> bool:
    """Whether the end of a message tells of money that was given, of no goods, and of no more than
    a part: what is left is owed, half is, or what the goods cost was said before."""
    amounts, half = amounts_said(told), says(told.words, "half")
    if told.first("product_name") or not (says(told.words, "buying.gave") or told.method):
        return False
    if len(amounts) == 1 and leaves_rest(turn):
        return True
    if not all(any(only([one], cue) for cue in _OF_A_PART) for one in _besides(told)):
        return False
    if half:
        return not amounts and len(every(told.text, "methods")) < MOST_WAYS
    if says(told.words, "on_khata") or says(told.words, "credit"):
        return bool(amounts) and told.method is not None
    priced = _priced(turn, len(turn.text) - len(told.text))
    return bool(priced) and len(amounts) == 1


def _priced(turn: Turn, until: int) -> list[Entity]:
    """What the goods cost, where it stands in front of a place in the message."""
    told = sums_and_rates(turn.text, turn.entities)
    return [one for one in told if one.end and one.end <= until]


def _besides(told: Turn) -> tuple[str, ...]:
    """The words of a message without its numbers, who is paid, and in which way."""
    text, named = (
        told.text,
        ("amount", "quantity", "payment_method", "customer_name", "vendor_name"),
    )
    for one in (each for each in told.entities if each.name in named):
        text = f"{text[: one.start]}{' ' * (one.end - one.start)}{text[one.end :]}"
    return words(text)


def _gives(turn: Turn) -> bool:
    """Whether a message says that money was given, and nothing of goods."""
    if turn.first("product_name") or turn.first("unit") or turn.metadata.get("kind") == "button":
        return False
    if not 1 < len(turn.words) <= MOST_WORDS or says(turn.words, "asking"):
        return False
    future = says(turn.words, "tense.future") or says(turn.words, "negation")
    return says(turn.words, "buying.gave") and not future
