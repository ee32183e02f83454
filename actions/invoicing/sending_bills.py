"""Bills that exist: sent to their customer, or shown to whoever asks."""

from __future__ import annotations

from itertools import pairwise

from rasa_sdk.events import EventType, FollowupAction

from actions.base import Reply
from actions.context import Turn
from actions.forms.names import INVOICE_FORM, NOTE_FORM
from actions.invoicing.explaining_tax import asks_how_taxed, explain
from actions.lexicon import only, says
from actions.match import (
    chosen_id,
    customer_meant,
    customer_named,
    just_spoken_of,
    recent,
    remember,
)
from actions.orders.steps import ask_to_accept
from actions.payments.khata import KhataQuestion, asks_own_account, names_somebody_else
from actions.payments.taking_back import calls_wrong, undoes_bill
from actions.phrasebook import Button
from actions.reports.portals import holds_back
from actions.wording import day, how_to_pay
from erp_core.invoicing import queries as invoices
from erp_core.invoicing import service
from erp_core.invoicing.queries import Invoice
from erp_core.journal.context import Reader
from erp_core.kernel.errors import NotFound
from erp_core.kernel.money import inr
from erp_core.orders import queries as orders
from erp_core.orders import states
from erp_core.parties import queries as parties
from erp_core.parties.permissions import Permission
from erp_core.parties.queries import Customer

_NOBODY = ("filler", "same_person", "pronouns", "no_seller", "last", "asking")
"""Words before "ka bill" that are nobody's name."""


class ShareInvoice(Reply):
    """Send a bill that exists to its customer."""

    action = "action_invoice_share"

    def for_user(self, turn: Turn) -> list[EventType] | None:
        """Find the bill and send it; offer the latest ones when none is meant."""
        if asks_how_taxed(turn):
            return explain(turn)
        if undoes_bill(turn) or says(turn.words, "cancel"):
            return [FollowupAction(NOTE_FORM)]
        if shows_bill(turn):
            return show_bill(turn)
        if not turn.may(Permission.SHARE_INVOICE):
            turn.say("error_not_allowed")
            return None
        if says(turn.words, "makes_bill") and self._has_none_yet(turn):
            return [FollowupAction(INVOICE_FORM)]
        if calls_wrong(turn) and not (turn.first("invoice_number") or turn.first("customer_name")):
            with turn.read() as reader:
                self._offer(turn, reader)
            return None
        with turn.read() as reader:
            found = self._invoice(turn, reader)
        if found is None and self._has_none_yet(turn):
            turn.dispatcher.messages.clear()
            return [FollowupAction(INVOICE_FORM)]
        with turn.read() as reader:
            if found is None:
                if not turn.dispatcher.messages:
                    self._offer(turn, reader)
                return None
            if says(turn.words, "roll_paper"):
                return _show_on_roll(turn, found)
            if holds_back(turn, reader, found):
                return [remember(turn, invoice=found.id, customer=found.customer_id)]
            phone = parties.customer(reader, found.customer_id).phone
        return self._send(turn, found, phone)

    def _send(self, turn: Turn, bill: Invoice, phone: str | None) -> list[EventType] | None:
        """Send a bill where that was surely meant; shown instead where there is no number."""
        facts = {"name": bill.customer_name, "number": bill.number}
        facts["total"] = inr(bill.total_paise)
        if not phone:
            shown = {"kind": "invoice", "id": str(bill.id)}
            turn.say("utter_customer_has_no_number", attachment=shown, **facts)
            return None
        if turn.is_guess or _names_somebody(turn):
            turn.say("utter_confirm_share", invoice_id=bill.id, **facts)
            return None
        turn.run(service.share_invoice, key=_once_when_tapped(turn, bill), invoice_id=bill.id)
        turn.say("utter_invoice_sent", **facts)
        return [remember(turn, invoice=bill.id, customer=bill.customer_id)]

    def for_customer(self, turn: Turn) -> list[EventType] | None:
        """One's own bill, or how its tax came about."""
        if asks_how_taxed(turn):
            return explain(turn)
        if asks_own_account(turn) and not says(turn.words, "bill_words"):
            return KhataQuestion().for_customer(turn)
        tell_own_bill(turn)
        return None

    def _invoice(self, turn: Turn, reader: Reader) -> Invoice | None:
        tapped = chosen_id(turn)
        if tapped:
            return invoices.invoice(reader, tapped)
        number = turn.value("invoice_number")
        if number:
            found = invoices.invoice_by_number(reader, number)
            if found is None:
                raise NotFound("invoice")
            return found
        if turn.value("order_id"):
            order = orders.order_by_number(reader, turn.value("order_id") or "")
            return invoices.invoice_of_order(reader, order.id) if order else None
        if turn.value("customer_name") or turn.value("customer_phone"):
            customer = customer_meant(turn, reader, "invoice_share")
            return _latest_of(turn, reader, customer) if customer else None
        return _last_spoken_of(turn, reader)

    def _has_none_yet(self, turn: Turn) -> bool:
        """ "Uska bill bana ke bhej do": whether what was ordered has yet to be billed."""
        with turn.read() as reader:
            said, before = turn.value("customer_name"), recent(turn, "customer")
            found = customer_named(reader, said).one if said else None
            owner = found.id if found else (None if said else before)
            if owner is None or turn.first("invoice_number"):
                return False
            return bool(orders.unbilled(reader, owner, limit=1))

    def _offer(self, turn: Turn, reader: Reader) -> None:
        latest = invoices.latest_invoice(reader)
        if latest is None:
            turn.say("utter_no_invoices")
            return
        found = invoices.invoices_between(reader, latest.on_date, latest.on_date)[-9:]
        rows = [
            Button(
                title=one.number,
                payload=f'/invoice_share{{"choice": "{one.id}"}}',
                description=turn.line(
                    "line_invoice_choice", name=one.customer_name, total=inr(one.total_paise)
                )[:72],
            )
            for one in reversed(found)
        ]
        turn.say("utter_which_invoice", choices=rows)


def _last_spoken_of(turn: Turn, reader: Reader) -> Invoice | None:
    """The bill that was last spoken of, unless somebody else was spoken of since."""
    before, about = recent(turn, "invoice"), recent(turn, "customer")
    found = invoices.invoice(reader, before) if before else None
    if (
        about is None
        or just_spoken_of(turn, "invoice")
        or (found is not None and found.customer_id == about)
    ):
        return found
    return _latest_of(turn, reader, parties.customer(reader, about))


def _names_somebody(turn: Turn) -> bool:
    """ "Raju ka order pakka, bill bhej do": of somebody unknown it may not be the bill that was
    spoken of last."""
    said = turn.words
    if turn.entities or turn.is_not_words:
        return False
    for at, (whose, what) in enumerate(pairwise(said)):
        told = only([what], "an_order") or says([what], "bill_words")
        if only([whose], "whose") and told:
            return at > 0 and not any(only(said[at - 1 : at], cue) for cue in _NOBODY)
    return False


def _latest_of(turn: Turn, reader: Reader, customer: Customer) -> Invoice | None:
    found = invoices.latest_invoice(reader, customer.id)
    if found is None and not _awaits_yes(turn, reader, customer):
        turn.say("utter_customer_has_no_invoice", name=customer.name)
    return found


def _awaits_yes(turn: Turn, reader: Reader, customer: Customer) -> bool:
    """Whether what a customer ordered has yet to be accepted, before there is a bill of it; asks
    whether it is."""
    waiting = orders.open_orders(reader, customer.id, limit=1, status=states.PENDING)
    if not turn.is_user or not waiting:
        return False
    ask_to_accept(turn, waiting[0])
    return True


def _show_on_roll(turn: Turn, found: Invoice) -> list[EventType]:
    """The bill as a strip for the printer on the counter, to whoever asks."""
    turn.say(
        "utter_roll_receipt",
        attachment={"kind": "invoice", "id": str(found.id), "paper": "roll"},
        number=found.number,
        name=found.customer_name,
        total=inr(found.total_paise),
    )
    return [remember(turn, invoice=found.id, customer=found.customer_id)]


def shows_bill(turn: Turn) -> bool:
    """ "Last bill dikhao", "print nikalo": a bill for whoever asks, and not for the customer."""
    if not turn.is_user or not turn.text or not turn.may(Permission.VIEW_INVOICES):
        return False
    if turn.first("product_name") or says(turn.words, "makes_bill"):
        return False
    if says(turn.words, "and_send") and not says(turn.words, "me"):
        return False
    prints = says(turn.words, "prints") or says(turn.words, "roll_paper")
    return prints or (says(turn.words, "bill_words") and says(turn.words, "shows"))


def show_bill(turn: Turn) -> list[EventType]:
    """The bill that is named or was spoken of, else the last one."""
    named = turn.first("customer_name") or turn.first("invoice_number") or turn.first("order_id")
    with turn.read() as reader:
        of_all = not named and says(turn.words, "last")
        found = None if of_all else ShareInvoice()._invoice(turn, reader)
        if found is None and turn.dispatcher.messages:
            return []
        found = found or invoices.latest_invoice(reader)
    if found is None:
        turn.say("utter_no_invoices")
        return []
    if says(turn.words, "roll_paper"):
        return _show_on_roll(turn, found)
    turn.say(
        "utter_bill_shown",
        attachment={"kind": "invoice", "id": str(found.id)},
        number=found.number,
        on=day(found.on_date),
        name=found.customer_name,
        total=inr(found.total_paise),
        invoice_id=found.id,
    )
    return [remember(turn, invoice=found.id, customer=found.customer_id)]


def _once_when_tapped(turn: Turn, found: Invoice) -> str | None:
    """A button tapped twice sends one bill; said in words, it is sent each time."""
    tapped = turn.metadata.get("kind") == "button"
    return f"share:{found.id}:{found.due_paise}:{turn.today}" if tapped else None


def tell_own_bill(turn: Turn) -> None:
    """A customer's own bill, with how to pay it. Another's bill does not exist for a customer."""
    with turn.read() as reader:
        number = turn.value("invoice_number")
        if names_somebody_else(turn, reader):
            turn.say("utter_only_your_own")
            return
        found = invoices.invoice_by_number(reader, number) if number else None
        if number and found is None:
            raise NotFound("invoice")
        found = found or invoices.latest_invoice(reader, turn.own_id)
        if found is None:
            turn.say("utter_no_bill_yet")
            return
        turn.say(
            "utter_your_bill" if found.due_paise else "utter_your_bill_paid",
            attachment={"kind": "invoice", "id": str(found.id)},
            number=found.number,
            total=inr(found.total_paise),
            due=inr(found.due_paise),
            **how_to_pay(reader),
        )
