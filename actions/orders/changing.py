"""Changing an order: other goods or quantities, a discount, its next step."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any, TypedDict
from uuid import UUID

from rasa_sdk.events import EventType

from actions.base import say_error
from actions.context import Turn
from actions.entities import Entity, number_of
from actions.forms.asking import register
from actions.forms.beside import Outcome
from actions.forms.choices import ask_choice
from actions.forms.customer import is_part_of
from actions.forms.draft import Draft, what_of
from actions.forms.form import FORMS, Form
from actions.forms.names import (
    INVOICE_FORM,
    MODIFY_FORM,
    ORDER_FORM,
    PAYMENT_FORM,
    PRICE_FORM,
    STOCK_FORM,
)
from actions.forms.writing import Write
from actions.goods.availability import tell_availability
from actions.goods.lines import asks_for_more, line_of, take_goods
from actions.goods.rate_steps import names_rate
from actions.goods.settling import choose_product, settle_goods
from actions.goods.taken_off import gets_ready
from actions.goods.telling import ask_goods, complete
from actions.invoicing.discounts import apply_discount, discount_in, discount_line, lines_of_order
from actions.invoicing.put_right import figures_of, lines_put_right
from actions.invoicing.sales import uneven_total
from actions.lexicon import only, says, which, words
from actions.match import customer_in, payload_of, quotes, recent, remember, unit_word
from actions.orders import wishes
from actions.orders.another_day import order_put_off
from actions.orders.awaited import bill_beside, money_beside, part_said, step_said
from actions.orders.corrected import corrects_last_order, last_order_put_right
from actions.orders.kept_only import left_behind, refuses_goods
from actions.orders.lines import as_booked, leave_own_rates, wanted
from actions.orders.meant import (
    choose_order,
    order_of,
    set_order,
    settle_order,
    take_order,
    take_spoken_of,
    was_just_billed,
)
from actions.orders.more import adds_to_last, takes_spoken_of
from actions.orders.noted_later import noted_later, take_later
from actions.orders.notes import joined, keep_note, says_how
from actions.orders.tables import has_ordered
from actions.payments.payments import what_paid
from actions.phrasebook import Button
from actions.reading.goods_notes import tell_note
from actions.reading.parts import part_of, parts_with, without
from actions.reading.said import denied_entities, denies
from actions.reading.wanted import note_wanted, of_draft, wanted_line
from actions.wording import (
    cancel_bill_button,
    note_row,
    order_facts,
    order_lines,
    totals,
    wanted_row,
)
from erp_core.invoicing import queries as invoices
from erp_core.journal.context import Reader
from erp_core.kernel.clauses import clauses, sentences
from erp_core.kernel.errors import Conflict
from erp_core.kernel.money import from_decimal, half_up, inr
from erp_core.kernel.quantity import plain
from erp_core.orders import queries as orders
from erp_core.orders import service, states
from erp_core.orders.pricing import LineWanted
from erp_core.orders.queries import Order
from erp_core.parties.permissions import Permission


class OrderChange(TypedDict, total=False):
    """What is changed of the goods of an order, as the command takes it."""

    add: list[LineWanted]
    set_: list[LineWanted]
    remove: list[UUID]
    said_total: int | None


TELLS_OF_GOODS = frozenset({"order_modify", "order_create"})
"""Intents with which goods are said to belong to an order."""


@register
class ModifyForm(Form):
    """A change of an order: more goods, other quantities, goods left out, its next step."""

    form = MODIFY_FORM
    slots = ("modify_order", "modify_lines", "modify_confirmed")
    intents = frozenset({"order_modify"})
    near = frozenset({"order_create", "inventory_update", "price_update"})
    permission = Permission.MODIFY_ORDER
    about_goods = True
    takes_rates = True
    for_customers = True
    takes_money = False

    def parts(self, turn: Turn) -> list[Turn]:
        """A buyer's "make it 3 pads and no ors" changes how many, and then takes goods off; so do
        "jeera das kilo kam kar do aur chini do bori badha do" of the shop's."""
        if len(each_way := _each_way(turn)) > 1:
            return each_way
        spans = [] if turn.is_user else sentences(turn.text)
        apart = [(one, part) for one in spans if refuses_goods(part := part_of(turn, one))]
        kept = turn
        for span, _ in apart:
            kept = without(kept, *span)
        if not apart or not (kept.first("product_name") and kept.first("quantity")):
            return [turn]
        parts = [replace(part, intent="order_modify") for _, part in apart]
        return [replace(kept, text=_unjoined(kept.text), intent="order_modify"), *parts]

    def _begin_parts(self, turn: Turn, draft: Draft) -> None:
        """ "Priya ka order bhej diya, usne 304 diye" tells of money besides, "…, bill bhej do" asks
        for a bill: both are asked about afterwards."""
        turn = _without_what_stays(wishes.counts_own(turn) or turn)
        super()._begin_parts(turn, draft)
        for one in draft["others"]:
            turn.say("utter_wished_next", what=what_of(turn, Draft(**one)))
        paid = money_beside(turn)
        if paid is not None and draft["status"]:
            payment = Draft(f"{turn.new_id()}-paid", PAYMENT_FORM)
            FORMS[PAYMENT_FORM]().start(paid, payment)
            draft["others"].append(payment.kept())
            turn.say("utter_paid_next", what=what_paid(turn, payment))
        if draft["status"] and draft["order"] and (wanted_bill := bill_beside(turn)):
            _bill_next(turn, wanted_bill, draft)

    def _handle(self, turn: Turn, draft: Draft) -> Outcome:
        """ "Bill bhi bana do", where it is asked whether the order shall move on."""
        named = turn.first("customer_name") or turn.first("product_name") or turn.first("order_id")
        beside = draft["order"] and not draft["lines"] and not draft["status"]
        if beside and take_later(turn, draft):
            draft["confirmed"] = None
            return Outcome.TAKEN
        moves = draft["status"] and draft["order"] and not draft["lines"] and draft.pending is None
        if turn.is_user and moves and turn.intent == "invoice_generate" and not named:
            with turn.read() as reader:
                whose = Entity("customer_name", order_of(reader, draft).customer)
            _bill_next(turn, replace(turn, entities=[whose]), draft)
            return Outcome.TAKEN
        return super()._handle(turn, draft)

    def elsewhere(self, turn: Turn) -> str | None:
        """Goods that are quoted, and no order, come in or go out; a customer who wants more and
        has no order that can be changed begins one, and so does a table."""
        counted = turn.first("quantity") and not turn.first("order_id")
        of_goods = quotes(turn, "product") and not quotes(turn, "order")
        if turn.is_user and counted and of_goods:
            return STOCK_FORM
        if names_rate(turn):
            return PRICE_FORM
        begins = _begins_an_order(turn) or has_ordered(turn) is False or _sells_more(turn)
        return ORDER_FORM if begins else super().elsewhere(turn)

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

    def welcomes_guest(self, turn: Turn) -> bool:
        """Somebody unknown has no order; goods that are named are asked for."""
        if wishes.asks(turn):
            tell_availability(turn)
            return False
        return super().welcomes_guest(turn)

    def start(self, turn: Turn, draft: Draft) -> None:
        """What is put right of the order just spoken of is taken as it was found."""
        if not draft["order"] and (put_off := order_put_off(turn)):
            set_order(draft, put_off)
        if not draft["order"] and (later := noted_later(turn)):
            set_order(draft, later.order)
        if not draft["order"] and (behind := left_behind(turn)):
            set_order(draft, behind[0])
            draft["lines"] = [line_of(turn, one.product_id) for one in behind[1]]
            draft["mode"] = "remove"
        elif not draft["order"] and corrects_last_order(turn):
            draft.data.update(last_order_put_right(turn) or {})
        else:
            super().start(turn, draft)

    def take(self, turn: Turn, draft: Draft) -> bool:
        """Which order; what changes."""
        if not draft["lines"] and take_later(turn, draft):
            return True
        tell_note(turn)
        if not turn.is_user:
            turn = _with_note_apart(turn, draft)
        taken = take_order(turn, draft)
        put_off = draft["wanted"] or order_put_off(turn) is not None
        if put_off and turn.is_user and note_wanted(turn, draft):
            return True
        if not turn.is_user:
            _answer_beside(turn)
        if _take_part(turn, draft):
            return True
        stepped = _take_step(turn, draft)
        if _take_discount(turn, draft):
            return True
        if draft["status"] and (taken or stepped):
            return True
        if _take_status(turn, draft) or _take_more(turn, draft):
            return True
        return self._take_change(turn, draft) or taken or stepped

    def _take_change(self, turn: Turn, draft: Draft) -> bool:
        """The goods that change, and how."""
        if turn.intent in ("order_modify", "order_cancel") and draft["mode"] is None:
            draft["mode"] = _mode(turn)
            draft["ready"] = gets_ready(turn) or None
        draft["insists"] = draft["insists"] or turn.insists or None
        if not draft.replying and _take_put_right(turn, draft):
            return True
        named = turn.first("product_name") or draft["lines"]
        if named and take_goods(turn, draft):
            return True
        number = next((one for one in denied_entities(turn) if one.name == "quantity"), None)
        if not number or draft["lines"]:
            return False
        draft["loose_quantity"] = None if (count := number_of(number)) is None else str(count)
        return count is not None

    def settle(self, turn: Turn, reader: Reader, draft: Draft) -> None:
        """Find the order and the goods; a step that cannot come is not asked about."""
        if _is_of_a_bill(turn, draft):
            _tell_bill_stands(turn, reader, draft)
            draft.pending = {"kind": "closed"}
            return
        settle_order(turn, reader, draft)
        if draft.pending:
            return
        if draft["order"] and not turn.is_user:
            status = order_of(reader, draft).status
            noted = not draft["lines"] and (draft["note"] or draft["wanted"])
            if status not in (states.CHANGEABLE if noted else states.CHANGEABLE_BY_CUSTOMER):
                say_error(turn, Conflict("order_not_changeable", status=status))
                draft.pending = {"kind": "closed"}
                return
        if draft["order"] and draft["status"] and not _can_come(turn, reader, draft):
            draft.pending = {"kind": "closed"}
            return
        if draft["order"] and not draft["lines"]:
            _note_lines_of_order(turn, reader, draft)
        if draft["mode"] == "remove":
            _note_what_is_left_out(draft)
        settle_goods(turn, reader, draft, may_add=False)
        if draft["insists"] and _has_it_all(reader, draft):
            turn.say("utter_order_stays")
            draft.pending = {"kind": "closed"}
            return
        if draft.pending is None and complete(draft):
            _settle_rates(turn, draft)
        if draft["mode"] == "remove" and draft["order"] and complete(draft):
            _settle_removal(turn, reader, draft)

    def resumes(self, turn: Turn, draft: Draft) -> bool:
        """A step that was taken meanwhile, by a button on the order, is not asked about."""
        if not draft["order"] or not draft["status"]:
            return True
        with turn.read() as reader:
            return order_of(reader, draft).status != draft["status"]

    def _is_of_another(self, turn: Turn) -> bool:
        """Goods for somebody by name are of another order than that of who has one here."""
        draft = Draft.of(turn.slots)
        theirs = draft is not None and _is_for_somebody_else(turn, draft)
        return theirs or super()._is_of_another(turn)

    def choose(self, turn: Turn, draft: Draft, value: str) -> None:
        """Which order, which product."""
        if draft["answering"]["field"] == "product":
            choose_product(turn, draft, value)
        else:
            choose_order(turn, draft, value)

    def filled(self, draft: Draft) -> dict[str, Any]:
        """The slots."""
        return {
            "modify_order": draft["order"],
            "modify_lines": draft["status"] or draft["wanted"] or draft["note"] or complete(draft),
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
        now = order_of(reader, draft)
        if slot == "modify_lines":
            turn.say("utter_ask_modify_lines", number=now.number, rows=order_lines(turn, now))
        elif draft["status"] and not draft["lines"]:
            _confirm_status(turn, now, draft)
        elif (draft["wanted"] or draft["note"]) and not draft["lines"]:
            _confirm_beside(turn, now, draft)
        elif draft["discount"]:
            _confirm_discount(turn, reader, now, draft)
        else:
            _confirm_lines(turn, now, draft)


def _bill_next(turn: Turn, wanted_bill: Turn, draft: Draft) -> None:
    """The bill of an order is asked about once the order has moved on."""
    bill = Draft(f"{turn.new_id()}-bill", INVOICE_FORM)
    FORMS[INVOICE_FORM]().start(wanted_bill, bill)
    bill["order"] = dict(draft["order"])
    draft.data.setdefault("others", []).append(bill.kept())
    turn.say("utter_wished_next", what=what_of(turn, bill))


def _is_for_somebody_else(turn: Turn, draft: Draft) -> bool:
    """ "Ek dosa table 4 pe bhi", while the order of table 3 is changed."""
    said, known = turn.value("customer_name"), (draft["order"] or {}).get("id")
    if not turn.is_user or not (said and known and draft["lines"]) or denies(turn):
        return False
    if turn.intent not in TELLS_OF_GOODS or turn.first("product_name") is None:
        return False
    with turn.read() as reader:
        return not is_part_of(said, order_of(reader, draft).customer)


def _take_part(turn: Turn, draft: Draft) -> bool:
    """That only a part of an order goes."""
    told = part_said(turn)
    if told is None:
        return False
    set_order(draft, told.order)
    line = line_of(turn, told.line.product_id)
    draft["lines"] = [{**line, "quantity": plain(told.quantity)}]
    draft["mode"], draft["status"] = "set", states.CONFIRMED
    return True


def _take_step(turn: Turn, draft: Draft) -> bool:
    """The step of an order that is told of: it is packed, it has gone."""
    step = step_said(turn)
    if step is None or step.status == states.CANCELLED:
        return False
    set_order(draft, step.order)
    draft["status"] = step.status
    _tell_left_out(turn)
    return True


def _take_discount(turn: Turn, draft: Draft) -> bool:
    found = discount_in(turn) if turn.is_user else None
    if found is None:
        return False
    draft["discount"], draft["mode"] = found, "set"
    if not draft["order"]:
        take_spoken_of(turn, draft)
    return True


def _take_status(turn: Turn, draft: Draft) -> bool:
    """A step alone, with no goods named."""
    goods = turn.first("product_name") or turn.first("quantity")
    step = which(turn.text, "statuses") if turn.is_user and not goods else None
    if step:
        draft["status"] = step
    return bool(step)


def _take_more(turn: Turn, draft: Draft) -> bool:
    """So many more of what was spoken of last."""
    more = adds_to_last(turn) if not draft.replying else None
    if more is None or more.quantity is None:
        return False
    draft["mode"], draft["loose_quantity"] = "add", str(more.quantity)
    draft["loose_unit"] = more.unit
    return True


def _take_put_right(turn: Turn, draft: Draft) -> bool:
    """ "40 nahi 45 kar do": take the line that holds the first of the numbers; which of several is
    meant, is asked."""
    meant, figures = lines_put_right(turn), figures_of(turn)
    if not meant or figures is None:
        return False
    draft["mode"], draft["lines"] = "set", []
    if len(meant) > 1:
        return True
    line = {**line_of(turn, meant[0].product_id), "said_unit": meant[0].unit}
    line["quantity"] = plain(figures[1])
    if meant[0].quantity != figures[0]:
        line["quantity"] = plain(meant[0].quantity)
        line["amount"], line["each"] = from_decimal(figures[1]), True
    draft["lines"] = [line]
    return True


def _each_way(turn: Turn) -> list[Turn]:
    """The parts of a message that change goods of one order in different ways, each with a verb of
    its own, with how many unless they are taken off, and with whose order it is."""
    spans = parts_with(turn, "product_name") if turn.is_user else []
    parts = [part_of(turn, one) for one in spans]
    modes = [_mode(one) for one in parts]
    whole = all(
        one.first("product_name")
        and (one.first("quantity") or mode == "remove")
        and says(one.words, "changes.verbs")
        for one, mode in zip(parts, modes, strict=True)
    )
    if not whole or len(set(modes)) < 2:
        return [turn]
    named = [
        replace(one, start=0, end=0)
        for one in turn.entities
        if one.name in ("customer_name", "order_id") and one.start < spans[0][1]
    ]
    rest = [replace(one, entities=[*named, *one.entities]) for one in parts[1:]]
    return [replace(one, intent="order_modify") for one in (parts[0], *rest)]


def _without_what_stays(turn: Turn) -> Turn:
    """The message without the goods of "… aur chini waise hi rehne do", where it changes others."""
    spans = clauses(turn.text)
    for at, (start, end) in enumerate(spans):
        joined = (spans[at - 1][1], end) if at else (start, spans[1][0] if spans[1:] else end)
        part, rest = part_of(turn, (start, end)), without(turn, *joined)
        stays = part.first("product_name") and says(part.words, "changes.as_they_are")
        if stays and not part.first("quantity") and rest.first("product_name"):
            return rest
    return turn


def _unjoined(text: str) -> str:
    """A text without the "aur" that joined it to what was taken out: it asks for no more."""
    row = list(re.finditer(r"\S+", text))
    for one in (row[0], row[-1]):
        if only(words(one[0]), "joining"):
            text = f"{text[: one.start()]}{' ' * len(one[0])}{text[one.end() :]}"
    return text


def _tell_left_out(turn: Turn) -> None:
    """ "Rohan ka order haan bol do, kal subah de denge": the promised day is kept nowhere; "Pushpa
    ka manzoor, Meena ka bhi" is one after the other."""
    parts = [part_of(turn, span) for span in sentences(turn.text)]
    for one in parts[1:]:
        names_another = parts[0].first("person") or parts[0].first("customer_name")
        another = names_another and one.first("customer_name") and not one.first("amount")
        if another or note_wanted(one, Draft("", MODIFY_FORM, {})):
            turn.say("utter_not_in_it", said=one.text.strip())


def _begins_an_order(turn: Turn) -> bool:
    if takes_spoken_of(turn) is not None:
        return True  # so many of what was just told of, and none of what was ordered before
    if turn.is_user or not turn.first("product_name"):
        return False
    if says(turn.words, "buyers.same_again"):
        return not wishes.has_changeable(turn)
    bargains = turn.first("quantity") and says(turn.words, "buyers.bargain")
    removes = says(turn.words, "remove") and not bargains
    if removes or denies(turn) or turn.first("order_id"):
        return False
    if turn.actor.kind == "guest":
        return turn.first("quantity") is not None
    return not wishes.has_changeable(turn)


def _sells_more(turn: Turn) -> bool:
    """ "Usko 2 maggi bhi do" of whoever has no order that could be changed, "10 maggi pe 10 percent
    discount cash" where no order was spoken of: goods that are sold."""
    if not turn.is_user or not (turn.first("product_name") and turn.first("quantity")):
        return False
    refuses = any(says(turn.words, one) for one in ("remove", "in_place_of", "an_order"))
    if turn.first("order_id") or refuses or denies(turn):
        return False
    with turn.read() as reader:
        buyer = customer_in(turn, reader)
        whom = buyer.id if buyer else None
        if whom is None and says(turn.words, "same_person"):
            whom = recent(turn, "customer")
        if whom is None:
            return turn.method is not None and not recent(turn, "order")
        return not orders.open_orders(reader, whom, limit=1)


def _confirm_status(turn: Turn, now: Order, draft: Draft) -> None:
    turn.say(
        "utter_confirm_status",
        number=now.number,
        name=now.customer,
        before=turn.line(f"status_{now.status}"),
        after=turn.line(f"status_{draft['status']}"),
        draft_id=draft.stamp,
    )


def _confirm_beside(turn: Turn, now: Order, draft: Draft) -> None:
    """When it is wanted, and what is noted beside its goods."""
    turn.say(
        "utter_confirm_modify_set",
        number=now.number,
        name=now.customer,
        rows=(wanted_line(turn, draft) + note_row(draft["note"])).strip(),
        now=order_lines(turn, now) + wanted_row(turn, now) + note_row(now.note),
        draft_id=draft.stamp,
    )


def _confirm_discount(turn: Turn, reader: Reader, now: Order, draft: Draft) -> None:
    """The discount may be for some goods only; the rest of the order stands beside them."""
    lines = wanted(turn, draft)
    held = {str(one["product_id"]) for one in lines}
    others = [one for one in now.lines if str(one.product_id) not in held]
    draft["total"] = uneven_total(reader, draft, beside=sum(one.total_paise for one in others))
    shown = orders.preview(
        reader,
        customer_id=now.customer_id,
        lines=[*lines, *(as_booked(one) for one in others)],
        said_total=draft["total"],
    )
    turn.say(
        "utter_confirm_discount",
        number=now.number,
        name=now.customer,
        rows=order_lines(turn, shown) + discount_line(turn, draft) + _step_line(turn, draft),
        before=inr(now.total_paise),
        totals=totals(turn, shown),
        draft_id=draft.stamp,
    )


def _confirm_lines(turn: Turn, now: Order, draft: Draft) -> None:
    mode = draft["mode"] or "add"
    rated = any(one.get("amount") for one in draft["lines"])
    line = "line_order" if mode == "add" or rated else "line_goods"
    turn.say(
        f"utter_confirm_modify_{mode}",
        number=now.number,
        name=now.customer,
        rows=turn.lines(line, _rows(turn, now, draft))
        + wanted_line(turn, draft)
        + note_row(draft["note"])
        + _step_line(turn, draft),
        now=order_lines(turn, now),
        draft_id=draft.stamp,
    )


def _step_line(turn: Turn, draft: Draft) -> str:
    """The step that the order takes with the change, as a row below the goods."""
    if not draft["status"]:
        return ""
    return "\n" + turn.line("line_and_step", status=turn.line(f"status_{draft['status']}"))


def _rows(turn: Turn, now: Order, draft: Draft) -> list[dict[str, str]]:
    """Goods and how many, at the rates that will be written: "ek cover free me" is no gift."""
    booked = {str(one.product_id): one.unit_price_paise for one in now.lines}
    rows = []
    for line, one in zip(draft["lines"], wanted(turn, draft), strict=True):
        rate = one.get("unit_price_paise") or booked.get(line["id"], line["price"])
        row = {
            "product": line["name"],
            "quantity": line["counted"],
            "unit": unit_word(turn, line["unit"], line["counted"]),
            "price": inr(rate),
            "total": inr(half_up(Decimal(line["counted"]) * rate)),
        }
        rows.append(row)
    return [*rows, *_gone(turn, now, draft)]


def _gone(turn: Turn, now: Order, draft: Draft) -> list[dict[str, str]]:
    """The goods whose place others take: none of them is left."""
    return [
        {
            "product": one.product,
            "quantity": "0",
            "unit": unit_word(turn, one.unit, "0"),
            "price": inr(one.unit_price_paise),
            "total": inr(0),
        }
        for one in now.lines
        if str(one.product_id) == draft["instead_of"]
    ]


class WriteModify(Write):
    """Change the order."""

    action = "action_order_modify"
    writes = ModifyForm

    def write(self, turn: Turn, draft: Draft) -> list[EventType]:
        """Write the change, show the order as it is now."""
        order_id = UUID(draft["order"]["id"])
        change: dict[str, Any] = {**change_of(turn, draft)} if draft["lines"] else {}
        if draft["status"]:
            change["status"] = draft["status"]
        elif draft["wanted"]:
            change["wanted_on"], change["wanted_at"] = of_draft(draft)
        command: Any = service.change_and_move if draft["status"] else service.modify_order
        if not turn.is_user and not draft["lines"]:
            command, change["note"] = service.note_order, draft["note"]
        turn.run(
            command,
            key=f"draft:{draft.id}",
            order_id=order_id,
            **change,
        )
        if draft["note"] and draft["lines"]:
            _add_note(turn, draft, order_id)
        with turn.read() as reader:
            now = orders.order(reader, order_id)
        turn.say("utter_order_changed", **order_facts(turn, now))
        product = draft["lines"][-1]["id"] if draft["lines"] else None
        return [
            remember(turn, order=order_id, customer=now.customer_id, product=product, did="order")
        ]


def _answer_beside(turn: Turn) -> None:
    """ "Ek dosa kam kar do" is one less, and no bargain."""
    if not (turn.first("quantity") and _mode(turn) == "remove"):
        wishes.answer_beside(turn)


def _with_note_apart(turn: Turn, draft: Draft) -> Turn:
    """The message without what it says of how goods shall come, which is noted: "maggi 4 kar do aur
    gate pe dena" adds none."""
    before = 0
    for start, end in sentences(turn.text):
        part = part_of(turn, (start, end))
        if says_how(part) and not part.first("product_name"):
            keep_note(draft, part.text.strip(" -.,!"))
            turn = without(turn, before, end)
        before = end
    return turn


def _add_note(turn: Turn, draft: Draft, order_id: UUID) -> None:
    """Keep with the order what was said beside a change of its goods."""
    with turn.read() as reader:
        note = joined(orders.order(reader, order_id).note, [draft["note"]])
    turn.run(service.note_order, key=f"draft:{draft.id}:note", order_id=order_id, note=note)


def _is_of_a_bill(turn: Turn, draft: Draft) -> bool:
    """ "Usme 1 maggi aur" after a bill: what is billed is not changed any more."""
    if not turn.is_user or draft["order"] or draft["order_said"] or draft["status"]:
        return False
    return draft["customer_said"] is None and draft["customer"] is None and was_just_billed(turn)


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
        choices.append(cancel_bill_button(turn, bill.number))
    turn.say(
        "utter_bill_stands",
        number=bill.number,
        name=bill.customer_name,
        total=inr(bill.total_paise),
        choices=choices,
    )


def _mode(turn: Turn) -> str:
    """Whether goods are added, left out, or set to another quantity."""
    unwanted = (denies(turn) or says(turn.words, "cancel")) and not turn.first("quantity")
    if says(turn.words, "remove") or unwanted:
        return "remove"
    if asks_for_more(turn):
        return "add"
    return "set" if turn.first("quantity") else "add"


def _can_come(turn: Turn, reader: Reader, draft: Draft) -> bool:
    """Whether the step that a draft names can follow where its order stands; says so if not."""
    now = order_of(reader, draft)
    after = states.TRANSITIONS.after
    accepted = after(states.CONFIRMED) if now.status == states.PENDING else frozenset()
    if draft["status"] in after(now.status) | accepted:
        return True
    turn.say("utter_order_already", **order_facts(turn, now))
    return False


def _note_lines_of_order(turn: Turn, reader: Reader, draft: Draft) -> None:
    """Goods that the message leaves unsaid: those a discount is for, or that a number counts."""
    if draft["discount"]:
        draft["lines"] = lines_of_order(order_of(reader, draft), draft["discount"]["goods"])
    if draft["loose_quantity"] and not draft["lines"]:
        _line_for_loose_quantity(turn, order_of(reader, draft), draft)


def _note_what_is_left_out(draft: Draft) -> None:
    """Note whether a quantity was said: without one, all of the goods are left out."""
    for line in draft["lines"] or []:
        line["part"] = line.get("part") or bool(line.get("quantity"))
        line["quantity"] = line.get("quantity") or "1"


def _settle_rates(turn: Turn, draft: Draft) -> None:
    """Rates that may be named and a discount that may be given; else nothing is changed."""
    leave_own_rates(turn, draft)
    lowers = bool(draft["discount"])
    apply_discount(turn, draft)
    refused = lowers and not draft["discount"]
    nothing = not any(one.get("counted") for one in draft["lines"])
    if refused or (draft["mode"] == "set" and nothing):
        draft.pending = {"kind": "closed"}


def _has_it_all(reader: Reader, draft: Draft) -> bool:
    """Whether goods that shall not be forgotten are in the order already."""
    lines = draft["lines"] or []
    if not draft["order"] or not lines or any(one.get("quantity") for one in lines):
        return False
    held = {str(line.product_id) for line in order_of(reader, draft).lines}
    return all(one.get("id") in held for one in lines)


def _line_for_loose_quantity(turn: Turn, now: Order, draft: Draft) -> None:
    """ "5 kar do" or "5 aur" means the order's only product, else the one just spoken of."""
    spoken_of = recent(turn, "product")
    meant = [one for one in now.lines if len(now.lines) == 1 or one.product_id == spoken_of]
    if meant:
        draft["mode"] = draft["mode"] or "set"
        line = {"said": meant[0].product, "quantity": draft["loose_quantity"]}
        draft["lines"] = [{**line, "said_unit": draft["loose_unit"]}]
    draft["loose_quantity"] = None


def _settle_removal(turn: Turn, reader: Reader, draft: Draft) -> None:
    """ "2 maggi hata do" of five leaves three; without a quantity, or with all, none is left. What
    is not in the order is said not to be."""
    ordered = {str(line.product_id): line.quantity for line in order_of(reader, draft).lines}
    if draft["ready"] and _asks_for_more_than(ordered, draft):
        draft["mode"] = "add"
        return
    lacking = [line for line in draft["lines"] if line["id"] not in ordered]
    if lacking:
        turn.say("utter_not_on_the_list", said=", ".join(line["name"] for line in lacking))
        draft["lines"] = [line for line in draft["lines"] if line["id"] in ordered]
        draft.pending = None if draft["lines"] else {"kind": "closed"}
        if draft.pending:
            return
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


def _asks_for_more_than(ordered: Mapping[str, Decimal], draft: Draft) -> bool:
    """Whether more of some goods is to be taken out than was ordered: it is to be got ready."""
    return any(
        line["part"] and ordered.get(line["id"], Decimal(0)) < Decimal(line["counted"])
        for line in draft["lines"]
    )


def change_of(turn: Turn, draft: Draft) -> OrderChange:
    """What a draft changes of its order, as the command takes it."""
    mode = draft["mode"] or "add"
    if mode == "remove":
        return {"remove": [UUID(line["id"]) for line in draft["lines"]]}
    gone = [UUID(draft["instead_of"])] if draft["instead_of"] else []
    lines = wanted(turn, draft)
    if draft["discount"]:
        return {"set_": lines, "remove": gone, "said_total": draft["total"]}
    return {"set_" if mode == "set" else "add": lines, "remove": gone}
