"""The steps of an order: what names one, and the buttons that take it."""

from __future__ import annotations

from uuid import UUID

from actions.base import error_facts
from actions.context import Turn
from actions.lexicon import says, which
from actions.match import payload_of
from actions.phrasebook import Button
from actions.wording import order_facts
from erp_core.kernel.errors import BahiError
from erp_core.orders import queries as orders
from erp_core.orders import service, states
from erp_core.orders.queries import Order


def names_a_step(turn: Turn) -> bool:
    """Whether the next step of an order is named: accepted, ready, shipped, delivered."""
    return which(turn.text, "statuses") is not None and not says(turn.words, "cancel")


def moves_an_order(turn: Turn) -> bool:
    """ "Sunita ka order accept karo" is about an order that stands, whatever is being written."""
    named = turn.first("customer_name") or turn.first("order_id")
    step = turn.intent == "order_modify" and names_a_step(turn)
    goods = turn.first("product_name") or turn.first("quantity")
    return bool(turn.is_user and named and step and not goods)


def step_button(turn: Turn, order: Order, step: str) -> Button:
    """A button that moves an order on."""
    return Button(
        title=turn.line(f"button_{step}"),
        payload=f'/affirm{{"order": "{order.id}", "act": "{step}"}}',
    )


def move_order(turn: Turn, order_id: UUID, act: str) -> None:
    """Do what a button on an order says: accept, reject, or a next step."""
    status = {"accept": states.CONFIRMED, "reject": states.CANCELLED}.get(act, act)
    with turn.read() as reader:
        before = orders.order(reader, order_id)
    decided = act == "reject" and before.status != states.PENDING
    if decided or status not in states.TRANSITIONS.after(before.status):
        ways_out = _ways_out(turn, before)
        turn.say("utter_order_already", choices=ways_out, **order_facts(turn, before))
        return
    try:
        turn.run(
            service.change_status,
            key=f"order:{order_id}:{status}",
            order_id=order_id,
            status=status,
        )
    except BahiError as error:
        if error.code != "out_of_stock":
            raise
        lacking = error_facts(turn, "utter_order_without_stock", error)
        turn.say("utter_order_without_stock", **{**lacking, **order_facts(turn, before)})
        return
    with turn.read() as reader:
        now = orders.order(reader, order_id)
    turn.say("utter_order_moved", **order_facts(turn, now))


def ask_to_accept(turn: Turn, order: Order) -> None:
    """Ask whether the shop says yes to a customer's order."""
    choices = [
        Button(
            title=turn.line(f"button_order_{act}"),
            payload=payload_of("affirm", order=str(order.id), act=act),
        )
        for act in ("accept", "reject")
    ]
    turn.say("utter_order_awaits", choices=choices, **order_facts(turn, order))


def _ways_out(turn: Turn, order: Order) -> list[Button]:
    """A button that asks whether to cancel an order, as long as it can be."""
    if states.CANCELLED not in states.TRANSITIONS.after(order.status) or order.invoice_id:
        return []
    payload = payload_of("order_cancel", order_id=order.number)
    return [Button(title=turn.line("button_order_cancel"), payload=payload)]
