"""Orders: booking, changing, asking, cancelling; and what a customer does for itself."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID

from rasa_sdk.events import EventType

from actions import slips, wishes
from actions.base import Reply, error_facts, say_error
from actions.context import Turn
from actions.discounts import (
    apply_discount,
    discount_in,
    discount_line,
    lines_of_order,
    open_order,
    take_discount,
)
from actions.entities import method_of
from actions.forms import (
    Draft,
    Form,
    Outcome,
    Write,
    ask_choice,
    asks,
    bare_text,
    choose_customer,
    leave,
    register,
    set_customer,
    settle_customer,
    take_customer,
)
from actions.goods import (
    ask_goods,
    asks_for_more,
    choose_product,
    complete,
    line_of,
    rate_of,
    settle_goods,
    take_goods,
)
from actions.lexicon import only, says, which, words
from actions.match import (
    ask_which_customer,
    customer_meant,
    customer_named,
    payload_of,
    recent,
    remember,
    unit_word,
)
from actions.more import adds_to_last, wants_same
from actions.notes import NOTE_FORM
from actions.parts import split_by
from actions.phrasebook import Button
from actions.said import subject
from actions.sales import (
    begin_bill,
    confirm_bill,
    note_said_total,
    note_sending,
    settle_bill,
    write_bill,
)
from actions.taking_back import undoes_bill
from actions.wording import order_facts, order_lines, order_rows, totals
from erp_core.inventory import queries as inventory
from erp_core.invoicing import queries as invoices
from erp_core.journal.context import Reader
from erp_core.kernel.actor import Actor
from erp_core.kernel.errors import BahiError, Conflict, Invalid, NotFound
from erp_core.kernel.money import inr
from erp_core.kernel.quantity import plain
from erp_core.orders import queries as orders
from erp_core.orders import service, states
from erp_core.orders.pricing import LineWanted
from erp_core.orders.queries import Order, OrderLine
from erp_core.parties import queries as parties
from erp_core.parties import service as parties_service
from erp_core.parties.permissions import Permission

ROWS = 8
STARTS = frozenset({"order_create", "invoice_generate"})
"""Intents that begin an order of their own."""
AT_ONCE = frozenset({"cash", "upi", "card"})
"""Ways of paying over the counter."""


@register
class OrderForm(Form):
    """An order: for whom, which goods. Customers order for themselves, guests say a name first."""

    form = "order_form"
    slots = ("order_customer", "order_lines", "order_confirmed")
    intents = frozenset({"order_create"})
    near = frozenset(
        {"order_modify", "inventory_update", "price_update", "product_add", "customer_add"}
    )
    permission = Permission.CREATE_ORDER
    about_goods = True
    takes_rates = True
    for_customers = True
    takes_money = False

    def welcomes_guest(self, turn: Turn) -> bool:
        """A guest may order, and becomes a customer by it."""
        return bool(_contact(turn))

    def begin(self, turn: Turn, draft: Draft) -> None:
        """A customer orders for itself; goods named for a bill are billed at once."""
        begin_bill(turn, draft)
        if _sold_to_nobody(turn):
            _over_the_counter(turn, draft)
        if turn.actor.kind == "customer":
            _for_oneself(turn, draft)
        slips.begin(turn, draft, slips.ORDER)

    def parts(self, turn: Turn) -> list[Turn]:
        """ "Ravi ko 1 iPhone aur Mohan ko 2 maggi" are two orders."""
        return split_by(turn, "customer_name", "product_name") if turn.is_user else [turn]

    def take(self, turn: Turn, draft: Draft) -> bool:
        """The customer and the goods."""
        if not turn.is_user:
            return self._take_from_customer(turn, draft)
        before, turn = draft["discount"], take_discount(turn, draft)
        if draft["discount"] != before and draft.replying and not turn.first("quantity"):
            return True
        if turn.intent in STARTS and _starts_another(turn, draft):
            former = draft.set_apart()
            draft.id, draft.data = turn.new_id(), {"asked": None}
            leave(turn, former, draft)
            self.begin(turn, draft)
        elif turn.intent == "order_create" and _may_start_another(turn, draft):
            _ask_to_join(turn, draft)
            return True
        elif _is_for_another(turn, draft):
            said = turn.value("customer_name")
            draft.pending = {"kind": "whose", "said": said, "token": "whose", "yes": "switch"}
            return True
        asked_product = (draft["asked"] or {}).get("field") == "product"
        again = _asks_again(turn, draft) or _takes_same(turn, draft)
        missing = draft["customer"] is None and not draft["customer_said"] and not again
        goods_first = bool(turn.first("product_name")) or asked_product
        named = take_customer(turn, draft, asked=missing and not goods_first and draft.replying)
        if named and draft["paid"]:
            draft["bill"] = draft["paid"] = None
        if named and not turn.entities:
            return True
        return take_goods(turn, draft) or named or again

    def settle(self, turn: Turn, reader: Reader, draft: Draft) -> None:
        """Find customer and products, and see whether there is enough."""
        settle_customer(turn, reader, draft)
        if draft["again"] and draft["customer"] and draft.pending is None:
            _repeat(turn, reader, draft)
        if draft.pending is None:
            settle_goods(turn, reader, draft, may_add=turn.may(Permission.ADD_PRODUCT))
        if draft.pending is None and complete(draft):
            note_said_total(draft)
            _leave_own_rates(turn, draft)
            apply_discount(turn, draft)
            if draft["customer"]:
                settle_bill(reader, draft)
            if not draft["booked"]:
                _settle_stock(reader, draft)
        fixed = draft["booked"] or draft["customer"] is None
        if draft.pending is None and complete(draft) and not fixed:
            _settle_total(turn, reader, draft)

    def choose(self, turn: Turn, draft: Draft, value: str) -> None:
        """Customer, product, or what to do about too little stock."""
        pending = draft["answering"]
        if pending["kind"] == "short":
            _choose_less(draft, pending, value)
        elif pending["kind"] == "join":
            joining = draft.data.pop("joining")
            draft["lines"] = [*draft["lines"], *joining] if value == "join" else joining
        elif pending["kind"] == "whose":
            draft["customer"], draft["customer_said"] = None, pending["said"]
        elif pending["field"] == "customer":
            choose_customer(turn, draft, value)
        else:
            choose_product(turn, draft, value)

    def filled(self, draft: Draft) -> dict[str, Any]:
        """The slots."""
        return {
            "order_customer": draft["customer"],
            "order_lines": complete(draft),
            "order_confirmed": draft["confirmed"],
        }

    def ask_pending(self, turn: Turn, reader: Reader, draft: Draft) -> None:  # noqa: ARG002
        """Which one, how much, or what to do about too little."""
        pending = draft.pending or {}
        if pending["kind"] == "short":
            _ask_short(turn, draft, pending)
        elif pending["kind"] == "whose":
            before = draft["customer"]["name"]
            turn.say("utter_ask_whose", name=pending["said"], before=before, draft_id=draft.stamp)
        elif pending["kind"] == "join":
            rows = "\n".join(f"• {_as_said(line)}" for line in draft["joining"])
            turn.say(
                "utter_ask_join", name=draft["customer"]["name"], rows=rows, draft_id=draft.stamp
            )
        elif not ask_goods(turn, draft):
            ask_choice(turn, draft, pending)

    def ask(self, turn: Turn, reader: Reader, draft: Draft, slot: str) -> None:
        """For whom, what, yes."""
        if slot == "order_customer" and turn.is_user:
            turn.say("utter_ask_order_customer", draft_id=draft.stamp)
        elif slot == "order_customer":
            turn.say("utter_ask_your_name")
        elif slot == "order_lines":
            if turn.is_user:
                turn.say("utter_ask_order_lines", name=draft["customer"]["name"])
            else:
                turn.say("utter_ask_your_order_lines")
        else:
            self._confirm(turn, reader, draft)

    def _confirm(self, turn: Turn, reader: Reader, draft: Draft) -> None:
        if draft["bill"]:
            confirm_bill(turn, reader, draft, wanted(turn, draft))
            return
        preview = orders.preview(
            reader, customer_id=UUID(draft["customer"]["id"]), lines=wanted(turn, draft)
        )
        response = "utter_confirm_order" if turn.is_user else "utter_confirm_your_order"
        turn.say(
            response,
            name=draft["customer"]["name"],
            rows=order_lines(turn, preview) + discount_line(turn, draft),
            totals=totals(turn, preview),
            draft_id=draft.stamp,
        )

    def _handle_tap(self, turn: Turn, draft: Draft) -> Outcome:
        """The sale is to nobody by name."""
        if turn.value("act") == "counter":
            _over_the_counter(turn, draft)
            return Outcome.TAKEN
        return super()._handle_tap(turn, draft)

    def _handle(self, turn: Turn, draft: Draft) -> Outcome:
        """ "Kitna hua?" shows the order again with its total; "counter pe" is for nobody."""
        if slips.take_over(turn, draft, slips.ORDER):
            if turn.actor.kind == "customer":
                _for_oneself(turn, draft)
            return Outcome.TAKEN
        if _is_for_nobody(turn, draft):
            _over_the_counter(turn, draft)
            return Outcome.TAKEN
        if _bills_this(turn, draft):
            draft["bill"], draft["confirmed"] = True, None
            note_sending(turn, draft)
            return Outcome.TAKEN
        asks_total = turn.intent == "report_request" and says(turn.words, "how_much_is_it")
        if asks_total and draft["lines"] and not turn.entities:
            return Outcome.TAKEN
        return super()._handle(turn, draft)

    def _is_other(self, turn: Turn) -> bool:
        """A guest who says a name gives its own."""
        if turn.actor.kind == "guest" and turn.first("customer_name"):
            return False
        if not turn.is_user and wishes.orders(turn):
            return False
        if turn.is_user and discount_in(turn) is not None:
            return False
        return _moves_an_order(turn) or super()._is_other(turn)

    def _is_bare_answer(self, turn: Turn) -> bool:
        """ "Kal ka order Priya ka" in the middle of Ravi's asks after Priya's."""
        draft = Draft.of(turn.slots)
        asked_after = asks(turn.intent) and draft is not None and _is_for_another(turn, draft)
        return not asked_after and super()._is_bare_answer(turn)

    def _handle_no(self, turn: Turn, draft: Draft) -> Outcome:
        """Asked whether it is for somebody else, no leaves it as it is."""
        if (draft.pending or {}).get("kind") == "whose" and not self._content(turn):
            draft.pending = None
            return Outcome.TAKEN
        if turn.is_user and says(turn.words, "left_on_khata") and not self._content(turn):
            return Outcome.TAKEN
        return super()._handle_no(turn, draft)

    def _take_from_customer(self, turn: Turn, draft: Draft) -> bool:
        nameless = draft["customer"] is None and turn.actor.kind == "guest"
        if nameless and (name := _own_name(turn, draft)):
            _register(turn, draft, name)
            return True
        again = _asks_again(turn, draft)
        return take_goods(turn, draft) or again


class WriteOrder(Write):
    """Book the order."""

    action = "action_order_create"
    writes = OrderForm

    def write(self, turn: Turn, draft: Draft) -> list[EventType]:
        """Book it; a customer's waits for the shop."""
        if draft["bill"]:
            return write_bill(turn, draft, wanted(turn, draft))
        customer_id = UUID(draft["customer"]["id"])
        done = turn.run(
            service.create_order,
            key=f"draft:{draft.id}",
            customer_id=customer_id,
            lines=wanted(turn, draft),
        )
        facts = {"number": done["number"], "total": inr(done["total"])}
        if turn.is_user:
            turn.say(
                "utter_order_booked",
                name=draft["customer"]["name"],
                order_id=done["order_id"],
                **facts,
            )
        else:
            turn.say("utter_your_order_placed", **facts)
        return [
            remember(
                turn,
                customer=customer_id,
                order=done["order_id"],
                product=draft["lines"][-1]["id"],
                did="order",
            )
        ]


@register
class ModifyForm(Form):
    """A change of an order: more goods, other quantities, goods left out, its next step."""

    form = "modify_form"
    slots = ("modify_order", "modify_lines", "modify_confirmed")
    intents = frozenset({"order_modify"})
    near = frozenset({"order_create", "inventory_update", "price_update"})
    permission = Permission.MODIFY_ORDER
    about_goods = True
    takes_rates = True
    for_customers = True
    takes_money = False

    def welcomes(self, turn: Turn) -> bool:
        """The shop alone says yes to an order."""
        goods = turn.first("product_name") or turn.first("quantity")
        accepts = which(turn.text, "statuses") == states.CONFIRMED and not goods
        if turn.actor.kind == "customer" and accepts:
            turn.say("utter_not_for_customers")
            return False
        if turn.actor.kind == "customer" and says(turn.words, "discount") and not goods:
            turn.say("utter_discount_by_shop")
            return False
        return super().welcomes(turn)

    def take(self, turn: Turn, draft: Draft) -> bool:
        """Which order; what changes."""
        taken = take_order(turn, draft)
        if turn.is_user and (found := discount_in(turn)):
            draft["discount"], draft["mode"] = found, "set"
            draft["order"] = draft["order"] or _open_order(turn)
            return True
        step = (
            which(turn.text, "statuses")
            if turn.is_user and not turn.first("product_name")
            else None
        )
        if step and not turn.first("quantity"):
            draft["status"] = step
            return True
        more = adds_to_last(turn) if not draft.replying else None
        if more is not None and more.quantity is not None:
            draft["mode"], draft["loose_quantity"] = "add", str(more.quantity)
            draft["loose_unit"] = more.unit
            return True
        if turn.intent == "order_modify" and draft["mode"] is None:
            draft["mode"] = _mode(turn)
        goods = take_goods(turn, draft) if turn.first("product_name") or draft["lines"] else False
        if not goods and turn.first("quantity") and not draft["lines"]:
            number = turn.first("quantity")
            draft["loose_quantity"], goods = number.value if number else None, True
        return taken or goods

    def settle(self, turn: Turn, reader: Reader, draft: Draft) -> None:
        """Find the order and the goods; a step that cannot come is not asked about."""
        if _is_of_a_bill(turn, draft):
            _tell_bill_stands(turn, reader, draft)
            draft.pending = {"kind": "closed"}
            return
        settle_order(turn, reader, draft)
        if draft.pending:
            return
        if draft["status"] and draft["order"]:
            now = orders.order(reader, UUID(draft["order"]["id"]))
            if draft["status"] not in states.TRANSITIONS.after(now.status):
                turn.say("utter_order_already", **order_facts(turn, now))
                draft.pending = {"kind": "closed"}
                return
        if draft["discount"] and draft["order"] and not draft["lines"]:
            now = orders.order(reader, UUID(draft["order"]["id"]))
            draft["lines"] = lines_of_order(now, draft["discount"]["goods"])
        if draft["loose_quantity"] and draft["order"] and not draft["lines"]:
            _line_for_loose_quantity(turn, reader, draft)
        if draft["mode"] == "remove":
            for line in draft["lines"] or []:
                line["part"] = line.get("part") or bool(line.get("quantity"))
                line["quantity"] = line.get("quantity") or "1"
        settle_goods(turn, reader, draft, may_add=False)
        if draft.pending is None and complete(draft):
            _leave_own_rates(turn, draft)
            lowers = bool(draft["discount"])
            apply_discount(turn, draft)
            refused = lowers and not draft["discount"]
            nothing = not any(one.get("counted") for one in draft["lines"])
            if refused or (draft["mode"] == "set" and nothing):
                draft.pending = {"kind": "closed"}
        if draft["mode"] == "remove" and draft["order"] and complete(draft):
            _settle_removal(reader, draft)

    def choose(self, turn: Turn, draft: Draft, value: str) -> None:
        """Which order, which product."""
        if draft["answering"]["field"] == "order":
            choose_order(draft, value)
        else:
            choose_product(turn, draft, value)

    def filled(self, draft: Draft) -> dict[str, Any]:
        """The slots."""
        return {
            "modify_order": draft["order"],
            "modify_lines": draft["status"] or complete(draft),
            "modify_confirmed": draft["confirmed"],
        }

    def ask_pending(self, turn: Turn, reader: Reader, draft: Draft) -> None:  # noqa: ARG002
        """Which order, which product, how much."""
        if not ask_goods(turn, draft):
            ask_choice(turn, draft, draft.pending or {})

    def ask(self, turn: Turn, reader: Reader, draft: Draft, slot: str) -> None:
        """Which order, what, yes."""
        if slot == "modify_order":
            turn.say("utter_ask_which_order")
            return
        now = orders.order(reader, UUID(draft["order"]["id"]))
        if slot == "modify_lines":
            turn.say("utter_ask_modify_lines", number=now.number, rows=order_lines(turn, now))
        elif draft["status"]:
            turn.say(
                "utter_confirm_status",
                number=now.number,
                name=now.customer,
                before=turn.line(f"status_{now.status}"),
                after=turn.line(f"status_{draft['status']}"),
                draft_id=draft.stamp,
            )
        elif draft["discount"]:
            lines = wanted(turn, draft)
            held = {str(one["product_id"]) for one in lines}
            rest = [_as_booked(one) for one in now.lines if str(one.product_id) not in held]
            shown = orders.preview(reader, customer_id=now.customer_id, lines=[*lines, *rest])
            turn.say(
                "utter_confirm_discount",
                number=now.number,
                name=now.customer,
                rows=order_lines(turn, shown) + discount_line(turn, draft),
                before=inr(now.total_paise),
                totals=totals(turn, shown),
                draft_id=draft.stamp,
            )
        else:
            rows = [
                {
                    "product": line["name"],
                    "quantity": line["counted"],
                    "unit": unit_word(turn, line["unit"], line["counted"]),
                }
                for line in draft["lines"]
            ]
            turn.say(
                f"utter_confirm_modify_{draft['mode'] or 'add'}",
                number=now.number,
                name=now.customer,
                rows=turn.lines("line_goods", rows),
                now=order_lines(turn, now),
                draft_id=draft.stamp,
            )


class WriteModify(Write):
    """Change the order."""

    action = "action_order_modify"
    writes = ModifyForm

    def write(self, turn: Turn, draft: Draft) -> list[EventType]:
        """Write the change, show the order as it is now."""
        order_id = UUID(draft["order"]["id"])
        if draft["status"]:
            turn.run(
                service.change_status,
                key=f"draft:{draft.id}",
                order_id=order_id,
                status=draft["status"],
            )
        else:
            turn.run(
                service.modify_order,
                key=f"draft:{draft.id}",
                order_id=order_id,
                **_change(turn, draft),
            )
        with turn.read() as reader:
            now = orders.order(reader, order_id)
        turn.say("utter_order_changed", **order_facts(turn, now))
        product = draft["lines"][-1]["id"] if draft["lines"] else None
        return [
            remember(turn, order=order_id, customer=now.customer_id, product=product, did="order")
        ]


@register
class CancelForm(Form):
    """An order that shall not be."""

    form = "cancel_form"
    slots = ("cancel_order", "cancel_confirmed")
    intents = frozenset({"order_cancel"})
    permission = Permission.CANCEL_ORDER
    for_customers = True
    takes_money = False

    def welcomes_guest(self, turn: Turn) -> bool:
        """A guest has no order to cancel, and is told what else there is."""
        turn.say("utter_nothing_open_guest")
        return False

    def elsewhere(self, turn: Turn) -> str | None:
        """ "ORD-2026-00001 accept karo" is the order's next step."""
        if undoes_bill(turn) or (turn.is_user and turn.first("invoice_number")):
            return NOTE_FORM
        if turn.is_user and _was_just_billed(turn):
            return NOTE_FORM
        return ModifyForm.form if turn.is_user and _names_a_step(turn) else None

    def welcomes(self, turn: Turn) -> bool:
        """No customer takes an order's next step."""
        if turn.actor.kind == "customer" and _names_a_step(turn):
            turn.say("utter_not_for_customers")
            return False
        return super().welcomes(turn)

    def take(self, turn: Turn, draft: Draft) -> bool:
        """Which order."""
        return take_order(turn, draft)

    def settle(self, turn: Turn, reader: Reader, draft: Draft) -> None:
        """Find the order, and see whether it can be cancelled at all."""
        settle_order(turn, reader, draft)
        if draft.pending is None and draft["order"]:
            found = orders.order(reader, UUID(draft["order"]["id"]))
            error = _not_cancellable(turn, found)
            if found.invoice_id and turn.may(Permission.CANCEL_INVOICE):
                _offer_to_cancel_bill(turn, reader, found)
                draft.pending = {"kind": "closed"}
            elif error:
                say_error(turn, error)
                draft.pending = {"kind": "closed"}

    def choose(self, turn: Turn, draft: Draft, value: str) -> None:  # noqa: ARG002
        """Which order."""
        choose_order(draft, value)

    def filled(self, draft: Draft) -> dict[str, Any]:
        """The slots."""
        return {"cancel_order": draft["order"], "cancel_confirmed": draft["confirmed"]}

    def ask(self, turn: Turn, reader: Reader, draft: Draft, slot: str) -> None:
        """Which order, yes."""
        if slot == "cancel_order":
            turn.say("utter_ask_which_order")
            return
        now = orders.order(reader, UUID(draft["order"]["id"]))
        held = now.status in states.RESERVED
        response = "utter_confirm_cancel" if held else "utter_confirm_cancel_pending"
        turn.say(response, draft_id=draft.stamp, **order_facts(turn, now))

    def _handle(self, turn: Turn, draft: Draft) -> Outcome:
        """Asked which order, "cancel" alone means to leave it."""
        choosing = draft.pending is not None or draft["order"] is None
        if turn.intent == "order_cancel" and choosing and not self._content(turn):
            return self._drop(turn, draft)
        return super()._handle(turn, draft)

    def _says_cancel(self, turn: Turn) -> bool:  # noqa: ARG002
        return False

    def _says_only_leave(self, turn: Turn) -> bool:
        return turn.intent != "order_cancel" and super()._says_only_leave(turn)


class WriteCancel(Write):
    """Cancel the order."""

    action = "action_order_cancel"
    writes = CancelForm

    def write(self, turn: Turn, draft: Draft) -> None:
        """Write it."""
        order_id = UUID(draft["order"]["id"])
        with turn.read() as reader:
            held = orders.order(reader, order_id).status in states.RESERVED
        done = turn.run(
            service.cancel_order,
            key=f"draft:{draft.id}",
            order_id=order_id,
            reason="asked",
        )
        response = "utter_order_cancelled" if held else "utter_order_cancelled_pending"
        turn.say(response, number=done["number"])


def _was_just_billed(turn: Turn) -> bool:
    """ "Ye galat hai, cancel karo" after a bill: the order spoken of has become that bill."""
    order, named = recent(turn, "order"), turn.first("order_id") or turn.value("order")
    if named or turn.first("customer_name") or order is None or recent(turn, "invoice") is None:
        return False
    with turn.read() as reader:
        return orders.order(reader, order).invoice_id == recent(turn, "invoice")


def _is_of_a_bill(turn: Turn, draft: Draft) -> bool:
    """ "Usme 1 maggi aur" after a bill: what is billed is not changed any more."""
    if not turn.is_user or draft["order"] or draft["order_said"] or draft["status"]:
        return False
    return draft["customer_said"] is None and draft["customer"] is None and _was_just_billed(turn)


def _tell_bill_stands(turn: Turn, reader: Reader, draft: Draft) -> None:
    """Say that the bill stands; offer the goods on a new order, or to undo the bill."""
    bill = invoices.invoice(reader, recent(turn, "invoice") or UUID(int=0))
    lines = draft["lines"] or []
    goods = {"product_name": lines[0]["said"]} if len(lines) == 1 else {}
    if goods and lines[0].get("quantity"):
        goods["quantity"] = str(lines[0]["quantity"])
    new = payload_of("order_create", customer_name=bill.customer_name, **goods)
    choices = [Button(title=turn.line("button_new_order"), payload=new)]
    if turn.may(Permission.CANCEL_INVOICE):
        undo = payload_of("order_cancel", invoice_number=bill.number)
        choices.append(Button(title=turn.line("utter_button_bill_cancel"), payload=undo))
    turn.say(
        "utter_bill_stands",
        number=bill.number,
        name=bill.customer_name,
        total=inr(bill.total_paise),
        choices=choices,
    )


def _moves_an_order(turn: Turn) -> bool:
    """ "Sunita ka order accept karo" is about an order that stands, whatever is being written."""
    named = turn.first("customer_name") or turn.first("order_id")
    step = turn.intent == "order_modify" and _names_a_step(turn)
    goods = turn.first("product_name") or turn.first("quantity")
    return bool(turn.is_user and named and step and not goods)


def _names_a_step(turn: Turn) -> bool:
    return which(turn.text, "statuses") is not None and not says(turn.words, "cancel")


def _not_cancellable(turn: Turn, order: Order) -> BahiError | None:
    """Why an order cannot be cancelled, told before anybody is asked to agree to it."""
    if order.invoice_id:
        return Conflict("order_invoiced")
    if states.CANCELLED not in states.TRANSITIONS.after(order.status):
        return Conflict("illegal_transition", before=order.status, after=states.CANCELLED)
    if not turn.is_user and order.status not in states.CANCELLABLE_BY_CUSTOMER:
        return Conflict("order_not_changeable", status=order.status)
    return None


def _offer_to_cancel_bill(turn: Turn, reader: Reader, order: Order) -> None:
    """An order that has become a bill is undone by undoing the bill."""
    if order.invoice_id is None:
        return
    bill = invoices.invoice(reader, order.invoice_id)
    payload = payload_of("order_cancel", invoice_number=bill.number)
    button = Button(title=turn.line("utter_button_bill_cancel"), payload=payload)
    turn.say(
        "utter_order_has_bill",
        number=order.number,
        bill=bill.number,
        name=order.customer,
        total=inr(bill.total_paise),
        choices=[button],
    )


class OrderQuestion(Reply):
    """Where an order stands."""

    action = "action_order_status"

    def for_user(self, turn: Turn) -> list[EventType] | None:
        """One order with its next steps to tap, or the open ones."""
        with turn.read() as reader:
            found = order_meant(turn, reader)
            if found is None:
                if not turn.dispatcher.messages:
                    self._list(turn, reader)
                return None
            told = which(turn.text, "statuses")
            steps = [
                step
                for step in ("confirmed", "ready", "shipped", "delivered")
                if step in states.TRANSITIONS.after(found.status)
            ]
            # "Deliver ho gaya" is no question: what was told stands first to be tapped.
            steps.sort(key=lambda step: step != told)
            choices = [step_button(turn, found, step) for step in steps[:2]]
            if found.status == states.PENDING:
                ask_to_accept(turn, found)
            elif told in steps:
                turn.say("utter_order", **order_facts(turn, found))
                turn.say("utter_order_step", choices=choices, status=turn.line(f"status_{told}"))
            else:
                turn.say("utter_order", choices=choices, **order_facts(turn, found))
        return [remember(turn, order=found.id, customer=found.customer_id)]

    def for_customer(self, turn: Turn) -> list[EventType] | None:
        """One's own order."""
        with turn.read() as reader:
            number = turn.value("order_id") or subject(turn)
            found = orders.order_by_number(reader, number) if number else None
            if number and found is None:
                raise NotFound("order")
            open_ones = orders.open_orders(reader, turn.own_id, limit=ROWS)
            if found is None and len(open_ones) > 1:
                turn.say("utter_your_orders", rows=order_rows(turn, reader, turn.own_id))
                return None
            found = found or orders.latest_order(reader, turn.own_id, open_only=False)
            if found is None:
                turn.say("utter_no_orders_yet")
                return None
            turn.say("utter_your_order", **order_facts(turn, found))
        return [remember(turn, order=found.id)]

    def _list(self, turn: Turn, reader: Reader) -> None:
        found = orders.open_orders(reader, limit=ROWS)
        if not found:
            turn.say("utter_no_open_orders")
            return
        rows = [
            Button(
                title=one.number,
                payload=f'/order_status{{"order_id": "{one.number}"}}',
                description=turn.line(
                    "line_order_choice",
                    name=one.customer,
                    total=inr(one.total_paise),
                    status=turn.line(f"status_{one.status}"),
                )[:72],
            )
            for one in found
        ]
        turn.say("utter_open_orders", choices=rows)


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
    if before and not turn.dispatcher.messages and not says(turn.words, "stock.all"):
        return orders.order(reader, before)
    return None


def _newest(turn: Turn, reader: Reader, customer: parties.Customer) -> Order | None:
    found = orders.latest_order(reader, customer.id, open_only=False)
    if found is None:
        turn.say("utter_customer_has_no_orders", name=customer.name)
    return found


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
        _set_order(draft, orders.order(reader, UUID(draft["order"]["id"])))
        return
    if draft["order_said"]:
        found = orders.order_by_number(reader, draft["order_said"])
        draft["order_said"] = None
        if found:
            _set_order(draft, found)
        else:
            turn.say("error_order")
            _offer_orders(turn, reader, draft, None, unknown=True)
        return
    if turn.is_user:
        settle_customer(turn, reader, draft)
        if draft.pending:
            draft.pending.pop("may_add", None)
            return
    customer = draft["customer"]
    owner = UUID(customer["id"]) if customer else (None if turn.is_user else turn.own_id)
    before = recent(turn, "order")
    if before and customer is None:
        known = orders.order(reader, before)
        if known.status in states.OPEN:
            _set_order(draft, known)
            return
    _offer_orders(turn, reader, draft, owner)


def _offer_orders(
    turn: Turn, reader: Reader, draft: Draft, owner: UUID | None, *, unknown: bool = False
) -> None:
    found: list[Order] = orders.open_orders(reader, owner, limit=9)
    if draft.form == CancelForm.form:
        found = [one for one in found if not one.invoice_id] or found
    if draft["status"]:
        steps = states.TRANSITIONS.after
        found = [one for one in found if draft["status"] in steps(one.status)] or found
    if len(found) == 1 and not unknown:
        _set_order(draft, found[0])
        return
    options = [
        {
            "id": str(one.id),
            "name": one.number,
            "description": turn.line(
                "line_order_choice",
                name=one.customer,
                total=inr(one.total_paise),
                status=turn.line(f"status_{one.status}"),
            )[:72],
        }
        for one in found
    ]
    if options:
        draft.pending = {
            "kind": "choose", "field": "order", "said": "", "options": options, "token": "order",
        }  # fmt: skip
    elif not unknown:
        turn.say("utter_no_open_orders" if turn.is_user else "utter_nothing_open_customer")
        draft.pending = {"kind": "closed"}


def choose_order(draft: Draft, value: str) -> None:
    """Take the chosen order."""
    draft["order"] = {"id": value}


def _set_order(draft: Draft, order: Order) -> None:
    draft["order"] = {"id": str(order.id), "number": order.number}


def _open_order(turn: Turn) -> dict[str, Any] | None:
    with turn.read() as reader:
        found = open_order(turn, reader)
    return {"id": str(found.id), "number": found.number} if found else None


def _as_booked(line: OrderLine) -> LineWanted:
    """A line of an order as it stands."""
    return {
        "product_id": line.product_id,
        "quantity": line.quantity,
        "unit_price_paise": line.unit_price_paise,
    }


def _mode(turn: Turn) -> str:
    """Whether goods are added, left out, or set to another quantity."""
    if says(turn.words, "remove"):
        return "remove"
    if asks_for_more(turn):
        return "add"
    return "set" if turn.first("quantity") else "add"


def _line_for_loose_quantity(turn: Turn, reader: Reader, draft: Draft) -> None:
    """ "5 kar do" or "5 aur" means the order's only product, else the one just spoken of."""
    now = orders.order(reader, UUID(draft["order"]["id"]))
    spoken_of = recent(turn, "product")
    meant = [one for one in now.lines if len(now.lines) == 1 or one.product_id == spoken_of]
    if meant:
        draft["mode"] = draft["mode"] or "set"
        line = {"said": meant[0].product, "quantity": draft["loose_quantity"]}
        draft["lines"] = [{**line, "said_unit": draft["loose_unit"]}]
    draft["loose_quantity"] = None


def _settle_removal(reader: Reader, draft: Draft) -> None:
    """ "2 maggi hata do" of five leaves three; without a quantity, or with all, none is left."""
    ordered = {
        str(line.product_id): line.quantity
        for line in orders.order(reader, UUID(draft["order"]["id"])).lines
    }
    left = [
        ordered[line["id"]] - Decimal(line["counted"])
        for line in draft["lines"]
        if line["part"] and line["id"] in ordered
    ]
    if len(left) == len(draft["lines"]) and all(one > 0 for one in left):
        draft["mode"] = "set"
        for line, quantity in zip(draft["lines"], left, strict=True):
            line["quantity"] = line["counted"] = plain(quantity)
            line["said_unit"] = line["unit"]
        return
    for line in draft["lines"]:
        line["counted"] = plain(ordered.get(line["id"], Decimal(line["counted"])))


def _change(turn: Turn, draft: Draft) -> dict[str, Any]:
    mode = draft["mode"] or "add"
    if mode == "remove":
        return {"remove": [UUID(line["id"]) for line in draft["lines"]]}
    return {"set_" if mode == "set" else "add": wanted(turn, draft)}


def wanted(turn: Turn, draft: Draft) -> list[LineWanted]:
    """A draft's lines as commands take them. Only the shop names a rate of its own."""
    lines = []
    for line in draft["lines"]:
        one: LineWanted = {"product_id": line["id"], "quantity": line["counted"]}
        if turn.is_user and line.get("amount"):
            one["unit_price_paise"] = rate_of(line)
        lines.append(one)
    return lines


def _rate_differs(line: Mapping[str, Any]) -> bool:
    """Whether an amount names another rate than the list's, for one or for all."""
    return rate_of(line) != line["price"]


def _leave_own_rates(turn: Turn, draft: Draft) -> None:
    """Who may not name a rate sells at the catalogue's, and is told so."""
    if not turn.is_user or turn.may(Permission.NAME_PRICE):
        return
    named = [line for line in draft["lines"] if line.get("amount") and _rate_differs(line)]
    for line in draft["lines"]:
        line.pop("amount", None)
    if named:
        turn.say("utter_rate_stays", rows=", ".join(line["name"] for line in named))


def _settle_total(turn: Turn, reader: Reader, draft: Draft) -> None:
    """Remember the total that is shown; when it is another one at the yes, ask again with it."""
    preview = orders.preview(
        reader, customer_id=UUID(draft["customer"]["id"]), lines=wanted(turn, draft)
    )
    shown = draft["shown"]
    draft["shown"] = preview.total_paise
    if draft["confirmed"] and shown is not None and shown != preview.total_paise:
        draft["confirmed"] = None
        turn.say("utter_total_changed", before=inr(shown), after=inr(preview.total_paise))


def _settle_stock(reader: Reader, draft: Draft) -> None:
    """Note the first line of which there is too little."""
    for index, line in enumerate(draft["lines"]):
        available = inventory.stock(reader, UUID(line["id"])).available
        if Decimal(line["counted"]) > available:
            draft.pending = {
                "kind": "short",
                "field": "short",
                "index": index,
                "available": plain(max(available, Decimal(0))),
                "token": f"short{index}",
            }
            return


def _ask_short(turn: Turn, draft: Draft, pending: Mapping[str, Any]) -> None:
    line = draft["lines"][pending["index"]]
    facts: dict[str, Any] = {
        "product": line["name"],
        "wanted": line["counted"],
        "unit": unit_word(turn, line["unit"], line["counted"]),
        "draft_id": draft.stamp,
        "token": pending["token"],
    }
    if not turn.is_user:
        turn.say("utter_short_for_you", **facts)
    elif pending["available"] == "0":
        turn.say("utter_sold_out", **facts)
    else:
        turn.say("utter_short", available=pending["available"], **facts)


def _choose_less(draft: Draft, pending: Mapping[str, Any], value: str) -> None:
    line = draft["lines"][pending["index"]]
    if value == "less":
        line["quantity"] = line["counted"] = pending["available"]
        line["said_unit"] = line["unit"]
    else:
        draft["lines"].remove(line)


def _starts_another(turn: Turn, draft: Draft) -> bool:
    """Whether a second order with its own customer and goods begins while one is being written."""
    customer, goods = turn.value("customer_name"), turn.all("product_name")
    if goods and draft["lines"] and not draft["customer"] and not draft["customer_said"]:
        return _says_all_of_another(turn, draft)
    if not (customer and goods and draft["customer"] and draft["lines"]):
        return False
    from erp_core.parties.names import person_key

    return person_key(customer) not in person_key(draft["customer"]["name"]) and not says(
        turn.words, "negation"
    )


def _says_all_of_another(turn: Turn, draft: Draft) -> bool:
    """Whether other goods come with a name, or paid at once, while it is open for whom the first
    ones are: "canteen ko 40 meals", "3 idli nagad"."""
    whole = turn.first("customer_name") or _is_paid_at_once(turn)
    if not whole or not complete(draft) or not draft.replying or says(turn.words, "negation"):
        return False
    held = {word for line in draft["lines"] for word in words(line["name"])}
    others = [one for one in turn.all("product_name") if not set(words(one.value)) & held]
    if turn.first("customer_name"):
        return len(others) == len(turn.all("product_name")) and not asks_for_more(turn)
    return not asks_for_more(turn) and not _says_the_same(turn, draft)


def _is_paid_at_once(turn: Turn) -> bool:
    counted = turn.first("product_name") and turn.first("quantity")
    return bool(counted and method_of(turn.text) in AT_ONCE)


def _is_for_another(turn: Turn, draft: Draft) -> bool:
    """Whether somebody else is named, and no goods, while goods for a customer are written."""
    said = turn.value("customer_name")
    if not (turn.is_user and said and draft["customer"] and draft["lines"]):
        return False
    if turn.first("product_name") or says(turn.words, "negation"):
        return False
    from erp_core.parties.names import person_key

    return not set(person_key(said).split()) <= set(person_key(draft["customer"]["name"]).split())


def _may_start_another(turn: Turn, draft: Draft) -> bool:
    """Whether goods for the same customer, named anew, may be an order of their own."""
    if not (turn.value("customer_name") and turn.all("product_name") and draft.replying):
        return False
    if not (draft["customer"] and complete(draft)) or draft["asked"] or asks_for_more(turn):
        return False
    return not says(turn.words, "negation") and not _says_the_same(turn, draft)


def _says_the_same(turn: Turn, draft: Draft) -> bool:
    """Whether a message merely repeats what the draft holds."""
    held = {(line["id"], line["counted"]) for line in draft["lines"]}
    said = Draft(draft.id, draft.form, {"asked": None})
    take_goods(turn, said)
    with turn.read() as reader:
        settle_goods(turn, reader, said, may_add=False)
    lines = complete(said)
    return lines is not None and {(line["id"], line["counted"]) for line in lines} == held


def _ask_to_join(turn: Turn, draft: Draft) -> None:
    joining = Draft(draft.id, draft.form, {"asked": None})
    take_goods(turn, joining)
    draft["joining"] = joining["lines"]
    draft.pending = {"kind": "join", "field": "join", "token": "join", "yes": "join"}


def _as_said(line: Mapping[str, Any]) -> str:
    parts = (line.get("quantity"), line.get("said_unit"), line["said"])
    return " ".join(str(one) for one in parts if one)


def _takes_same(turn: Turn, draft: Draft) -> bool:
    """ "Wahi wala 3 likh do": the product just spoken of."""
    product, quantity = recent(turn, "product"), wants_same(turn)
    if draft["lines"] or product is None or quantity is None:
        return False
    draft["lines"] = [{**line_of(turn, product), "quantity": str(quantity)}]
    return True


def _asks_again(turn: Turn, draft: Draft) -> bool:
    """ "Ravi ko wahi order phir se": what was ordered last."""
    if draft["lines"] or turn.first("product_name") or not says(turn.words, "same_again"):
        return False
    draft["again"] = True
    return True


def _repeat(turn: Turn, reader: Reader, draft: Draft) -> None:
    draft["again"] = None
    before = orders.latest_order(reader, UUID(draft["customer"]["id"]), open_only=False)
    if before is None:
        turn.say("utter_nothing_to_repeat", name=draft["customer"]["name"])
        return
    draft["lines"] = [
        {"said": one.product, "quantity": plain(one.quantity), "said_unit": one.unit}
        for one in before.lines
    ]


def _sold_to_nobody(turn: Turn) -> bool:
    """ "5 maggi bech di nagad": sold and paid, with no name."""
    if not turn.is_user or turn.first("customer_name") or turn.first("customer_phone"):
        return False
    paid = says(turn.words, "sold") and method_of(turn.text) is not None
    return paid or says(turn.words, "walk_in") or _is_paid_at_once(turn)


def _is_for_nobody(turn: Turn, draft: Draft) -> bool:
    """Whether the answer to "for whom?" is nobody: "counter pe", "nagad"."""
    if not turn.is_user or draft["customer"] or turn.value("draft") or not draft["lines"]:
        return False
    if turn.first("customer_name") or turn.first("product_name"):
        return False
    return says(turn.words, "walk_in") or (len(turn.words) <= 3 and bool(method_of(turn.text)))


def _bills_this(turn: Turn, draft: Draft) -> bool:
    """ "Bill bana do" in the middle of an order is a bill of what is being written."""
    shared = turn.intent == "invoice_share" and says(turn.words, "makes_bill")
    if not (turn.intent == "invoice_generate" or shared) or not turn.is_user or not draft["lines"]:
        return False
    if not turn.may(Permission.CREATE_INVOICE) or _is_for_another(turn, draft):
        return False
    others = ("product_name", "amount", "order_id", "invoice_number")
    return draft["customer"] is not None and not any(turn.first(one) for one in others)


def _over_the_counter(turn: Turn, draft: Draft) -> None:
    """Goods for the customer who stands for all without a name, paid and taken along at once."""
    walk_in = turn.run(parties_service.walk_in, key=f"draft:{draft.id}:walk_in")
    set_customer(draft, walk_in["customer_id"], walk_in["name"])
    draft.pending = None
    if turn.may(Permission.CREATE_INVOICE) and turn.may(Permission.RECORD_PAYMENT):
        draft["bill"], draft["paid"] = True, method_of(turn.text) or "cash"


def _own_name(turn: Turn, draft: Draft) -> str | None:
    """The name that a guest gives when asked: "mera naam Sita hai" is Sita, "12345" is nobody."""
    said = turn.value("customer_name")
    asked_name = draft.replying and not draft["asked"]
    if said is None and asked_name and not turn.first("product_name"):
        said = bare_text(turn)
    if said is None:
        return None
    kept = [word for word in said.split() if not only(words(word), "introduction")]
    name = " ".join(kept).strip(" .,!:;-\"'")
    if not any(letter.isalpha() for letter in name):
        raise Invalid("bad_name")
    return name


def _contact(turn: Turn) -> tuple[str, str] | None:
    contact = turn.metadata.get("contact") or {}
    return next(((kind, contact[kind]) for kind in ("phone", "bsuid") if contact.get(kind)), None)


def _register(turn: Turn, draft: Draft, name: str) -> None:
    """A guest becomes a customer."""
    contact = _contact(turn)
    if contact is None:
        raise BahiError("not_allowed")
    added = turn.run(
        parties_service.register,
        key=f"draft:{draft.id}:register",
        name=name,
        kind=contact[0],
        value=contact[1],
    )
    set_customer(draft, added["customer_id"], added["name"])
    draft["registered"] = added["customer_id"]
    turn.actor = Actor("customer", UUID(added["customer_id"]))
    turn.say("utter_you_are_a_customer", name=added["name"])


def _for_oneself(turn: Turn, draft: Draft) -> None:
    with turn.read() as reader:
        own = parties.customer(reader, turn.own_id)
    set_customer(draft, own.id, own.name)
