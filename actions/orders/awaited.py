"""A customer's order that waits for the shop's yes, spoken of by whose it is: "Priya ka order pakka
kar do", "Rohan wala bhej diya, usne 304 diye", "Murugan ko do hi hai, do bhej do"."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from functools import partial
from typing import NamedTuple

from actions.context import Turn
from actions.entities import NUMBERS, Entity
from actions.invoicing.paid_beside import as_payment
from actions.lexicon import only, says, where, which, words
from actions.match import customer_named, just_spoken_of, product_named, recent
from actions.reading.parts import part_of, pieces
from erp_core.journal.context import Reader
from erp_core.kernel.clauses import sentences
from erp_core.kernel.hindi_numbers import parse_number
from erp_core.orders import queries as orders
from erp_core.orders import states
from erp_core.orders.queries import Order, OrderLine
from erp_core.parties.permissions import Permission

MOST = 20
"""So many orders that wait are looked through for whoever is named."""
NEAR = 2
"""Words behind a count, its unit among them, in which "hi" makes it all that there is."""
SHORTEST = 3
"""Letters that a name has at least, to be found where nobody marked it."""
_NAMES = ("customer_name", "person", "vendor_name", "order_id")


class Step(NamedTuple):
    """What shall become of an order that waits."""

    order: Order
    status: str


class Part(NamedTuple):
    """A line of an order that waits of which the shop gives only so many."""

    order: Order
    line: OrderLine
    quantity: Decimal


def awaits(turn: Turn) -> bool:
    """Whether an order of a customer's waits for the shop's yes."""
    with turn.read() as reader:
        return any(one.status == states.PENDING for one in orders.open_orders(reader, limit=MOST))


def step_said(turn: Turn) -> Step | None:
    """The customer's order that is named, and the step that a part of the message names for it."""
    if not _may_tell(turn):
        return None
    status = next(filter(None, map(_step_of, _parts(turn))), None)
    if status is None or (turn.first("product_name") and status != states.CANCELLED):
        return None
    with turn.read() as reader:
        found = _named(turn, reader, status)
    if found is None or not _says_no_more(turn, found):
        return None
    waits = found.status == states.PENDING
    return Step(found, status) if waits or len(turn.all("amount")) else None


def part_said(turn: Turn) -> Part | None:
    """ "Lakshmi ko do hi strip hai, do bhej do": only so many of what a customer waits for."""
    counted = turn.all("quantity")
    if not counted or not _may_tell(turn) or not _says_only(turn, counted):
        return None
    number = parse_number(counted[-1].value)
    if number is None or number <= 0 or len(turn.all("product_name")) > 1:
        return None
    with turn.read() as reader:
        found = _named(turn, reader, states.CONFIRMED) or _spoken_of(turn, reader)
        found = found or _given_a_part(turn, reader)
        named = _lines_meant(turn, reader, found) if found else []
    if found is None or len(named) != 1 or number >= named[0].quantity:
        return None
    return Part(found, named[0], number)


def money_beside(turn: Turn) -> Turn | None:
    """What a message tells of money beside the step of an order, as a payment of whose it is."""
    step = step_said(turn)
    if step is None or len(turn.all("amount")) != 1:
        return None
    parts = map(partial(part_of, turn), pieces(turn))
    paid = next((one for one in parts if one.first("amount")), None)
    if paid is None or not says(paid.words, "tense.past"):
        return None
    kept = [one for one in paid.entities if one.name not in _NAMES]
    whose = Entity("customer_name", step.order.customer)
    return as_payment(replace(paid, entities=[whose, *kept]))


def bill_beside(turn: Turn) -> Turn | None:
    """The bill that a message wants beside the step of an order: "order pakka, bill bhej do"."""
    step = step_said(turn)
    parts = (part_of(turn, span) for span in sentences(turn.text))
    bill = next((one for one in parts if says(one.words, "bill_words")), None)
    if step is None or bill is None or _step_of(bill):
        return None
    whose = Entity("customer_name", step.order.customer)
    return replace(bill, intent="invoice_generate", entities=[whose])


def _says_only(turn: Turn, counted: Sequence[Entity]) -> bool:
    """ "Do hi hai", "sirf 2", "3 ki jagah 2"."""
    near = [word for one in counted for word in words(turn.text[one.end :])[:NEAR]]
    behind = any(only([word], "awaited.just") for word in near)
    return behind or says(turn.words, "awaited.only_so_many")


def _lines_meant(turn: Turn, reader: Reader, order: Order) -> list[OrderLine]:
    """The lines of the goods that are named, or all of them, where none are."""
    named = turn.value("product_name") or ""
    known = product_named(reader, named).one if named else None
    return [
        one
        for one in order.lines
        if _means(set(words(named)), one) or (known and known.id == one.product_id)
    ]


def _means(said: set[str], line: OrderLine) -> bool:
    held = words(line.product)
    return all(any(one.startswith(word) or word.startswith(one) for one in held) for word in said)


def _may_tell(turn: Turn) -> bool:
    typed = turn.text and not turn.is_not_words and turn.metadata.get("kind") != "button"
    asks = "?" in turn.text or says(turn.words, "awaited.asking")
    return bool(turn.is_user and typed and not asks and turn.may(Permission.CHANGE_ORDER_STATUS))


def _parts(turn: Turn) -> Iterator[Turn]:
    """The parts of a message that count nothing: what is told of money is none of the order."""
    for span in pieces(turn):
        part = part_of(turn, span)
        if not any(one.name in NUMBERS for one in part.entities):
            yield part


def _step_of(part: Turn) -> str | None:
    """The step that words name: what is to be sent is taken on first, what is gone has gone."""
    if says(part.words, "awaited.of_papers"):
        return None
    if says(part.words, "awaited.refusing"):
        return states.CANCELLED
    told = which(part.text, "statuses")
    done = says(part.words, "tense.past")
    if told == states.READY or (told in (states.SHIPPED, states.DELIVERED) and done):
        return told
    if told in (states.SHIPPED, states.CONFIRMED) or says(part.words, "awaited.accepting"):
        return states.CONFIRMED
    return None


def _says_no_more(turn: Turn, order: Order) -> bool:
    """Whether nothing stands in the part that names the step but it, whose order it is, and words
    of no weight: "Priya ka order le ke gaya Ramesh" tells something of its own."""
    step = next(one for one in _parts(turn) if _step_of(one))
    if _step_of(step) == states.CANCELLED:
        return True
    named = {word for one in step.entities if one.name in _NAMES for word in words(one.value)}
    rest = [one for one in step.words if one not in {*named, *words(order.customer)}]
    cues = ("awaited.refusing", "awaited.accepting", "awaited.around", "filler", "buyers.agreeing")
    beside = (*cues, *(f"statuses.{one}" for one in _STEPS))
    return all(any(says([word], cue) for cue in beside) for word in _without_cues(rest, beside))


_STEPS = (states.READY, states.SHIPPED, states.DELIVERED, states.CONFIRMED)


def _without_cues(said: Sequence[str], cues: Sequence[str]) -> list[str]:
    """The words without the phrases of several words among them."""
    row = list(said)
    for cue in cues:
        while (found := where(row, cue)) is not None and found[1] - found[0] > 1:
            del row[found[0] : found[1]]
    return row


def _named(turn: Turn, reader: Reader, status: str) -> Order | None:
    """The open order that can take the step, of whoever is named or under the number that is; one
    that waits is accepted on the way, where none other can."""
    if number := turn.value("order_id"):
        found = orders.order_by_number(reader, number)
        theirs = [found] if found else []
    else:
        theirs = _of_whom(turn, reader, orders.open_orders(reader, limit=MOST))
    able = [one for one in theirs if status in states.TRANSITIONS.after(one.status)]
    fitting = able or [one for one in theirs if one.status == states.PENDING]
    alone = len({one.customer_id for one in fitting}) == 1
    return fitting[0] if alone else None


def _of_whom(turn: Turn, reader: Reader, found: Sequence[Order]) -> list[Order]:
    named = sorted((one for one in turn.entities if one.name in _NAMES), key=lambda one: one.start)
    if not named:
        theirs = [one for one in found if _is_in(turn, one.customer)]
        waiting = [one for one in found if one.status == states.PENDING]
        return theirs or (waiting if _accepts_what_waits(turn) and len(waiting) == 1 else [])
    whose = customer_named(reader, named[0].value).one
    return [one for one in found if whose and one.customer_id == whose.id]


def _accepts_what_waits(turn: Turn) -> bool:
    """ "Accept kar do aur iska bill bana do" names nobody: it is the only one that waits."""
    return says(turn.words, "accepting") and len(turn.clauses) > 1


def _is_in(turn: Turn, name: str) -> bool:
    parts = {one for one in words(name) if len(one) >= SHORTEST}
    return not parts.isdisjoint(turn.words)


def _given_a_part(turn: Turn, reader: Reader) -> Order | None:
    """The only order that waits with the goods of which just so many can be given, "lux 4 hi de
    paunga"; without goods the only one that waits, where that is said of nothing else."""
    if any(turn.first(one) for one in _NAMES):
        return None
    bare = turn.first("product_name") is None and len(turn.words) <= SHORTEST
    if not says(turn.words, "awaited.giving") and not bare:
        return None
    waiting = [
        one for one in orders.open_orders(reader, limit=MOST) if one.status == states.PENDING
    ]
    theirs = [one for one in waiting if _lines_meant(turn, reader, one)]
    return theirs[0] if len(theirs) == 1 else None


def _spoken_of(turn: Turn, reader: Reader) -> Order | None:
    """The order that waits and was just shown, where nobody is named."""
    order_id = recent(turn, "order")
    if order_id is None or not just_spoken_of(turn, "order") or turn.first("customer_name"):
        return None
    found = orders.order(reader, order_id)
    return found if found.status == states.PENDING else None
