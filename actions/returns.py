"""GST returns by chat, and the questions about GST that are taken for them."""

from __future__ import annotations

from rasa_sdk.events import EventType

from actions.base import Reply
from actions.context import Turn
from actions.lexicon import says
from actions.taxes import asks_how_taxed, explain, tell_rate


class GstExport(Reply):
    """The data of a return; or the rate of goods, and why a bill bears its tax."""

    action = "action_gst_export"

    def for_user(self, turn: Turn) -> list[EventType] | None:
        """What was asked for."""
        if asks_how_taxed(turn):
            return explain(turn)
        if not says(turn.words, "returns"):
            told = tell_rate(turn)
            if told is not None:
                return told
        turn.say("utter_coming_gst_export")
        return None

    def for_customer(self, turn: Turn) -> list[EventType] | None:
        """How the tax of one's own bill came about."""
        return explain(turn) if asks_how_taxed(turn) else super().for_customer(turn)
