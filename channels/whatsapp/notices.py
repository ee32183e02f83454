"""Notifications: rows of the outbox in PostgreSQL become messages in the sender's hand.

A row holds a response's name and ids; the names and words come in here, at the last moment.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from channels.whatsapp.messages import Reply, Sender
from channels.whatsapp.phrases import Phrases, words_in
from channels.whatsapp.quotes import told_of
from erp_core.journal import outbox
from erp_core.journal.context import Reader, Recipient
from erp_core.journal.outbox import Due, OutboxRow
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


@dataclass(frozen=True)
class Addressee:
    """Where somebody can be reached, by kind, and the language to be told in."""

    addresses: Mapping[str, str]
    language: str


def _dispatch_business(
    bahi: Bahi, renders: Renders, phrases: Phrases, hand_over: HandOver, due: Due
) -> list[str]:
    results: dict[UUID, str] = {}
    with bahi.tend(due.business_id) as reader:
        shop = parties.business(reader)
        render = renders(reader, shop)
        rows = outbox.claim_outbox(reader.connection, due.business_id, now=reader.now)
        addressees = _addressees(reader, shop, {row.to for row in rows})
        for row in rows:
            try:
                addressee = addressees[row.to]
                words = render(row, addressee.language)
                reply = _message(row, shop, addressee, str(words.get("text") or ""))
                buttons = [dict(button) for button in words.get("buttons") or []]
                hand_over(replace(reply, words=words_in(phrases, addressee.language)), buttons)
                results[row.id] = "dispatched"
            except Unaddressable:
                results[row.id] = "unaddressable"
            except (BahiError, LookupError, ValueError) as error:
                _put_off(reader, row, error)
                results[row.id] = "put_off"
        done = [row_id for row_id, result in results.items() if result != "put_off"]
        outbox.mark_dispatched(reader.connection, due.business_id, done)
        outbox.settle(reader.connection, due)
    return list(results.values())


def _put_off(reader: Reader, row: OutboxRow, error: Exception) -> None:
    code = getattr(error, "code", type(error).__name__)
    logger.error("notification %s (%s) waits: %s", row.id, row.response, code)
    outbox.put_off(
        reader.connection,
        outbox.OUTBOX,
        reader.business_id,
        row.id,
        attempts=row.attempts,
        now=reader.now,
    )


def _message(row: OutboxRow, shop: Business, addressee: Addressee, text: str) -> Reply:
    addresses = addressee.addresses
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
        business_id=shop.id,
        language=addressee.language,
        about=told_of(row.facts),
    )


def _addressees(
    reader: Reader, shop: Business, to: Collection[Recipient]
) -> dict[Recipient, Addressee]:
    found: dict[Recipient, Addressee] = {}
    for kind in {one.kind for one in to}:
        ids = [one.id for one in to if one.kind == kind]
        reached = parties.identities_of(reader, kind, ids)
        chosen = parties.chosen_languages(reader, kind, ids)
        for one in ids:
            language = chosen.get(one, shop.language)
            found[Recipient(kind, one)] = Addressee(reached.get(one, {}), language)
    return found
