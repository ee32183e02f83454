"""A part of what goods cost, told of while they are being written: "unko 300 de diye"."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from actions.context import Turn
from actions.forms.customer import is_part_of
from actions.forms.draft import Draft
from actions.forms.names import VENDOR_PAYMENT_FORM
from actions.invoicing.paid_beside import leaves_rest
from actions.lexicon import says
from actions.purchases.vendors import seller_named
from actions.reading.money import amounts_said
from actions.reading.parts import part_of
from erp_core.kernel.clauses import clauses
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
    draft["part"] = {"amount": amounts[0], "method": turn.method}
    draft["paid"], draft.pending = credit, None
    ask_part_next(turn, draft)
    return True


def take_part_beside(turn: Turn, draft: Draft, *, credit: str) -> Turn:
    """The goods of "100 kilo chini aayi 39 rupaye kilo, 2000 cash diye baaki udhaar": what came is
    on credit, and the money is kept until it is known whose it is."""
    told = next(filter(_pays, _ends_of(turn)), None)
    if told is None or not leaves_rest(turn):
        return turn
    draft["part"] = {"amount": amounts_said(told)[0], "method": told.method}
    draft["paid"] = credit
    start = len(turn.text) - len(told.text)
    kept = [one for one in turn.entities if one.start < start]
    return replace(turn, text=turn.text[:start], entities=kept)


def ask_part_next(turn: Turn, draft: Draft) -> None:
    """Have the part that was paid asked about after the purchase, once the vendor is known."""
    vendor, said = draft["vendor"], draft["part"]
    if not vendor or not said:
        return
    part = Draft(f"{turn.new_id()}-part", VENDOR_PAYMENT_FORM)
    part["vendor_said"], part["amount"], part["method"] = (
        vendor["name"], said["amount"], said["method"],
    )  # fmt: skip
    draft["part"] = None
    draft.data.setdefault("others", []).append(part.kept())
    turn.say("utter_paid_next", what=inr(said["amount"]))


def _ends_of(turn: Turn) -> Iterator[Turn]:
    """The message from each of its clauses on, but the first."""
    for start, _ in clauses(turn.text)[1:]:
        yield part_of(turn, (start, len(turn.text)))


def _pays(told: Turn) -> bool:
    """Whether the end of a message tells of one sum that was given, and of no goods."""
    if told.first("product_name") or len(amounts_said(told)) != 1:
        return False
    return says(told.words, "buying.gave") or told.method is not None


def _gives(turn: Turn) -> bool:
    """Whether a message says that money was given, and nothing of goods."""
    if turn.first("product_name") or turn.first("unit") or turn.metadata.get("kind") == "button":
        return False
    if not 1 < len(turn.words) <= MOST_WORDS or says(turn.words, "asking"):
        return False
    future = says(turn.words, "tense.future") or says(turn.words, "negation")
    return says(turn.words, "buying.gave") and not future
