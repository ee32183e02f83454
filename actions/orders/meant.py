"""Which order a message or a draft is about."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from actions.context import Turn
from actions.forms.choices import NEW
from actions.forms.customer import choose_customer, settle_customer
from actions.forms.draft import Draft
from actions.forms.names import CANCEL_FORM
from actions.invoicing.discounts import open_order
from actions.lexicon import says, which
from actions.match import (
    MOST_CHOICES,
    ask_which_customer,
    customer_meant,
    customer_named,
    quotes,
    recent,
)
from actions.reading.said import subject
from actions.wording import order_choice
from erp_core.journal.context import Reader
from erp_core.kernel.errors import NotFound
from erp_core.orders import queries as orders
from erp_core.orders import states
from erp_core.orders.queries import Order
from erp_core.parties import queries as parties


def order_meant(turn: Turn, reader: Reader) -> Order | None:
    """The order that a message is about: by number, by customer, or spoken of just before."""
    number = turn.value("order_id")
    if number:
        found = orders.order_by_number(reader, number)
        if found is None:
            raise NotFound("order")
        return found
    tapped = turn.value("order")
    if tapped:
        return orders.order(reader, UUID(tapped))
    said = subject(turn)
    if said and not turn.value("customer_name"):
        by_number = orders.order_by_number(reader, said)
        if by_number:
            return by_number
        named = customer_named(reader, said)
        if named.one is None:
            ask_which_customer(turn, named, "order_status")
            return None
        return _newest(turn, reader, named.one)
    customer = customer_meant(turn, reader, "order_status")
    if customer:
        return _newest(turn, reader, customer)
    before = recent(turn, "order")
    of_all = says(turn.words, "stock.all") or says(turn.words, "everybody")
    if before and not turn.dispatcher.messages and not of_all:
        return orders.order(reader, before)
    return None


def _newest(turn: Turn, reader: Reader, customer: parties.Customer) -> Order | None:
    told = which(turn.text, "statuses")
    found = _able(turn, reader, customer, told) if told else None
    found = found or orders.latest_order(reader, customer.id, open_only=False)
    if found is None:
        turn.say("utter_customer_has_no_orders", name=customer.name)
    return found


def _able(turn: Turn, reader: Reader, customer: parties.Customer, step: str) -> Order | None:
    """The open order of a customer's that can take the step that is told: the one spoken of just
    before, else the newest; one that waits is accepted on the way, where none other can."""
    still_open = orders.open_orders(reader, customer.id, limit=MOST_CHOICES)
    able = [one for one in still_open if step in states.TRANSITIONS.after(one.status)]
    before = recent(turn, "order")
    found = able or [one for one in still_open if one.status == states.PENDING]
    return next((one for one in found if one.id == before), found[0] if found else None)


def take_order(turn: Turn, draft: Draft) -> bool:
    """Which order a message names: by number, by customer, or simply the latest."""
    number, tapped = turn.value("order_id"), turn.value("order")
    if tapped:
        draft["order"] = {"id": tapped}
        return True
    if number:
        draft["order_said"], draft["order"] = number, None
        return True
    if turn.is_user and turn.value("customer_name"):
        draft["customer_said"], draft["customer"], draft["order"] = (
            turn.value("customer_name"), None, None,
        )  # fmt: skip
        return True
    return False


def settle_order(turn: Turn, reader: Reader, draft: Draft) -> None:
    """Find a draft's order: the one named, the customer's, the one just spoken of, the only one."""
    if draft["order"] and draft["order"].get("number"):
        return
    if draft["order"]:
        set_order(draft, order_of(reader, draft))
        return
    if draft["order_said"]:
        found = orders.order_by_number(reader, draft["order_said"])
        draft["order_said"] = None
        if found:
            set_order(draft, found)
        else:
            turn.say("error_order")
            _offer_orders(turn, reader, draft, None, unknown=True)
        return
    if turn.is_user:
        settle_customer(turn, reader, draft)
        if draft.pending:
            _let_nobody_be_added(draft)
            return
    customer = draft["customer"]
    owner = UUID(customer["id"]) if customer else (None if turn.is_user else turn.own_id)
    if (
        draft["status"] == states.CONFIRMED
        and not customer
        and _settle_waiting(turn, reader, draft)
    ):
        return
    before = recent(turn, "order")
    if before and customer is None:
        known = orders.order(reader, before)
        if known.status in states.OPEN:
            set_order(draft, known)
            return
    _offer_orders(turn, reader, draft, owner)


def _settle_waiting(turn: Turn, reader: Reader, draft: Draft) -> bool:
    """ "Haan accept", of no order by name: the one that waits for it, or one of several."""
    if not turn.is_user or quotes(turn, "order"):
        return False
    waiting = orders_waiting(reader)
    if len(waiting) == 1:
        set_order(draft, waiting[0])
    elif waiting:
        ask_which_order(turn, draft, waiting)
    return bool(waiting)


def orders_waiting(reader: Reader) -> list[Order]:
    """Customers' orders that wait for the shop's yes."""
    return list(orders.open_orders(reader, limit=MOST_CHOICES, status=states.PENDING))


def _let_nobody_be_added(draft: Draft) -> None:
    """Whoever has an order is known here."""
    pending = draft.pending or {}
    pending.pop("may_add", None)
    if pending.get("yes") == NEW:
        pending.pop("yes")


def order_of(reader: Reader, draft: Draft) -> Order:
    """The order that a draft is about."""
    return orders.order(reader, UUID(draft["order"]["id"]))


def choose_order(turn: Turn, draft: Draft, value: str) -> None:
    """Take the chosen order, or the customer whose it is."""
    if draft["answering"]["field"] == "customer":
        choose_customer(turn, draft, value)
    else:
        draft["order"] = {"id": value}


def _offer_orders(
    turn: Turn, reader: Reader, draft: Draft, owner: UUID | None, *, unknown: bool = False
) -> None:
    found: list[Order] = orders.open_orders(reader, owner, limit=MOST_CHOICES)
    if draft.form == CANCEL_FORM:
        found = [one for one in found if not one.invoice_id] or found
    if draft["status"]:
        steps = states.TRANSITIONS.after
        found = [one for one in found if draft["status"] in steps(one.status)] or found
    if len(found) == 1 and not unknown:
        set_order(draft, found[0])
        return
    if found:
        ask_which_order(turn, draft, found)
    elif not unknown:
        turn.say("utter_no_open_orders" if turn.is_user else "utter_nothing_open_customer")
        draft.pending = {"kind": "closed"}


def ask_which_order(turn: Turn, draft: Draft, found: Sequence[Order]) -> None:
    """Let one of several orders be chosen."""
    options = [
        {"id": str(one.id), "name": one.number, "description": order_choice(turn, one)}
        for one in found[:MOST_CHOICES]
    ]
    draft.pending = {
        "kind": "choose", "field": "order", "said": "", "options": options, "token": "order",
    }  # fmt: skip


def take_spoken_of(turn: Turn, draft: Draft) -> None:
    """The draft is about the open order spoken of last, if there is one."""
    with turn.read() as reader:
        found = open_order(turn, reader)
    if found:
        set_order(draft, found)


def set_order(draft: Draft, order: Order) -> None:
    """The draft is about this order."""
    draft["order"] = {"id": str(order.id), "number": order.number}


def was_just_billed(turn: Turn) -> bool:
    """ "Ye galat hai, cancel karo" after a bill: the order spoken of has become that bill."""
    order, named = recent(turn, "order"), turn.first("order_id") or turn.value("order")
    if named or turn.first("customer_name") or order is None or recent(turn, "invoice") is None:
        return False
    with turn.read() as reader:
        return orders.order(reader, order).invoice_id == recent(turn, "invoice")
