"""Gateway, worker and sender as real processes, from a signed post to a message at Graph."""

from __future__ import annotations

import envelopes
import pytest
from fake_graph import FakeGraph
from running_bahi import Running, until

pytestmark = pytest.mark.processes


def test_a_message_is_answered_and_a_tap_understood(
    running: Running, graph: FakeGraph, number: str
) -> None:
    for module in ("gateway", "worker", "sender"):
        running.start(module)
    until(lambda: _ready(running))

    assert running.post(envelopes.post(number, envelopes.text("order 2 iPhone"))) == 200

    until(lambda: graph.messages)
    sent = graph.messages[0]
    assert sent["to"] == "+919123456789"
    assert sent["interactive"]["body"]["text"] == "Booked?\n\nfor order 2 iPhone"
    buttons = [one["reply"] for one in sent["interactive"]["action"]["buttons"]]
    assert [one["title"] for one in buttons] == ["Haan", "Nahi"]
    until(lambda: graph.reads)

    assert running.post(envelopes.post(number, envelopes.tap(buttons[0]["id"], "Haan"))) == 200

    until(lambda: len(graph.messages) == 2)
    assert graph.texts() == ["Booked?\n\nfor order 2 iPhone", "Done"]


def _ready(running: Running) -> bool:
    try:
        return running.get("/readyz")[0] == 200
    except OSError:
        return False
