"""Money to vendors, for goods."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from rasa_sdk.events import EventType

from actions.context import Turn
from actions.entities import method_of
from actions.forms.asking import register
from actions.forms.choices import ask_choice
from actions.forms.draft import Draft
from actions.forms.names import VENDOR_PAYMENT_FORM
from actions.forms.reopening import as_written, instead_words
from actions.forms.writing import Write
from actions.lexicon import every
from actions.match import recent, remember
from actions.purchases.buying import BuyingForm, set_vendor
from actions.purchases.buying_words import clears, figures_in
from actions.purchases.payables import offer_goods, undo_button
from actions.purchases.put_right import put_payment_right
from actions.purchases.vendors import NAMES, owed_words, seller_named
from actions.reading.cheques import tell_cheque_number
from actions.reading.money import take_amount, written
from actions.reading.parts import split_by
from actions.reading.to_come import without_plans
from actions.reading.when import ask_day, choose_day, settle_day, take_day
from actions.wording import day
from erp_core.journal.context import Reader
from erp_core.kernel.money import from_decimal, inr
from erp_core.parties import queries as parties
from erp_core.parties.permissions import Permission
from erp_core.payments.methods import METHODS
from erp_core.purchases import correcting, paying, queries


@register
class VendorPaymentForm(BuyingForm):
    """Money for goods: to a vendor, or for goods that came without a bill."""

    form = VENDOR_PAYMENT_FORM
    slots = ("vendor_payment_to", "vendor_payment_amount", "vendor_payment_confirmed")
    intents = frozenset()
    near = frozenset({"expense_log", "payment_record", "khata_credit", "repay_debt"})
    permission = Permission.PAY_VENDOR

    def take(self, turn: Turn, draft: Draft) -> bool:
        """Whom, how much, how and when."""
        turn = tell_cheque_number(without_plans(turn))
        taken = take_amount(turn, draft)
        if not draft.replying and not draft["amount"] and (said := figures_in(turn)):
            draft["amount"] = from_decimal(Decimal(said.replace(",", "")))
        if not draft["amount"] and clears(turn):
            draft["all"] = taken = True
            if seller_named(turn) is None and (before := recent(turn, "vendor")):
                with turn.read() as reader:
                    set_vendor(draft, str(before), parties.vendor(reader, before).name)
        if not draft.replying and not draft["vendor"] and seller_named(turn) is None:
            draft["for_goods"] = True
        modes = every(turn.text, "methods")
        said = turn.first("payment_method")
        mode = (method_of(said.value) if said else None) or (modes[0] if len(modes) == 1 else None)
        if mode:
            draft["method"], taken = mode, True
        if turn.first("date") and take_day(turn, draft):
            taken = True
        asked = draft.replying and not draft["vendor"] and not draft["for_goods"] and not taken
        return self.take_vendor(turn, draft, asked=asked) or taken

    def parts(self, turn: Turn) -> list[Turn]:
        """ "Verma ko 500 aur Gupta ko 300 diye" are two payments."""
        named = next((one for one in NAMES if len(turn.all(one)) > 1), None)
        return split_by(turn, named, "amount") if named else [turn]

    def puts_right(self, turn: Turn, draft: Draft) -> bool:
        """ "5000 nahi 500 diye the", right after it was written."""
        return put_payment_right(turn, draft)

    def settle(self, turn: Turn, reader: Reader, draft: Draft) -> None:
        """Find the vendor, see to the day."""
        self.settle_vendor(reader, draft)
        if draft["all"] and not draft["amount"] and draft["vendor"] and draft["vendor"]["id"]:
            draft["all"], owed = None, queries.owed_to(reader, UUID(draft["vendor"]["id"]))
            draft["amount"] = owed if owed > 0 else None
            if owed <= 0:
                turn.say("utter_nothing_owed_to_vendor", name=draft["vendor"]["name"])
        if draft.pending is None and draft["amount"]:
            settle_day(turn, draft)

    def choose(self, turn: Turn, draft: Draft, value: str) -> None:  # noqa: ARG002
        """Which vendor, which day."""
        if draft["answering"].get("field") == "vendor":
            self.choose_vendor(draft, value)
        else:
            choose_day(draft, value)

    def filled(self, draft: Draft) -> dict[str, Any]:
        """The slots."""
        return {
            "vendor_payment_to": draft["vendor"] or draft["for_goods"],
            "vendor_payment_amount": draft["amount"],
            "vendor_payment_confirmed": draft["confirmed"],
        }

    def ask_pending(self, turn: Turn, reader: Reader, draft: Draft) -> None:  # noqa: ARG002
        """Which vendor, which day."""
        if (draft.pending or {}).get("field") == "vendor":
            ask_choice(turn, draft, draft.pending or {})
        else:
            ask_day(turn, draft)

    def ask(self, turn: Turn, reader: Reader, draft: Draft, slot: str) -> None:
        """Whom, how much, yes."""
        if slot == "vendor_payment_to":
            turn.say("utter_ask_vendor_payment_to")
            return
        if slot == "vendor_payment_amount":
            turn.say("utter_ask_vendor_payment_amount")
            return
        on = date.fromisoformat(draft["on"]) if draft["on"] else reader.today
        facts = {
            "amount": inr(draft["amount"]),
            "method": turn.line(f"method_{draft['method'] or METHODS[0]}"),
            "on": day(on),
            "draft_id": draft.stamp,
        }
        vendor = draft["vendor"]
        if vendor is None:
            facts["on"] += instead_words(turn, draft)
            turn.say("utter_confirm_goods_payment", **facts)
            return
        before = queries.owed_to(reader, UUID(vendor["id"])) if vendor["id"] else 0
        if draft["instead"] and vendor["name"] == draft["instead"]["vendor"]:
            before += draft["instead"]["amount"]
        turn.say(
            "utter_confirm_vendor_payment",
            vendor=vendor["name"],
            before=owed_words(turn, before),
            after=owed_words(turn, before - draft["amount"]) + instead_words(turn, draft),
            **facts,
        )


class WriteVendorPayment(Write):
    """Write what a vendor was paid."""

    action = "action_vendor_payment"
    writes = VendorPaymentForm

    def write(self, turn: Turn, draft: Draft) -> list[EventType]:
        """Write it; offer to say whose the goods were that came without a bill."""
        vendor = draft["vendor"]
        done = turn.run(
            correcting.correct_payment if draft["instead"] else paying.pay_vendor,
            key=f"draft:{draft.id}",
            vendor_id=UUID(vendor["id"]) if vendor and vendor["id"] else None,
            vendor_name=vendor["name"] if vendor and not vendor["id"] else None,
            amount_paise=draft["amount"],
            method=draft["method"] or METHODS[0],
            on=date.fromisoformat(draft["on"]) if draft["on"] else None,
            **({"payment_id": UUID(draft["instead"]["id"])} if draft["instead"] else {}),
        )
        method = turn.line(f"method_{done['method']}")
        if done["vendor_id"] is None:
            turn.say(
                "utter_goods_paid",
                amount=inr(done["amount"]),
                method=method,
                choices=[undo_button(turn, done["payment_id"])],
            )
            return [remember(turn, written=_noted(turn, draft, done))]
        turn.say(
            "utter_vendor_paid",
            vendor=done["vendor"],
            amount=inr(done["amount"]),
            method=method,
            after=owed_words(turn, done["after"]),
            choices=[
                *offer_goods(turn, done["vendor_id"], done["after"], done["awaited"]),
                undo_button(turn, done["payment_id"]),
            ],
        )
        return [remember(turn, vendor=done["vendor_id"], written=_noted(turn, draft, done))]


def _noted(turn: Turn, draft: Draft, done: paying.VendorPaid) -> str:
    vendor = done["vendor"] or turn.line("word_goods")
    paid_id, paise = done["payment_id"], done["amount"]
    cards = [as_written(turn, draft, paid_id, paise)]
    return written("vendor_payment", paise, entry_id=paid_id, cards=cards, vendor=vendor)
