"""Goods that a customer brings back: "Ravi ne 1 bulb wapas kiya", and the bill they were on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from uuid import UUID

from rasa_sdk.events import EventType

from actions.context import Turn
from actions.entities import NUMBERS, Entity, number_of, rates_apart
from actions.invoicing.paid_beside import as_payment, change_given, says_given
from actions.lexicon import says, words
from actions.match import customer_in, just_spoken_of, product_named, recent
from actions.orders.counted_apart import back_of_former
from actions.orders.exchanging import exchanged, exchanges_at_once, goods_of, size_changed
from actions.payments.taking_back import LONGEST, undoes_bill
from actions.purchases.vendors import stands_behind
from actions.reading.gone_back import handed_back
from actions.reading.money_back import money_back
from actions.reading.parts import part_of
from erp_core.catalogue.queries import find_products
from erp_core.invoicing import notes
from erp_core.invoicing import queries as invoices
from erp_core.invoicing.queries import Invoice
from erp_core.journal.context import Reader
from erp_core.kernel.clauses import clauses
from erp_core.kernel.matching import CERTAIN
from erp_core.parties.permissions import Permission
from erp_core.parties.service import WALK_IN

_WHO = ("customer_name", "person")
_PAPERS = ("vendor_name", "order_id", "invoice_number")
LOOKED_THROUGH = 30
"""So many of a customer's bills are looked through for the goods."""


@dataclass(frozen=True)
class Brought:
    """Which line of which bill came back, and how much of it."""

    bill: Invoice
    position: int
    quantity: Decimal

    @property
    def back(self) -> dict[str, str]:
        """As a credit note takes it."""
        return {str(self.position): str(self.quantity)}

    @property
    def name(self) -> str:
        return self.bill.lines[self.position - 1].name


def brings_back(turn: Turn) -> bool:
    """Whether somebody who runs the shop tells of goods that a customer brought back."""
    return brought(turn) is not None


def brought(turn: Turn) -> Brought | None:
    """What came back, where the customer has a bill of it; None for anything else."""
    exchange = exchanged(turn)
    turn = exchange.back if exchange else back_of_former(turn) or turn
    plain = turn.text and not turn.is_not_words and len(turn.words) <= LONGEST
    if not turn.is_user or not plain or turn.metadata.get("kind") == "button":
        return None
    goods = turn.value("product_name") or turn.value("item")
    just_sold = None if goods else _just_sold(turn)
    if not (goods or just_sold) or turn.first("order_id") or undoes_bill(turn):
        return None
    if not (exchange or handed_back(turn.words)) or says(turn.words, "asking"):
        return None
    if turn.metadata.get("command") or _is_given_to(turn):
        return None
    if not turn.may(Permission.CANCEL_INVOICE):
        return None
    counts = [one for one in rates_apart(turn.text, turn.entities) if one.name == "quantity"]
    counts = counts or _counted_as_money(turn)
    quantity = number_of(_count_back(turn, counts)) if counts else None
    if just_sold:
        return Brought(just_sold, 1, quantity) if quantity else None
    with turn.read() as reader:
        bills = _bills(turn, reader, over_counter=exchange is not None)
        return _found(reader, bills, str(goods), quantity or Decimal(1)) if bills else None


def _count_back(turn: Turn, counts: Sequence[Entity]) -> Entity:
    """The count of what came back: of "4 me se 1 kada" the second."""
    first, *others = counts
    between = words(turn.text[first.end : others[0].start]) if others else ()
    return others[0] if between and says(between, "gone_back.out_of") else first


def _just_sold(turn: Turn) -> Invoice | None:
    """The bill that was just told of, where it is of one thing: "usne 1 wapas kar di"."""
    told = recent(turn, "invoice") if just_spoken_of(turn, "invoice") else None
    if told is None or any(one.name not in ("quantity", "unit") for one in turn.entities):
        return None
    with turn.read() as reader:
        bill = invoices.invoice(reader, told)
    return bill if len(bill.lines) == 1 and bill.status == "issued" else None


def tell_no_exchange(turn: Turn) -> list[EventType] | None:
    """An exchange of goods that were on no bill is written neither way; another size of goods that
    are counted together changes nothing."""
    if (goods := size_changed(turn)) and not brought(turn):
        with turn.read() as reader:
            found = product_named(reader, goods)
        if found.one or found.options:
            turn.say("utter_size_exchanged", product=found.one.name if found.one else goods)
            return []
    if exchanges_at_once(turn) and not brought(turn):
        taken = turn.value("quantity")
        turn.say("utter_exchange_without_bill", back=turn.value("product_name"), taken=taken)
        return []
    exchange = exchanged(turn)
    goods = goods_of(exchange.back) if exchange else None
    if exchange is None or goods is None or brought(turn):
        return None
    taken = goods_of(exchange.taken) or goods
    turn.say("utter_exchange_without_bill", back=goods.value, taken=taken.value)
    return []


def comes_back(turn: Turn) -> bool:
    """Whether goods are told to come back from a customer, on whatever bill they were."""
    if not turn.is_user or turn.first("product_name") is None or _is_given_to(turn):
        return False
    if change_given(turn):
        return False
    told = handed_back(turn.words) and not says(turn.words, "asking")
    return told and bool(_named(turn) or says(turn.words, "buyer_came"))


def comes_over_counter(turn: Turn) -> bool:
    """Whether goods come back from a buyer whom nobody names: it was some buyer, or the money for
    them went back."""
    if not turn.is_user or turn.is_not_words or turn.metadata.get("kind") == "button":
        return False
    goods = turn.first("product_name")
    if goods is None or _named(turn) or any(turn.first(one) for one in _PAPERS):
        return False
    if not handed_back(turn.words) or says(turn.words, "asking"):
        return False
    return money_back(turn) is not None or says(turn.words, "buyer_came")


def comes_from_customer(turn: Turn) -> bool:
    """Whether goods come back from somebody who is surely a customer, or from a stranger who paid
    besides."""
    if not comes_back(turn):
        return False
    with turn.read() as reader:
        known = customer_in(turn, reader) is not None
    return known or paid_with_goods_back(turn) is not None


def paid_with_goods_back(turn: Turn) -> tuple[Turn, Turn] | None:
    """The goods that somebody brought back, and the money that came from the same in one breath:
    "Ravi returned one bulb and paid 500". It is no cost of theirs."""
    named = turn.first("customer_name") or turn.first("person")
    if named is None or not comes_back(turn) or money_back(turn):
        return None
    goods = turn.all("product_name")
    for start, _ in clauses(turn.text)[1:]:
        told = part_of(turn, (start, len(turn.text)))
        sums = [one for one in told.entities if one.name in NUMBERS]
        if start < goods[-1].end or len(sums) != 1 or says(told.words, "negation"):
            continue
        before = words(told.text[: sums[0].start])
        if says_given(told, sums[0].end) or says(before, "paid_before"):
            theirs = [one for one in told.entities if one.name not in _WHO]
            whose = replace(named, name="customer_name", start=0, end=0)
            paid = as_payment(replace(told, entities=[whose, *theirs]))
            return part_of(turn, (0, start)), paid
    return None


def tell_no_bill(turn: Turn) -> None:
    """That there is nothing to make a credit note for."""
    goods = turn.value("product_name")
    with turn.read() as reader:
        found = [one.item for one in find_products(reader, str(goods)) if one.score >= CERTAIN]
    product = found[0].name if len(found) == 1 else goods
    if name := _named(turn):
        turn.say("utter_back_without_bill", name=name, product=product)
    else:
        turn.say("utter_back_over_counter", product=product)


def _named(turn: Turn) -> str | None:
    """Whoever brought the goods back, as the shop calls them, or as they were named."""
    with turn.read() as reader:
        known = customer_in(turn, reader)
    return known.name if known else turn.value("customer_name") or turn.value("person")


def _counted_as_money(turn: Turn) -> list[Entity]:
    """ "Priya ne 1 bulb wapas kiya" is often taken for a friend's money: the number right before
    the goods counts them."""
    goods = turn.first("product_name") or turn.first("item")
    if goods is None:
        return []
    before = [one for one in turn.all("amount") if one.end <= goods.start]
    return [one for one in before if not turn.text[one.end : goods.start].strip()]


def _is_given_to(turn: Turn) -> bool:
    """ "Metro ko 2 maggi wapas kiye" goes the other way; "customer ko 180 lauta diye" is money."""
    if told := money_back(turn):
        turn = part_of(turn, (0, turn.text.rindex(told.text)))
    named = next(filter(None, map(turn.first, ("customer_name", "person", "vendor_name"))), None)
    following = words(turn.text[named.end :])[:2] if named and named.end else turn.words
    return "ko" in following or bool(named and named.end and stands_behind(turn, named, "to"))


def _bills(turn: Turn, reader: Reader, *, over_counter: bool) -> list[Invoice]:
    """The bills on which the goods may be: of whoever brought them, and of the counter where nobody
    is named, and it was some buyer, as of an exchange, or the money went back."""
    if buyer := customer_in(turn, reader):
        return invoices.latest_invoices(reader, limit=LOOKED_THROUGH, customer_id=buyer.id)
    if turn.first("customer_name") or turn.first("person"):
        return []
    if not (over_counter or money_back(turn) or says(turn.words, "buyer_came")):
        told = recent(turn, "invoice") if just_spoken_of(turn, "invoice") else None
        bill = invoices.invoice(reader, told) if told else None
        return [bill] if bill else []
    latest = invoices.latest_invoices(reader, limit=LOOKED_THROUGH)
    return [one for one in latest if one.customer_name == WALK_IN]


def _found(
    reader: Reader, bills: Sequence[Invoice], goods: str, quantity: Decimal
) -> Brought | None:
    meant = [one.item.id for one in find_products(reader, goods) if one.score >= CERTAIN]
    some = None
    for bill in bills:
        at = _line(bill, meant)
        left = notes.left_of(reader, bill)[at - 1].quantity if at else Decimal(0)
        if at and left >= quantity:
            return Brought(bill, at, quantity)
        if at and left and some is None and bill.customer_name != WALK_IN:
            some = Brought(bill, at, quantity)
    return some


def _line(bill: Invoice, meant: list[UUID]) -> int:
    """The place of the first line of goods that were meant; 0 where there is none."""
    for at, line in enumerate(bill.lines, start=1):
        if line.product_id in meant:
            return at
    return 0
