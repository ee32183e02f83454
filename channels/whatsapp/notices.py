"""Notifications: rows of the outbox in PostgreSQL become messages in the sender's hand.

A row holds a response's name and ids; the names and words come in here, at the last moment.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from channels.whatsapp.messages import Reply, Sender
from channels.whatsapp.phrases import Phrases, words_in
from channels.whatsapp.quotes import told_of
from erp_core.journal import outbox
from erp_core.journal.context import Reader
from erp_core.journal.outbox import Due, OutboxRow
from erp_core.kernel.actor import Actor
from erp_core.kernel.errors import BahiError
from erp_core.parties import queries as parties
from erp_core.parties.queries import Business
from erp_core.runtime import Bahi

logger = logging.getLogger(__name__)

Render = Callable[[OutboxRow, str], Mapping[str, Any]]
"""The words of a row, in its reader's language: {"text": …, "buttons": […]}. Raises LookupError."""

Renders = Callable[[Reader, Business], Render]
"""What renders the rows of a shop within one transaction."""

HandOver = Callable[[Reply, list[dict[str, Any]]], None]
"""Gives a message and what can be tapped on it to the sender, once for its id."""


class Unaddressable(Exception):
    """Whom it is for has no number on WhatsApp."""


def dispatch(
    bahi: Bahi, *, renders: Renders, phrases: Phrases, hand_over: HandOver
) -> dict[str, int]:
    """Hand over whatever is due, of every business; counts by result. Blocking.

    A row is marked in the transaction that handed it over. Dying in between hands it over again
    under the same id, which the sender's end knows.
    """
    counts = {"dispatched": 0, "put_off": 0, "unaddressable": 0}
    with bahi.database.plain() as connection:
        due = outbox.due_businesses(connection, outbox.OUTBOX, now=bahi.clock.now())
    for business in due:
        for result in _dispatch_business(bahi, renders, phrases, hand_over, business):
            counts[result] += 1
    return counts


def _dispatch_business(
    bahi: Bahi, renders: Renders, phrases: Phrases, hand_over: HandOver, due: Due
) -> list[str]:
    results = []
    with bahi.tend(due.business_id) as reader:
        connection, now = reader.connection, reader.now
        shop = parties.business(reader)
        render = renders(reader, shop)
        for row in outbox.claim_outbox(connection, due.business_id, now=now):
            try:
                language = _language(reader, row, shop)
                words = render(row, language)
                buttons = [dict(button) for button in words.get("buttons") or []]
                reply = _message(reader, row, shop, str(words.get("text") or ""))
                hand_over(
                    replace(reply, words=words_in(phrases, language), language=language), buttons
                )
                result = "dispatched"
            except Unaddressable:
                result = "unaddressable"
            except (BahiError, LookupError, ValueError) as error:
                code = getattr(error, "code", type(error).__name__)
                logger.error("notification %s (%s) waits: %s", row.id, row.response, code)
                outbox.put_off(
                    connection,
                    outbox.OUTBOX,
                    due.business_id,
                    row.id,
                    attempts=row.attempts,
                    now=now,
                )
                result = "put_off"
            if result != "put_off":
                outbox.mark_dispatched(connection, due.business_id, [row.id])
            results.append(result)
        outbox.settle(connection, due)
    return results


def _message(reader: Reader, row: OutboxRow, shop: Business, text: str) -> Reply:
    addresses = parties.identities_of(reader, row.to.kind, row.to.id)
    if not addresses:
        raise Unaddressable
    return Reply(
        id=str(row.id),
        phone_number_id=shop.phone_number_id,
        to=Sender(
            phone=addresses.get("phone"),
            bsuid=addresses.get("bsuid"),
            parent_bsuid=addresses.get("parent_bsuid"),
        ),
        text=text,
        attachment=dict(row.attachment) if row.attachment else None,
        priority=row.priority,
        business_id=reader.business_id,
        about=told_of(row.facts),
    )


def _language(reader: Reader, row: OutboxRow, shop: Business) -> str:
    who = {"user": Actor("user", row.to.id, "viewer"), "customer": Actor("customer", row.to.id)}
    party = who.get(row.to.kind)
    return (parties.chosen_language(reader, party) if party else None) or shop.language
