"""How something is written: "bill kaise banau", "how do I add a customer"."""

from __future__ import annotations

from rasa_sdk.events import EventType

from actions.context import Turn
from actions.lexicon import names, says
from actions.orders.on_top import charge_asked
from actions.reading.examples import example_goods


def tell_how_to(turn: Turn) -> list[EventType] | None:
    """Show how what is asked about is written; nothing is done."""
    if turn.is_not_words or turn.metadata.get("kind") == "button" or not _asks_how(turn):
        return None
    if turn.is_user and (charge := charge_asked(turn)):
        turn.say("utter_charge_not_on_bill", said=charge)
        return []
    topic = next((one for one in names("how_to.topics") if _about(turn, one)), None)
    if topic is None:
        return None
    with turn.read() as reader:
        one, other = example_goods(turn, reader)
    turn.say(f"utter_how_to_{topic}", one=one, other=other)
    return []


def _asks_how(turn: Turn) -> bool:
    """ "Kaise" alone asks of anything ("kaise ho", "ye tax kaise laga")."""
    if says(turn.words, "how_to.asks"):
        return True
    return says(turn.words, "how_to.how") and says(turn.words, "how_to.doing")


def _about(turn: Turn, topic: str) -> bool:
    return says(turn.words, f"how_to.topics.{topic}")
