"""Bank statements: read from a file, and lines of them that are booked by a tap."""

from __future__ import annotations

from uuid import UUID

from rasa_sdk.events import EventType

from actions.context import Turn
from actions.match import payload_of, remember
from actions.phrasebook import Button
from actions.wording import balance_words, day
from erp_core.banking import queries as bank
from erp_core.banking import service as statements
from erp_core.kernel.money import inr
from erp_core.parties import queries as parties
from erp_core.parties.permissions import Permission

SHEETS = ("csv", "excel", "spreadsheet", "text/plain", "octet-stream")


def read_statement(turn: Turn) -> list[EventType] | None:
    """A spreadsheet that the owner sends is a bank statement; it is read by a job."""
    media = turn.metadata.get("media") or {}
    mime = str(media.get("mime") or "")
    if media.get("kind") != "document" or not any(sheet in mime for sheet in SHEETS):
        return None
    if not media.get("id") or not turn.may(Permission.WRITE_VOUCHERS):
        return None
    turn.run(statements.read_later, media=str(media["id"]))
    turn.say("utter_bank_reading")
    return []


def show_guesses(turn: Turn) -> list[EventType]:
    """Lines of the statement whose customer is a guess, to be tapped."""
    with turn.read() as reader:
        found = bank.suggestions(reader)
        names = parties.customers_named(reader, [one.customer_id for one in found])
    rows = [
        Button(
            title=names[one.customer_id],
            payload=payload_of("payment_request", act="bank", choice=str(one.id)),
            description=turn.line("line_bank_suggestion", amount=inr(one.amount), on=day(one.on)),
        )
        for one in found
    ]
    if rows:
        turn.say("utter_bank_suggestions", choices=rows)
    else:
        turn.say("utter_no_bank_suggestions")
    return []


def book_line(turn: Turn) -> list[EventType] | None:
    """A tap on a line of the statement: it is from whom it was thought to be."""
    done = turn.run(statements.accept, line_id=UUID(turn.value("choice") or ""))
    with turn.read() as reader:
        customer = parties.customer(reader, UUID(done["customer_id"]))
    turn.say(
        "utter_bank_line_booked",
        name=customer.name,
        amount=inr(done["amount"]),
        after=balance_words(turn, done["balance_after"]),
    )
    return [remember(turn, customer=customer.id)]
