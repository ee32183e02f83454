"""What a buyer says of an order that is with the shop already: "3rd floor pe dena", "ghanti mat
bajana", "shaam ko 6 baje bhejna". It goes to the shop with the order."""

from __future__ import annotations

from typing import NamedTuple

from actions.context import Turn
from actions.forms.draft import Draft
from actions.forms.names import MODIFY_FORM
from actions.goods.availability import names_goods
from actions.lexicon import beside, says
from actions.match import just_spoken_of, product_named, recent
from actions.orders.notes import how_said, joined
from actions.parties import buyers_complaints
from actions.reading.wanted import note_wanted
from erp_core.orders import queries as orders
from erp_core.orders import states
from erp_core.orders.queries import Order

_NO_NOTES = ("remove", "in_place_of", "buyers.got_it", "dues.wrong", "discount")
_OF_ELSE = frozenset(
    {"payment_record", "payment_status", "payment_request", "khata_query", "invoice_share",
     "invoice_generate", "goodbye", "greeting", "order_cancel", "consent_withdraw",
     "language_change", "data_access", "data_erase"}
)  # fmt: skip


class Later(NamedTuple):
    """An order, and what a message says of it: its whole note now, and when it is wanted."""

    order: Order
    note: str | None
    wanted: dict[str, str | None] | None


def noted_later(turn: Turn) -> Later | None:
    """What a customer's message adds to an order of its own that has not left yet."""
    plain = turn.text and not turn.is_not_words and turn.metadata.get("kind") != "button"
    if turn.actor.kind != "customer" or not plain or turn.intent in _OF_ELSE:
        return None
    if any(turn.first(one) for one in ("amount", "order_id", "invoice_number")):
        return None
    if "?" in turn.text or any(says(turn.words, one) for one in ("asking", *_NO_NOTES)):
        return None
    if says(beside(turn.words, "buyers.leaves_there"), "cancel"):
        return None
    notes, wanted = _notes(turn), _wanted_in(turn)
    if not (notes or wanted) or buyers_complaints.is_complaint(turn):
        return None
    order = _own_order(turn, sure=bool(notes))
    if order is None or _changes_goods(turn, order):
        return None
    return Later(order, joined(order.note, notes) if notes else None, wanted)


def take_later(turn: Turn, draft: Draft) -> bool:
    """Take into the draft of a change what is said of the order; whether anything is."""
    found = noted_later(turn)
    if found is None:
        return False
    draft["note"] = joined(draft["note"], _notes(turn)) if draft["note"] else found.note
    draft["wanted"] = found.wanted or draft["wanted"]
    return True


def _notes(turn: Turn) -> list[str]:
    return list(how_said(turn)) or ([turn.note] if turn.note else [])


def _wanted_in(turn: Turn) -> dict[str, str | None] | None:
    """When it is wanted, where that is said and nobody tells of his own day."""
    draft = Draft("", MODIFY_FORM, {})
    moved = any(says(turn.words, one) for one in _MOVES)
    return draft["wanted"] if moved and note_wanted(turn, draft) else None


_MOVES = (
    "undoing.sends", "undoing.times", "wanting", "buyers.its_time", "wanted.moves",
    "buyers.asked_to_do",
)  # fmt: skip


def _changes_goods(turn: Turn, order: Order) -> bool:
    """Whether goods are named, but for those of the order of which it says what they shall be like:
    "chini achhi wali bhejna"."""
    if not names_goods(turn):
        return False
    counts = turn.first("quantity") or says(turn.words, "more") or says(turn.words, "negation")
    held = {str(one.product_id) for one in order.lines}
    with turn.read() as reader:
        named = [product_named(reader, one.value).one for one in turn.all("product_name")]
    return bool(counts) or not named or any(not one or str(one.id) not in held for one in named)


def _own_order(turn: Turn, *, sure: bool) -> Order | None:
    """The order just spoken of; where more than a day is said, also the only one there is."""
    with turn.read() as reader:
        found = orders.open_orders(reader, turn.own_id, limit=2)
    known = recent(turn, "order") if just_spoken_of(turn, "order") else None
    meant = [one for one in found if one.id == known]
    if not meant and sure and len(found) == 1 and not just_spoken_of(turn, "product"):
        meant = list(found)
    return meant[0] if meant and meant[0].status in states.CHANGEABLE else None
