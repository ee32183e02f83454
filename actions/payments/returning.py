"""Money that goes back: a cheque that bounced, a refund to a customer."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from rasa_sdk.events import EventType

from actions.context import Turn
from actions.entities import paise_of
from actions.forms.asking import register
from actions.forms.choices import drop_button
from actions.forms.customer import (
    choose_customer,
    set_customer,
    settle_customer,
    take_customer,
)
from actions.forms.draft import Draft
from actions.forms.form import Form
from actions.forms.names import RETURN_FORM
from actions.forms.writing import Write
from actions.lexicon import every, says
from actions.match import payload_of, recent, remember
from actions.payments.dues_words import bounced
from actions.phrasebook import Button
from actions.reading.money import take_amount
from actions.reading.said import denied_entities
from actions.wording import balance_words, day
from erp_core.journal.context import Reader
from erp_core.kernel.money import inr
from erp_core.parties import queries as parties
from erp_core.parties.permissions import Permission
from erp_core.payments import queries as payments
from erp_core.payments import returns
from erp_core.payments.methods import METHODS


@register
class ReturnForm(Form):
    """A cheque of a customer that came back, or money given back: shown once more, then written."""

    form = RETURN_FORM
    slots = ("return_customer", "return_amount", "return_confirmed")
    intents = frozenset()
    near = frozenset({"payment_record", "expense_log", "khata_credit", "repay_debt"})
    permission = Permission.WRITE_VOUCHERS

    def take(self, turn: Turn, draft: Draft) -> bool:
        """Which of the two, whose, how much, how."""
        if draft["kind"] is None:
            draft["kind"] = "bounce" if bounced(turn) else "refund"
        amount = self._take_charge(turn, draft) or take_amount(turn, draft)
        modes = every(turn.text, "methods")
        if draft["kind"] == "refund" and len(modes) == 1:
            draft["method"] = modes[0]
        missing = draft["customer"] is None and draft.replying
        named = take_customer(turn, draft, asked=missing and not amount)
        if not named and draft["customer"] is None:
            named = self._take_other_name(turn, draft)
        return bool(named or amount or modes)

    def settle(self, turn: Turn, reader: Reader, draft: Draft) -> None:
        """Find the customer, and the cheque."""
        settle_customer(turn, reader, draft)
        if not draft.pending and not draft["customer"] and draft["kind"] == "bounce":
            self._settle_whose(turn, reader, draft)
        if draft.pending or not draft["customer"]:
            return
        if draft["kind"] == "bounce":
            self._settle_cheque(turn, reader, draft)
        elif draft["amount"] and draft["method"] is None:
            draft.pending = {"kind": "mode", "field": "mode", "token": "mode"}

    def choose(self, turn: Turn, draft: Draft, value: str) -> None:
        """Which customer, which cheque, which way."""
        if value in METHODS:
            draft["method"] = value
        elif draft["answering"]["field"] == "cheque":
            if value in draft["answering"].get("whose", {}):
                set_customer(draft, *draft["answering"]["whose"][value])
            self._set_cheque(draft, value, draft["answering"]["cheques"][value])
        else:
            choose_customer(turn, draft, value)

    def filled(self, draft: Draft) -> dict[str, Any]:
        """The slots."""
        return {
            "return_customer": draft["customer"],
            "return_amount": draft["cheque"] if draft["kind"] == "bounce" else draft["amount"],
            "return_confirmed": draft["confirmed"],
        }

    def ask_pending(self, turn: Turn, reader: Reader, draft: Draft) -> None:
        """Which customer, which cheque, how."""
        pending = draft.pending or {}
        if pending["kind"] == "mode":
            turn.say(
                "utter_ask_refund_mode",
                name=draft["customer"]["name"],
                amount=inr(draft["amount"]),
                draft_id=draft.stamp,
            )
        elif pending["field"] == "cheque":
            rows = [*_cheque_rows(turn, draft, pending), drop_button(turn, draft)]
            if "whose" in pending:
                turn.say("utter_whose_cheque", choices=rows)
            else:
                turn.say("utter_which_cheque", name=draft["customer"]["name"], choices=rows)
        else:
            super().ask_pending(turn, reader, draft)

    def ask(self, turn: Turn, reader: Reader, draft: Draft, slot: str) -> None:
        """Whose, how much, yes."""
        if slot == "return_customer":
            turn.say("utter_ask_return_customer")
            return
        name = draft["customer"]["name"]
        before = payments.balance(reader, UUID(draft["customer"]["id"]))
        if slot == "return_amount":
            turn.say("utter_ask_return_amount", name=name, before=balance_words(turn, before))
            return
        facts = {
            "name": name,
            "amount": inr(draft["amount"]),
            "before": balance_words(turn, before),
            "after": balance_words(turn, before + draft["amount"] + (draft["charge"] or 0)),
            "draft_id": draft.stamp,
        }
        if draft["kind"] == "bounce":
            charge = draft["charge"]
            said = turn.line("line_bounce_charge", amount=inr(charge)) if charge else ""
            turn.say("utter_confirm_bounce", on=draft["cheque_on"], charge=said, **facts)
        else:
            method = turn.line(f"method_{draft['method']}")
            turn.say("utter_confirm_refund", method=method, **facts)

    def _take_charge(self, turn: Turn, draft: Draft) -> bool:
        """ "Bank charge 300" beside a cheque is what the bank took, not the cheque's amount."""
        if draft["kind"] != "bounce" or not says(turn.words, "dues.charge"):
            return False
        amounts = [paise for one in denied_entities(turn) if (paise := paise_of(one))]
        amounts = [
            paise_of(one) or 0 for one in denied_entities(turn) if one.name == "amount"
        ] or amounts
        if not amounts:
            return False
        draft["charge"] = min(amounts)
        if len(amounts) > 1:
            draft["amount"] = max(amounts)
        return True

    def _take_other_name(self, turn: Turn, draft: Draft) -> bool:
        """A customer whom the language components took for a friend or a vendor."""
        said = turn.value("person") or turn.value("vendor_name")
        if said:
            draft["customer_said"] = said
        return bool(said)

    def _settle_whose(self, turn: Turn, reader: Reader, draft: Draft) -> None:
        """Nobody is named: whoever was spoken of last and gave a cheque, or who alone gave one."""
        met = recent(turn, "customer")
        found = payments.standing_cheques(reader, met) if met else []
        found = found or payments.standing_cheques(reader, None)
        found = [one for one in found if one.amount == draft["amount"]] or found
        names = parties.customers_named(reader, [one.customer_id for one in found])
        if len(names) == 1:
            ((customer_id, name),) = names.items()
            set_customer(draft, customer_id, name)
        elif names:
            draft.pending = {
                "kind": "choose",
                "field": "cheque",
                "token": "cheque",
                "cheques": {str(one.id): (one.amount, day(one.on)) for one in found},
                "whose": {
                    str(one.id): (str(one.customer_id), names[one.customer_id]) for one in found
                },
            }

    def _settle_cheque(self, turn: Turn, reader: Reader, draft: Draft) -> None:
        if draft["cheque"]:
            return
        found = payments.standing_cheques(reader, UUID(draft["customer"]["id"]))
        fitting = [one for one in found if one.amount == draft["amount"]] or found
        if not fitting:
            turn.say("utter_no_cheque", name=draft["customer"]["name"])
            draft.pending = {"kind": "closed"}
        elif len(fitting) == 1:
            self._set_cheque(draft, str(fitting[0].id), (fitting[0].amount, day(fitting[0].on)))
        else:
            cheques = {str(one.id): (one.amount, day(one.on)) for one in fitting}
            draft.pending = {
                "kind": "choose", "field": "cheque", "token": "cheque", "cheques": cheques,
            }  # fmt: skip

    def _set_cheque(self, draft: Draft, cheque_id: str, cheque: Any) -> None:
        draft["cheque"] = cheque_id
        draft["amount"], draft["cheque_on"] = cheque


def _cheque_rows(turn: Turn, draft: Draft, pending: dict[str, Any]) -> list[Button]:
    rows = []
    for cheque_id, (amount, on) in pending["cheques"].items():
        line = turn.line("line_cheque", amount=inr(amount), on=on)
        _, name = pending.get("whose", {}).get(cheque_id, (None, None))
        payload = payload_of("affirm", draft=draft.stamp, choice=cheque_id, act=pending["token"])
        rows.append(Button(title=name or line, payload=payload, description=line if name else ""))
    return rows


class WriteReturn(Write):
    """Write the cheque back, or the refund."""

    action = "action_money_return"
    writes = ReturnForm

    def write(self, turn: Turn, draft: Draft) -> list[EventType]:
        """Write it, tell what is owed now."""
        name = draft["customer"]["name"]
        if draft["kind"] == "bounce":
            done = turn.run(
                returns.bounce_cheque,
                key=f"draft:{draft.id}",
                payment_id=UUID(draft["cheque"]),
                charge_paise=draft["charge"] or 0,
            )
            after = balance_words(turn, done["balance_after"])
            turn.say("utter_cheque_bounced", name=name, amount=inr(done["amount"]), after=after)
        else:
            done = turn.run(
                returns.refund_customer,
                key=f"draft:{draft.id}",
                customer_id=UUID(draft["customer"]["id"]),
                amount_paise=draft["amount"],
                method=draft["method"],
            )
            turn.say(
                "utter_refunded",
                name=name,
                amount=inr(done["amount"]),
                method=turn.line(f"method_{done['method']}"),
                after=balance_words(turn, done["balance_after"]),
            )
        return [remember(turn, customer=done["customer_id"])]
