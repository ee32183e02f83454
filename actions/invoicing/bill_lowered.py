"""A bill that was made and shall be less: "bill me 50 kam kar do", "us bill pe 10% discount",
"total 450 kar do"."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any
from uuid import UUID

from actions.context import Turn
from actions.entities import NUMBERS, Entity, number_of, paise_of
from actions.invoicing.discounts import WHOLE, counts_in_units, percent_in, takes_so_much_less
from actions.lexicon import only, says, words
from actions.match import just_spoken_of, product_named, recent
from erp_core.invoicing import queries as invoices
from erp_core.kernel.hindi_numbers import parse_amount
from erp_core.kernel.money import half_up

_FIGURE = re.compile(r"(?<![\w.%])\d+(?:\.\d{1,2})?(?![\w.%])")
_AROUND_A_TOTAL = ("filler", "bill_words", "total_alone", "rupees", "sets_rate", "pronouns")


def lowers_bill(turn: Turn) -> dict[str, Any] | None:
    """How much less a bill that was made shall be: {"paise": 5000}, {"percent": "10"}, or
    {"total": 45000}, which it shall come to."""
    bill = recent(turn, "invoice") if turn.is_user and not turn.is_not_words else None
    if bill is None or says(turn.words, "asking"):
        return None
    turn = _with_the_sum(turn)
    told = just_spoken_of(turn, "invoice")
    if says(turn.words, "negation") or not (told or says(turn.words, "bill_words")):
        return None
    if takes_so_much_less(turn) and _is_on_it(turn, bill):
        return _taken_off(turn, told=told)
    return _comes_to(turn) if told else None


def less_by(lowered: Mapping[str, Any], total: int) -> int:
    """What that takes off a bill of so much, in paise."""
    if "percent" in lowered:
        return half_up(total * Decimal(lowered["percent"]) / WHOLE)
    return int(lowered["paise"]) if "paise" in lowered else max(0, total - int(lowered["total"]))


def _with_the_sum(turn: Turn) -> Turn:
    """The turn with the sum taken off marked, where it was taken for goods, "50 off", or for
    nothing."""
    named = [one for one in turn.all("product_name") if _is_sum_off(one)]
    sums = [replace(one, name="amount", value=one.value.split()[0]) for one in named]
    figures = [] if turn.entities else _FIGURE.findall(turn.text)
    sums += [Entity("quantity", one) for one in figures]
    return replace(turn, entities=[*(one for one in turn.entities if one not in named), *sums])


def _is_sum_off(goods: Entity) -> bool:
    number, *beside = goods.value.split()
    return parse_amount(number) is not None and only(words(" ".join(beside)) or [""], "discount")


def _taken_off(turn: Turn, *, told: bool) -> dict[str, Any] | None:
    if percent := percent_in(turn.text):
        return {"percent": str(percent)}
    figures = [one for one in turn.entities if one.name in NUMBERS]
    if len(figures) != 1 or not (says(turn.words, "bill_words") or told):
        return None
    if not says(turn.words, "bill_words") and _counts_its_goods(turn, figures[0]):
        return None
    if counts_in_units(turn, figures[0]):
        return None
    return {"paise": paise_of(figures[0])}


def _is_on_it(turn: Turn, bill: UUID) -> bool:
    """Whether no goods are named but some of the bill."""
    if turn.first("product_name") is None:
        return True
    with turn.read() as reader:
        meant = product_named(reader, turn.value("product_name") or "").one
        lines = invoices.invoice(reader, bill).lines
    return meant is not None and any(one.product_id == meant.id for one in lines)


def _counts_its_goods(turn: Turn, number: Entity) -> bool:
    """Whether a number may as well be of goods on the bill: "1 kam kar do", where there are 2."""
    if number.name == "amount" or says(turn.words, "rupees"):
        return False
    bill, count = recent(turn, "invoice"), number_of(number)
    with turn.read() as reader:
        lines = invoices.invoice(reader, bill).lines if bill else ()
    return counts_in_units(turn, number) or any(count and count <= one.quantity for one in lines)


def _comes_to(turn: Turn) -> dict[str, Any] | None:
    """ "Bill ka total 450 kar do", of a bill of more."""
    sums = [one for one in turn.entities if one.name in NUMBERS]
    if len(sums) != 1 or len(turn.entities) != 1 or not says(turn.words, "total_alone"):
        return None
    rest = words(f"{turn.text[: sums[0].start]} {turn.text[sums[0].end :]}")
    if not all(any(only([one], cue) for cue in _AROUND_A_TOTAL) for one in rest):
        return None
    bill, total = recent(turn, "invoice"), paise_of(sums[0])
    with turn.read() as reader:
        billed = invoices.invoice(reader, bill).total_paise if bill else 0
    return {"total": total} if total and total < billed else None
