"""What was wrong on a bill that is made, "2 nahi 3 the", "usme 1 maggi aur": the bill is undone,
its order is changed so, and billed anew."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from actions.context import Turn
from actions.entities import NUMBERS, Line, lines_of, number_of, paise_of, unit_in
from actions.forms.draft import Draft
from actions.forms.form import FORMS
from actions.forms.names import MODIFY_FORM
from actions.goods.lines import asks_for_more, line_of
from actions.goods.other_size import other_size
from actions.invoicing.bill_lowered import lowers_bill
from actions.invoicing.discounts import takes_so_much_less
from actions.invoicing.put_right import figures_of
from actions.lexicon import only, says, words
from actions.match import customer_named, just_spoken_of, product_named, products_in_text, recent
from actions.payments.taking_back import calls_wrong, number_alone
from actions.reading.gone_back import gone_back
from actions.reading.instead import goods_instead, is_plain
from erp_core.catalogue.queries import Product
from erp_core.invoicing import queries as invoices
from erp_core.invoicing.queries import Invoice
from erp_core.journal.context import Reader
from erp_core.kernel.money import PAISE_PER_RUPEE, from_decimal
from erp_core.kernel.quantity import plain
from erp_core.orders import queries as orders
from erp_core.orders import states
from erp_core.orders.queries import OrderLine
from erp_core.parties.permissions import Permission

LONGEST = 14
"""A correction of more words tells something of its own."""
OTHERS = frozenset({"vendor_name", "person", "order_id", "customer_phone", "item"})
"""What a message names that is about another piece of work."""
BILL = frozenset({"customer_name", "invoice_number", "date"})
"""What says which bill is meant."""


def corrects_last_bill(turn: Turn) -> bool:
    """ "Arey 2 nahi 3 the", "usme 1 bandage aur", "dolo nahi crocin diya tha", right after a bill
    was made: what it should have held."""
    if not turn.is_user or not _may_correct(turn) or gone_back(turn.words):
        return False
    if turn.intent == "order_modify" and not turn.may(Permission.CANCEL_INVOICE):
        return False  # told that the bill stands, who may only write a new order
    told = turn.intent == "order_modify" or _tells_otherwise(turn) or _adds_to_it(turn)
    if not told or _bill_told(turn) is None or lowers_bill(turn) is not None:
        return False
    return order_put_right(turn) is not None


def corrects_last_order(turn: Turn) -> bool:
    """ "Sorry 5 maggi", "maggi nahi chahiye", "wo maggi rehne do, uski jagah parle", right after an
    order was written or sent that can still be changed."""
    if turn.actor.kind == "guest" or not _may_correct(turn) or not just_spoken_of(turn, "order"):
        return False
    if turn.intent == "order_modify" and not (_replaces(turn) or _names_two(turn)):
        return False
    told = _tells_otherwise(turn) or _adds_to_it(turn)
    return told and last_order_put_right(turn) is not None


def last_order_put_right(turn: Turn) -> dict[str, Any] | None:
    """What a draft changes of the order that was just spoken of."""
    order_id = recent(turn, "order")
    if order_id is None or just_spoken_of(turn, "invoice"):
        return None
    with turn.read() as reader:
        order = orders.order(reader, order_id)
        open_to = states.CHANGEABLE if turn.is_user else states.CHANGEABLE_BY_CUSTOMER
        if order.invoice_id is not None or order.status not in open_to:
            return None
        right = _put_right(turn, reader, order.lines)
    if right.get("mode") == "remove" and len(order.lines) == 1:
        return None  # an order that holds nothing else is cancelled
    return {"order": {"id": str(order_id)}, **right} if right else None


def _may_correct(turn: Turn) -> bool:
    if turn.is_not_words or not 1 < len(turn.words) <= LONGEST or "?" in turn.text:
        return False
    if turn.metadata.get("kind") == "button" or any(turn.first(one) for one in OTHERS):
        return False
    if says([one for one in turn.words if not only([one], "asks_price")], "asking"):
        return False
    return _is_of_whom_it_was(turn)


def _is_of_whom_it_was(turn: Turn) -> bool:
    """Whether nobody is named but whose order or bill was just told of, with a word of a slip:
    "galti ho gayi, Rohan ko power bank 2 hi diye the"."""
    named = turn.value("customer_name")
    if named is None:
        return True
    sorry = says(turn.words, "undoing.sorry") or says(turn.words, "undoing.slip")
    if not sorry or not turn.is_user:
        return False
    with turn.read() as reader:
        whose, told = customer_named(reader, named).one, recent(turn, "order")
        bill = recent(turn, "invoice") if just_spoken_of(turn, "invoice") else None
        of = invoices.invoice(reader, bill).customer_id if bill else None
        of = of or (orders.order(reader, told).customer_id if told else None)
    return whose is not None and whose.id == of


def _adds_to_it(turn: Turn) -> bool:
    """ "Add 5 kg also in that", "ek aur usme daal do", "ek litre aur tha": more on what was just
    spoken of."""
    named = turn.first("quantity") or turn.first("product_name")
    came = says(turn.words, "stock.arrived") or says(turn.words, "asks_stock")
    there = says(turn.words, "inside_it") or says(turn.words, "had_been")
    return bool(named and not came and asks_for_more(turn)) and there


def _tells_otherwise(turn: Turn) -> bool:
    if not turn.entities and number_alone(turn) is not None:
        return True
    numbered = any(turn.first(one) for one in NUMBERS)
    was, just = says(turn.words, "had_been"), says(turn.words, "undoing.just")
    goods = turn.all("product_name")
    if figures_of(turn) or _names_two(turn):
        return True
    if len(goods) > 1 or _replaces(turn):
        return _replaces(turn) or (was and says(turn.words, "negation"))
    if not numbered:
        return _leaves_out(turn) or (was and says(turn.words, "negation"))
    if goods and says(turn.words, "remove"):
        return not says(turn.words, "stock.lost")
    sorry = says(turn.words, "undoing.sorry") or says(turn.words, "negation") or calls_wrong(turn)
    about = goods or says(turn.words, "asks_price") or just or _tells_the_rate(turn)
    return bool(sorry or (was and about) or (goods and just))


def _tells_the_rate(turn: Turn) -> bool:
    """ "Wo 1300 me dena tha": what stands behind the only number makes it a rate."""
    sums = [one for one in turn.entities if one.name in NUMBERS]
    behind = words(turn.text[sums[0].end :]) if len(sums) == 1 and sums[0].end else ()
    return bool(behind) and says(behind, "undoing.went_at")


def _replaces(turn: Turn) -> bool:
    return says(turn.words, "replaced") or says(turn.words, "undoing.its_place")


def _names_two(turn: Turn) -> bool:
    """ "Maggi nahi parle": goods that are refused, and others."""
    if not says(turn.words, "negation") or not is_plain(turn):
        return False
    with turn.read() as reader:
        named = {one.id: one for one in products_in_text(turn, reader)}
    names = [one.name for one in named.values()]
    return len(named) == 2 and goods_instead(turn, names) is not None


def _leaves_out(turn: Turn) -> bool:
    """ "Maggi nahi chahiye", "parle mat bhejna", "maggi rehne do", "butter nahi liya"."""
    if says(turn.words, "stock.lost") or says(turn.words, "stock.arrived"):
        return False
    taken = says(turn.words, "undoing.unwanted") or says(turn.words, "took")
    money = says(turn.words, "money_back.money") or turn.first("amount") is not None
    taken = taken or (says(turn.words, "few_words.given") and not money)
    refused = says(turn.words, "negation") and taken
    return refused or says(turn.words, "cancel") or says(turn.words, "remove")


def order_put_right(turn: Turn) -> Draft | None:
    """The change of the bill's order that a message tells of, where it is clear which it is."""
    with turn.read() as reader:
        bill = _bill_meant(turn, reader)
        if bill is None or bill.order_id is None:
            return None
        lines = orders.order(reader, bill.order_id).lines
        right = _put_right(turn, reader, lines)
    data = {"order": {"id": str(bill.order_id)}, **right}
    change = Draft(f"{turn.new_id()}-right", MODIFY_FORM, data)
    if not change["lines"] and turn.first("product_name") and turn.intent == "order_modify":
        FORMS[MODIFY_FORM]().start(turn, change)
    return change if change["lines"] else None


def _put_right(turn: Turn, reader: Reader, lines: Sequence[OrderLine]) -> dict[str, Any]:
    """What a message changes of the lines of an order, as a draft notes it."""
    named = turn.all("product_name")
    meant = [product_named(reader, one.value).one for one in named]
    if len(named) < 2 and (_replaces(turn) or not named or _names_two(turn)):
        meant = list({one.id: one for one in products_in_text(turn, reader)}.values())
    if size := other_size(turn, [one.product for one in lines]):
        line = {**line_of(turn, size.product.id), "said_unit": None}
        line["quantity"] = plain(lines[size.at].quantity)
        wrong = str(lines[size.at].product_id)
        return {"mode": "set", "lines": [line], "instead_of": wrong}
    return _other_goods(turn, meant, lines) or _line_put_right(turn, meant, lines)


def _other_goods(
    turn: Turn, meant: Sequence[Product | None], lines: Sequence[OrderLine]
) -> dict[str, Any]:
    """ "Dolo nahi crocin diya tha", "dolo ki jagah 2 crocin": the goods that take the place of
    those on the bill, as many if no number is said."""
    if len(meant) != 2:
        return {}
    on_bill = {one.product_id: one for one in lines}
    wrong = [one for one in meant if one and one.id in on_bill]
    right = [one for one in meant if one and one.id not in on_bill]
    if len(wrong) != 1 or len(right) != 1:
        return {}
    counts = turn.all("quantity")
    said = number_of(counts[-1]) if len(counts) == 1 else None
    line = {**line_of(turn, right[0].id), "said_unit": None}
    line["quantity"] = plain(said or on_bill[wrong[0].id].quantity)
    return {"mode": "set", "lines": [line], "instead_of": str(wrong[0].id)}


def _bill_told(turn: Turn) -> UUID | None:
    """The bill that was just told of, also by its order; or the one before a question, where a
    slip is owned up to."""
    if just_spoken_of(turn, "invoice"):
        return recent(turn, "invoice")
    if _owns_up(turn) and (before := _bill_written_last(turn)):
        return before
    order_id = recent(turn, "order") if just_spoken_of(turn, "order") else None
    if order_id is None:
        return None
    with turn.read() as reader:
        return orders.order(reader, order_id).invoice_id


def _owns_up(turn: Turn) -> bool:
    """ "Galti, 12 bike the", "arre wo maggi 12 the"."""
    slip = says(turn.words, "undoing.sorry") or says(turn.words, "undoing.slip")
    return says(turn.words, "had_been") and (slip or calls_wrong(turn))


def _bill_written_last(turn: Turn) -> UUID | None:
    """The bill that was spoken of before, if nothing has been written since."""
    bill, order_id = recent(turn, "invoice"), recent(turn, "order")
    if bill is None or order_id is None or (turn.slots.get("recent") or {}).get("written"):
        return None
    with turn.read() as reader:
        return bill if orders.order(reader, order_id).invoice_id == bill else None


def _bill_meant(turn: Turn, reader: Reader) -> Invoice | None:
    if number := turn.value("invoice_number"):
        return invoices.invoice_by_number(reader, number)
    if said := turn.value("customer_name"):
        whose = customer_named(reader, said).one
        return invoices.latest_invoice(reader, whose.id) if whose else None
    before = _bill_told(turn) or recent(turn, "invoice")
    return invoices.invoice(reader, before) if before else None


def _line_put_right(
    turn: Turn, meant: Sequence[Product | None], lines: Sequence[OrderLine]
) -> dict[str, Any]:
    """The goods as they should have been billed, and whether they come on top of the order."""
    if len(meant) > 1:
        return {}
    goods = meant[0] if meant else None
    held = [one for one in lines if not meant or (goods and one.product_id == goods.id)]
    if held and goods and _leaves_out(turn) and not figures_of(turn):
        return {"mode": "remove", "lines": [_counted(turn, goods.id)]}
    more = goods.id if goods else None
    if not meant and asks_for_more(turn) and not figures_of(turn):
        more = _only_one(turn, lines)
        if more is None:
            return {}
    if more and asks_for_more(turn):
        return {"mode": "add", "lines": [_counted(turn, more)]}
    count, rate = _right_one(turn, held)
    if goods and not held and count is not None:
        return {"mode": "add", "lines": [{**line_of(turn, goods.id), "quantity": count}]}
    if len(held) == 1 and not (count is None and rate is None):
        line = {**line_of(turn, held[0].product_id), "said_unit": held[0].unit}
        line["quantity"] = count or plain(held[0].quantity)
        rated = {"amount": rate, "each": True} if rate else {}
        return {"mode": "set", "lines": [{**line, **rated}]}
    return {}


def _only_one(turn: Turn, lines: Sequence[OrderLine]) -> UUID | None:
    """The only goods of some lines, or those that are counted in the unit which is said."""
    unit = turn.first("unit")
    alike = [one for one in lines if unit and unit_in(unit) == one.unit]
    held = lines if len(lines) == 1 else alike
    return held[0].product_id if len(held) == 1 else None


def _counted(turn: Turn, product_id: UUID) -> dict[str, Any]:
    """A line about the one product that is named, with how many of it are."""
    said = next(iter(lines_of(turn.text, turn.entities)), Line("", None, None))
    counted = {"quantity": plain(said.quantity)} if said.quantity is not None else {}
    return {**line_of(turn, product_id), "said_unit": said.unit, **counted}


def _right_one(turn: Turn, held: list[OrderLine]) -> tuple[str | None, int | None]:
    """The count, or the rate in paise, that takes the place of the one that was billed; `held`
    keeps the lines that hold the wrong one, where it is said."""
    if figures := figures_of(turn):
        wrong, right = figures
        counted = [one for one in held if one.quantity == wrong]
        rated = [one for one in held if one.unit_price_paise == wrong * PAISE_PER_RUPEE]
        held[:] = counted or rated
        return (plain(right), None) if counted else (None, from_decimal(right))
    number = turn.first("amount") or turn.first("quantity")
    if not turn.entities and (alone := number_alone(turn)) is not None:
        return plain(alone), None
    if number is None or len(turn.all("amount")) + len(turn.all("quantity")) != 1:
        return None, None
    counts = bool(number.end) and only(words(turn.text[number.end :])[:1] or ("",), "so_many_were")
    rated = says(turn.words, "asks_price") or _tells_the_rate(turn)
    if (number.name == "amount" and not counts) or rated:
        return None, paise_of(number)
    said = number_of(number)
    if said and len(held) == 1 and takes_so_much_less(turn):
        said = held[0].quantity - said  # "1 kam kar do"
        return (plain(said) if said > 0 else None), None
    return (plain(said) if said else None), None
