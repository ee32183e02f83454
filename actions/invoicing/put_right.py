"""One number in the place of another: "40 nahi 45 kar do", of what was just written."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from rasa_sdk.events import EventType

from actions.context import Turn
from actions.entities import NUMBERS, Entity, paise_of, refuses_next
from actions.lexicon import beside, only, says, words
from actions.match import just_spoken_of, recent
from actions.reading.instead import is_plain
from actions.reading.when import day_alone
from actions.wording import day
from erp_core.catalogue import queries as catalogue
from erp_core.invoicing import counter
from erp_core.invoicing import queries as invoices
from erp_core.kernel.hindi_numbers import parse_amount
from erp_core.kernel.money import PAISE_PER_RUPEE
from erp_core.orders import queries as orders
from erp_core.orders.queries import OrderLine
from erp_core.parties.permissions import Permission

LONGEST = 12
"""A message of more words tells something of its own."""
NEAR = 3
"""So many words behind a number may say that it is wrong: "16500 to galat"."""

ALIKE = 2
"""So many times what was written, or a part of it, is taken for the same goods."""
_AROUND_A_SUM = (
    "filler", "total_alone", "money_given", "took", "had_been", "undoing.sorry", "undoing.just",
    "undoing.payment", "rupees", "plain_no",
)  # fmt: skip

Figures = tuple[Decimal, Decimal]


def figures_of(turn: Turn) -> Figures | None:
    """The number that is refused, and the one in its place: "40 nahi 45", "5000 hi tha, 16500
    galat hai", "it was 5000 not 16500"."""
    if not turn.is_user or turn.is_not_words or not 3 <= len(turn.words) <= LONGEST:
        return None
    pieces = turn.text.split()
    said = [(at, number) for at, word in enumerate(pieces) if (number := _number(word))]
    if len(said) != 2 or said[0][1] == said[1][1]:
        return None
    (first, one), (second, other) = said
    before, behind = _words(pieces[:first]), _words(pieces[second + 1 :])
    between = _words(pieces[first + 1 : second])
    if _is_refused(behind) or _refuses_next(between, behind):
        return other, one
    if _tells_it_was(between) or _is_from(before, between):
        return one, other
    named_so = says(between, "undoing.written_as") and says(behind, "undoing.was")
    refused = says(between, "undoing.in_place") or says(between, "dues.wrong")
    right = says(between, "undoing.was") or says(behind, "undoing.was")
    refused = refused or (right and says(before[-NEAR:], "dues.wrong"))
    if says(between, "undoing.slip") and says(between, "had_been"):
        return other, one  # "3 the, galti se 2 likh diya"
    return (one, other) if refused or named_so or refuses_next(before) else None


def _is_from(before: Sequence[str], between: Sequence[str]) -> bool:
    """ "Change from 1850 to 1580"."""
    stands = [one for one in between if not only([one], "rupees")]
    changes = says(before, "undoing.changes") and bool(stands)
    return changes and only(stands, "undoing.changed_to")


def _tells_it_was(between: Sequence[str]) -> bool:
    """ "1850 but it was 1580": nothing else stands between the two."""
    rest = beside(tuple(between), "undoing.but_was")
    told = says(between, "undoing.but_was")
    return told and (only(rest, "filler") or only(rest, "rupees"))


def _is_refused(behind: Sequence[str]) -> bool:
    """Whether the words behind a number refuse it: "16500 nahi", "16500 to galat hai"."""
    return says(behind[:1], "negation") or says(behind[:NEAR], "dues.wrong")


def _refuses_next(between: Sequence[str], behind: Sequence[str]) -> bool:
    """Whether what stands between two numbers refuses the second: "… not 16500", "5000 tha, galat
    likha 16500"."""
    if says(behind, "undoing.was"):
        return False
    stands = [one for one in between if not only([one], "filler") or says([one], "undoing.was")]
    first_is_right = says(stands[:1], "undoing.was") and says(between, "dues.wrong")
    return refuses_next(between) or first_is_right


def replaces(turn: Turn, paise: Any) -> bool:
    """Whether the amount that was written is the one that is refused."""
    figures = figures_of(turn)
    return figures is not None and figures[0] * PAISE_PER_RUPEE == paise


def lines_put_right(turn: Turn) -> list[OrderLine]:
    """Lines of the order that was just told of in which the refused number stands, as how many or
    as the rate."""
    figures, order_id = figures_of(turn), recent(turn, "order")
    named = [one for one in turn.entities if one.name not in ("quantity", "amount", "unit")]
    if figures is None or order_id is None or named or not just_spoken_of(turn, "order"):
        return []
    with turn.read() as reader:
        lines = orders.order(reader, order_id).lines
    counted = [one for one in lines if one.quantity == figures[0]]
    rated = [one for one in lines if one.unit_price_paise == figures[0] * PAISE_PER_RUPEE]
    if says(turn.words, "asks_price"):
        return rated
    return counted + [one for one in rated if one not in counted]


def told_price_put_right(turn: Turn) -> bool:
    """Whether the refused number is the rate of the goods that were just told of, as of new ones:
    "45 nahi 54"."""
    figures, product_id = figures_of(turn), recent(turn, "product")
    named = [one for one in turn.entities if one.name not in ("quantity", "amount", "unit")]
    if figures is None or product_id is None or named or not just_spoken_of(turn, "product"):
        return False
    with turn.read() as reader:
        price = catalogue.product(reader, product_id).price_paise
    return price == figures[0] * PAISE_PER_RUPEE and turn.may(Permission.CHANGE_PRICE)


def total_put_right(turn: Turn) -> int | None:
    """ "Total 65 liye", "sirf 60 mile", right after a sale over the counter: what was taken for all
    of it, in paise."""
    bill_id = recent(turn, "invoice") if just_spoken_of(turn, "invoice") else None
    sums = [one for one in turn.entities if one.name in NUMBERS]
    if bill_id is None or not turn.is_user or len(sums) != 1 or len(turn.entities) != 1:
        return None
    paise = paise_of(sums[0])
    if not paise or not is_plain(turn) or not _is_of_all(turn, sums[0]):
        return None
    with turn.read() as reader:
        bill = invoices.invoice(reader, bill_id)
        fits = bill.total_paise <= paise * ALIKE and paise <= bill.total_paise * ALIKE
        other = paise != bill.total_paise
        return paise if fits and other and counter.can_sell_again(reader, bill) else None


def tell_dated_today(turn: Turn) -> list[EventType] | None:
    """ "Wo kal ka tha", right after a bill: it is of the day on which it was made."""
    said = day_alone(turn) if just_spoken_of(turn, "invoice") else None
    if said is None:
        return None
    turn.say("utter_bill_of_today", said=said.value, today=day(turn.today))
    return []


def _is_of_all(turn: Turn, money: Entity) -> bool:
    """Whether a number is said to be what was taken, and nothing else is said."""
    rest = words(f"{turn.text[: money.start]} {turn.text[money.end :]}")
    came = any(says(rest, one) for one in ("money_given", "took", "undoing.payment"))
    put_right = any(says(rest, one) for one in ("had_been", "undoing.sorry", "undoing.just"))
    told = says(rest, "total_alone") or (came and put_right)
    return told and all(any(only([one], cue) for cue in _AROUND_A_SUM) for one in rest)


def _number(word: str) -> Decimal | None:
    if only(words(word), "filler") or only(words(word), "negation"):
        return None
    return parse_amount(word.strip(".,!?₹"))


def _words(pieces: Sequence[str]) -> tuple[str, ...]:
    return words(" ".join(pieces))
