"""What is said behind a yes, so that both are heard."""

from __future__ import annotations

import pytest
from rasa_sdk.executor import CollectingDispatcher

from actions.context import Turn
from actions.reading.agreeing import said_behind_yes
from erp_core.kernel.actor import Actor

OWNER, BUYER = Actor("user", None, "owner"), Actor("customer", None)


def behind(actor: Actor, text: str) -> str | None:
    """The words behind the yes of a message; None where it holds none."""
    turn = Turn(1, actor, "hinglish", text, "nlu_fallback", [], {}, {}, "w", CollectingDispatcher())
    found = said_behind_yes(turn)
    return found.text.strip() if found else None


@pytest.mark.parametrize(
    ("actor", "text", "said"),
    [
        (OWNER, "haan, aur Ramesh ka kitna baaki hai", "Ramesh ka kitna baaki hai"),
        (OWNER, "haan likh lo aur Mohan ne 500 diye", "Mohan ne 500 diye"),
        (OWNER, "Haan. aaj ki sale kitni hui?", "aaj ki sale kitni hui?"),
        (BUYER, "yes. how long will it take", "how long will it take"),
        (BUYER, "acha bhej do, kab tak aayega? gate pe", "kab tak aayega? gate pe"),
    ],
)
def test_what_stands_behind_a_yes_is_told_apart(actor: Actor, text: str, said: str) -> None:
    assert behind(actor, text) == said


@pytest.mark.parametrize(
    ("actor", "text"),
    [
        (OWNER, "haan likh lo"),
        (OWNER, "haan? kitna hua"),
        (OWNER, "haan nahi, rehne do"),
        (OWNER, "haan Ramesh, 500"),
        (OWNER, "haan bhejna, bill bhi"),
        (BUYER, "how long will it take, yes"),
    ],
)
def test_what_is_no_yes_has_nothing_behind_it(actor: Actor, text: str) -> None:
    assert behind(actor, text) is None
