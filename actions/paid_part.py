"""A part of what goods cost, told of while they are being written: "unko 300 de diye"."""

from __future__ import annotations

from actions.context import Turn
from actions.entities import method_of
from actions.forms.customer import is_part_of
from actions.forms.draft import Draft
from actions.forms.names import VENDOR_PAYMENT_FORM
from actions.lexicon import says
from actions.money import amounts_said
from actions.vendors import seller_named
from erp_core.kernel.money import inr
from erp_core.parties.names import person_key

MOST_WORDS = 9


def take_part(turn: Turn, draft: Draft, *, credit: str) -> bool:
    """Whether money for the vendor of a purchase is told of before it was said how it was paid:
    what came stays on credit, and the money is asked about after it."""
    vendor, amounts = draft["vendor"], amounts_said(turn)
    if (draft.pending or {}).get("kind") != "paid":
        return False  # "300 diye" may tell what the goods cost, where that is asked
    if draft["mode"] != "came" or not vendor or len(amounts) != 1 or not _gives(turn):
        return False
    named, buyer = seller_named(turn), turn.value("customer_name")
    if buyer and not is_part_of(buyer, vendor["name"]):
        return False
    if named and person_key(named.value) != person_key(vendor["name"]):
        return False
    part = Draft(f"{turn.new_id()}-part", VENDOR_PAYMENT_FORM)
    part["vendor_said"], part["amount"], part["method"] = (
        vendor["name"], amounts[0], method_of(turn.text),
    )  # fmt: skip
    draft["paid"], draft.pending = credit, None
    draft.data.setdefault("others", []).append(part.kept())
    turn.say("utter_paid_next", what=inr(amounts[0]))
    return True


def _gives(turn: Turn) -> bool:
    """Whether a message says that money was given, and nothing of goods."""
    if turn.first("product_name") or turn.first("unit") or turn.metadata.get("kind") == "button":
        return False
    if not 1 < len(turn.words) <= MOST_WORDS or says(turn.words, "asking"):
        return False
    future = says(turn.words, "tense.future") or says(turn.words, "negation")
    return says(turn.words, "buying.gave") and not future
