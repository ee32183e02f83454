"""What a shop has written of itself, told and changed: "mera gst number kya hai", "meri upi id kya
hai", "dukaan ka naam Sagar Bhavan kar do"."""

from __future__ import annotations

import re

from rasa_sdk.events import EventType

from actions.context import Turn
from actions.lexicon import plain_words, says
from actions.parties.party_details import SHORTEST, ask_to_change, changes, meant
from erp_core.parties import queries as parties
from erp_core.parties.permissions import Permission

_VPA = re.compile(r"[\w.-]{2,}@[a-z]{2,}(?![\w.])", re.IGNORECASE)
_NAME = re.compile(
    rf"(?<!\w)(?:{'|'.join(sorted(plain_words('own_details.name')))})(?!\w)(.*)", re.IGNORECASE
)


def serve(turn: Turn) -> list[EventType] | None:
    """Tell the shop's own GSTIN or UPI address; None when neither is asked for."""
    told = turn.entities or any(letter.isdigit() for letter in turn.text)
    if told or not says(turn.words, "own_details.ours") or says(turn.words, "own_details.done"):
        return None
    gstin, upi = says(turn.words, "own_details.gstin"), says(turn.words, "own_details.upi")
    if not gstin and not upi:
        return None
    with turn.read() as reader:
        shop = parties.business(reader)
    if gstin:
        turn.say("utter_own_gstin" if shop.gstin else "utter_no_own_gstin", gstin=shop.gstin or "")
    if upi:
        turn.say("utter_own_upi" if shop.upi_vpa else "utter_no_own_upi", upi=shop.upi_vpa or "")
    return []


def change(turn: Turn) -> list[EventType] | None:
    """Ask whether the shop shall be called otherwise, or be paid elsewhere; None where neither is
    wanted. A customer that is named is called otherwise, and not the shop."""
    field = field_to_change(turn)
    if field is None:
        return None
    if not turn.may(Permission.CHANGE_BUSINESS):
        turn.say("error_not_allowed")
        return []
    with turn.read() as reader:
        shop = parties.business(reader)
    if field == "upi_vpa":
        found = _VPA.search(turn.text)
        new, now = found[0] if found else "", shop.upi_vpa
    else:
        behind = _NAME.search(turn.text)
        new, now = meant(behind[1]) if behind else "", shop.name
    if len(new) < SHORTEST:
        turn.say(f"utter_ask_own_{field}", now=now or turn.line("word_none"))
    else:
        ask_to_change(turn, f"utter_confirm_own_{field}", None, shop.name, {field: new})
    return []


def put_off(turn: Turn) -> bool:
    """Whether the shop's own details shall be changed while something else is being written."""
    if not turn.is_user or turn.is_not_words or field_to_change(turn) is None:
        return False
    turn.say("utter_change_after_this")
    return True


def field_to_change(turn: Turn) -> str | None:
    """Which of the shop's own details shall be otherwise."""
    said = turn.words
    if not changes(turn) or any(turn.first(one) for one in ("product_name", "amount")):
        return None
    if says(said, "own_details.upi") and not says(said, "own_details.sends"):
        return "upi_vpa" if _VPA.search(turn.text) or not turn.first("customer_name") else None
    return "name" if says(said, "own_details.our_name") else None
