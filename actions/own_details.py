"""What a shop has written of itself: "mera gst number kya hai", "meri upi id kya hai"."""

from __future__ import annotations

from rasa_sdk.events import EventType

from actions.context import Turn
from actions.lexicon import says
from erp_core.parties import queries as parties


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
