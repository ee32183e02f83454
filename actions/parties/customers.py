"""Customers: adding them, and what is known of them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from rasa_sdk.events import EventType, FollowupAction

from actions.base import Reply
from actions.context import Turn
from actions.entities import period_of
from actions.forms.asking import register
from actions.forms.beside import Outcome
from actions.forms.draft import Draft
from actions.forms.form import Form
from actions.forms.names import CUSTOMER_FORM, ORDER_FORM, PRICE_FORM
from actions.forms.writing import Write
from actions.lexicon import only, says, words
from actions.match import (
    ask_which_customer,
    choice_buttons,
    customer_meant,
    customer_named,
    customer_option,
    recent,
    remember,
)
from actions.orders import wishes
from actions.parties.new_details import details_apart
from actions.parties.party_details import corrects_number, gives_other_number
from actions.reading.said import bare_text, denied_entities, subject
from actions.wording import balance_words, days, order_rows, phone_for
from erp_core.journal.context import Reader
from erp_core.kernel.hindi_dates import Period
from erp_core.kernel.money import inr
from erp_core.orders import queries as orders
from erp_core.orders.states import BILLABLE
from erp_core.parties import queries as parties
from erp_core.parties import service
from erp_core.parties.names import normal_phone, person_key
from erp_core.parties.permissions import Permission
from erp_core.parties.queries import Customer
from erp_core.payments import queries as payments
from erp_core.tax import gstin as gstins

CHANGE = "change"
"""The choice "it is the same person"."""
NO_NUMBER = "-"
"""The answer "there is no number", kept in the slot."""


class CustomerQuestion(Reply):
    """Somebody's details, or what they took."""

    action = "action_customer_query"

    def for_user(self, turn: Turn) -> list[EventType] | None:
        """Name, number, balance and last orders; without a name, the list."""
        with turn.read() as reader:
            if turn.metadata.get("command") and subject(turn) and not turn.value("customer_name"):
                customer = _by_text(turn, reader, subject(turn) or "")
            else:
                customer = customer_meant(turn, reader, "customer_query")
            if customer is not None and _gives_number(turn):
                return [FollowupAction(CUSTOMER_FORM)]
            if customer is None and not turn.dispatcher.messages:
                before = recent(turn, "customer")
                if before and says(turn.words, "same_person"):
                    customer = parties.customer(reader, before)
            if customer is None:
                if not turn.dispatcher.messages:
                    self._list(turn, reader)
                return None
            if period := period_of(turn.first("date"), today=turn.today):
                _tell_bought(turn, reader, customer, period)
                return [remember(turn, customer=customer.id, asked_of=self.action)]
            turn.say(
                "utter_customer",
                name=customer.name,
                phone=phone_for(turn, customer.phone),
                gstin=customer.gstin or turn.line("word_none"),
                balance=balance_words(turn, payments.balance(reader, customer.id)),
            )
            rows = order_rows(turn, reader, customer.id)
        if rows:
            turn.say("utter_customer_orders", rows=rows)
        return [remember(turn, customer=customer.id, asked_of=self.action)]

    def for_customer(self, turn: Turn) -> None:
        """One's own orders and nobody else's."""
        if turn.value("customer_name") or turn.value("customer_phone"):
            turn.say("utter_only_your_own")
            return
        if wishes.pries(turn):
            turn.say("utter_not_for_customers")
            return
        with turn.read() as reader:
            rows = order_rows(turn, reader, turn.own_id)
        turn.say("utter_your_orders" if rows else "utter_no_orders_yet", rows=rows)

    def _list(self, turn: Turn, reader: Reader) -> None:
        everybody = parties.all_customers(reader)
        if not everybody:
            turn.say("utter_no_customers")
            return
        options = [customer_option(turn, one) for one in everybody[:9]]
        turn.say(
            "utter_customers",
            count=len(everybody),
            choices=choice_buttons(options, "customer_query"),
        )


def _tell_bought(turn: Turn, reader: Reader, customer: Customer, period: Period) -> None:
    """What somebody ordered in some days, and what it came to."""
    rows = order_rows(turn, reader, customer.id)
    found = orders.orders_between(
        reader, period.start, period.end, customer_id=customer.id, statuses=BILLABLE
    )
    turn.say(
        "utter_customer_bought" if rows else "utter_customer_bought_nothing",
        name=customer.name,
        period=days(period.start, period.end),
        rows=rows,
        total=inr(sum(one.total_paise for one in found)),
    )


@register
class CustomerForm(Form):
    """A new customer: a name, and a number if there is one."""

    form = CUSTOMER_FORM
    slots = ("customer_title", "customer_number")
    intents = frozenset({"customer_add"})
    near = frozenset({"product_add"})
    permission = Permission.ADD_CUSTOMER

    def elsewhere(self, turn: Turn) -> str | None:
        """Goods with a rate are no person: "rn13 16500", "patel 10 rn13 16000"."""
        goods = turn.first("product_name") and turn.first("amount")
        if turn.is_user and goods and not turn.first("customer_phone"):
            return ORDER_FORM if turn.first("customer_name") else PRICE_FORM
        if turn.is_user and _hands_goods(turn):
            return ORDER_FORM
        return super().elsewhere(turn)

    def take(self, turn: Turn, draft: Draft) -> bool:
        """Name and number; "nahi hai" is an answer to the number."""
        taken = False
        other = says(turn.words, "puts_other_number") or gives_other_number(turn)
        if other and not says(turn.words, "somebody_new"):
            draft["changes"] = True
        if not draft["changes"]:
            turn = self._take_details(turn, draft)
        draft["beside"] = draft["beside"] or _said_beside(turn, draft)
        for entity in denied_entities(turn):
            if entity.name == "customer_name":
                draft["name"], taken = entity.value, True
            elif entity.name == "customer_phone":
                draft["phone"], taken = normal_phone(entity.value), True
        before = recent(turn, "customer")
        if turn.intent == "deny" and not draft.replying:
            draft["changes"] = True
        same = says(turn.words, "same_person") or turn.intent == "deny" or corrects_number(turn)
        if draft["changes"] and before and not draft["name"] and same:
            with turn.read() as reader:
                draft["name"] = parties.customer(reader, before).name
        if taken:
            if not draft["phone"] and says(turn.words, "no_number"):
                draft["phone"] = NO_NUMBER
            return True
        digits = [one for one in turn.text if one.isdigit()]
        if draft["name"] and len(digits) >= 10:
            draft["phone"] = normal_phone(turn.text)
            return True
        if draft["name"] and says(turn.words, "skip"):
            draft["phone"] = NO_NUMBER
            return True
        if not draft["name"] and draft.replying:
            draft["name"] = bare_text(turn)
        return draft["name"] is not None and not draft["phone"]

    def _take_details(self, turn: Turn, draft: Draft) -> Turn:
        """Note a GSTIN and an address, and give the message without them."""
        told = details_apart(turn, named=draft["name"] is not None)
        if told.gstin and not gstins.is_valid(told.gstin):
            turn.say("error_bad_gstin")
        elif told.gstin:
            draft["gstin"] = told.gstin
        if told.address:
            draft["address"] = told.address
        return told.turn

    def settle(self, turn: Turn, reader: Reader, draft: Draft) -> None:
        """Somebody of just this name is there already: is it their new number? What is said beside
        a name and a number has them shown before they are written."""
        more = _details(draft) or draft["beside"]
        if draft["name"] and draft["phone"] and more and not draft["shown"]:
            draft.pending = {"kind": "details", "token": "details", "yes": CHANGE}
        settled = draft["settled"] or draft["phone"] in (None, NO_NUMBER)
        if settled or not draft["name"] or not turn.may(Permission.CHANGE_CUSTOMER):
            return
        draft["known"] = None
        known = customer_named(reader, draft["name"]).one
        if known is None or known.phone == draft["phone"]:
            return
        same = person_key(known.name) == person_key(draft["name"])
        if same or draft["changes"]:
            draft["known"] = {"id": str(known.id), "name": known.name}
            draft.pending = {
                "kind": "known", "token": "known", "yes": CHANGE,
                "phone": phone_for(turn, known.phone),
            }  # fmt: skip

    def choose(self, turn: Turn, draft: Draft, value: str) -> None:  # noqa: ARG002
        """No number; the details as they are shown; or whether it is somebody else of the same
        name."""
        if draft["answering"]["kind"] == "details":
            draft["shown"] = True
            return
        if draft["answering"]["kind"] != "known":
            draft["phone"] = NO_NUMBER
            return
        draft["settled"] = True
        if value != CHANGE:
            draft["known"] = None

    def ask_pending(self, turn: Turn, reader: Reader, draft: Draft) -> None:  # noqa: ARG002
        """Whether the details are right; whether to put the new number in place of the old one."""
        if (draft.pending or {})["kind"] == "details":
            _show_details(turn, draft)
            return
        turn.say(
            "utter_ask_change_number",
            name=draft["known"]["name"],
            before=(draft.pending or {})["phone"],
            phone=phone_for(turn, draft["phone"]),
            draft_id=draft.stamp,
        )

    def _handle_tap(self, turn: Turn, draft: Draft) -> Any:
        if turn.value("act") == "skip":
            draft["phone"] = NO_NUMBER
        return super()._handle_tap(turn, draft)

    def _handle_no(self, turn: Turn, draft: Draft) -> Any:
        if draft["name"] and not draft["phone"] and turn.intent == "deny":
            draft["phone"] = NO_NUMBER
            return Outcome.TAKEN
        return super()._handle_no(turn, draft)

    def filled(self, draft: Draft) -> dict[str, Any]:
        """The slots; a new customer needs no yes, since it is easily undone."""
        draft["confirmed"] = bool(draft["name"] and draft["phone"])
        return {"customer_title": draft["name"], "customer_number": draft["phone"]}

    def ask(self, turn: Turn, reader: Reader, draft: Draft, slot: str) -> None:  # noqa: ARG002
        """Name, number."""
        if slot == "customer_title":
            turn.say("utter_ask_customer_title")
        else:
            turn.say("utter_ask_customer_number", name=draft["name"], draft_id=draft.stamp)


class WriteCustomer(Write):
    """Add the customer."""

    action = "action_customer_add"
    writes = CustomerForm

    def write(self, turn: Turn, draft: Draft) -> list[EventType]:
        """Write it."""
        phone = None if draft["phone"] == NO_NUMBER else draft["phone"]
        if draft["known"]:
            turn.run(
                service.change_customer,
                key=f"draft:{draft.id}",
                customer_id=UUID(draft["known"]["id"]),
                phone=phone,
            )
            name = draft["known"]["name"]
            turn.say("utter_number_changed", name=name, phone=phone_for(turn, phone))
            return [remember(turn, customer=draft["known"]["id"], did="customer")]
        added = turn.run(
            service.add_customer,
            key=f"draft:{draft.id}",
            name=draft["name"],
            phone=phone,
            **_details(draft),
        )
        turn.say("utter_customer_added", name=added["name"], phone=phone_for(turn, phone))
        return [remember(turn, customer=added["customer_id"], did="customer")]


def _hands_goods(turn: Turn) -> bool:
    """Whether somebody new is named with counted goods that they took: "pappu ko 2 maggi diye"."""
    counted = turn.first("product_name") and turn.first("quantity")
    return bool(counted and turn.first("customer_name")) and not says(turn.words, "somebody_new")


def _said_beside(turn: Turn, draft: Draft) -> str | None:
    """What is said beside somebody new and is not written with them: "5 cocopeat diye udhar"."""
    if draft.replying or not turn.is_user or turn.first("customer_phone") is None:
        return None
    said = turn.text
    for one in turn.all("customer_name") + turn.all("customer_phone"):
        said = said.replace(one.value, " ")
    cues = ("filler", "of_a_customer", "somebody_new", "puts_other_number", "address.phone")
    pieces = said.split()
    while pieces and any(only(words(pieces[0]), cue) for cue in cues):
        pieces.pop(0)
    while pieces and any(only(words(pieces[-1]), cue) for cue in cues):
        pieces.pop()
    beside = " ".join(pieces).strip(" ,.-:")
    counted = any(one.isdigit() for one in beside)
    return beside if beside and (counted or not draft["changes"]) else None


def _details(draft: Draft) -> dict[str, str]:
    return {one: draft[one] for one in ("gstin", "address") if draft[one]}


def _show_details(turn: Turn, draft: Draft) -> None:
    phone = None if draft["phone"] == NO_NUMBER else draft["phone"]
    lines = [turn.line(f"line_card_{name}", **{name: one}) for name, one in _details(draft).items()]
    if draft["beside"]:
        turn.say("utter_not_in_it", said=draft["beside"])
    turn.say(
        "utter_confirm_customer",
        name=draft["name"],
        phone=phone_for(turn, phone),
        details="".join(lines),
        draft_id=draft.stamp,
    )


def _gives_number(turn: Turn) -> bool:
    """ "Kamlesh ka number 98… kar do" tells a number, and asks for none."""
    return turn.first("customer_phone") is not None and says(turn.words, "puts_other_number")


def _by_text(turn: Turn, reader: Reader, said: str) -> Any:
    found = customer_named(reader, said)
    if found.one is None:
        ask_which_customer(turn, found, "customer_query")
    return found.one
