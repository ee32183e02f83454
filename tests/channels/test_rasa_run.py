"""Plain `rasa run` serves WhatsApp by itself: no queue, no worker, no sender."""

from __future__ import annotations

import subprocess
import sys

import envelopes
import pytest
from fake_graph import FakeGraph
from running_bahi import ROOT, Running, until

pytestmark = pytest.mark.processes


def test_rasa_run_answers_signed_posts_once(
    running: Running, graph: FakeGraph, number: str
) -> None:
    arguments = ["-m", running.environment["BAHI_MODEL"], "-p", str(running.port)]
    files = ["--credentials", "credentials.yml", "--endpoints", "endpoints.yml"]
    with (running.logs / "rasa.log").open("wb") as log:
        running.started["rasa"] = subprocess.Popen(
            [sys.executable, "-m", "rasa", "run", *arguments, *files],
            cwd=ROOT,
            env={**running.environment, "RASA_TELEMETRY_ENABLED": "false"},
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    until(lambda: _serves(running))
    path = "/webhooks/whatsapp/webhook?hub.mode=subscribe&hub.challenge=7&hub.verify_token="
    assert running.get(f"{path}verify-me") == (200, b"7")
    post = envelopes.post(number, envelopes.text("namaste"))
    assert running.post(post, signature="sha256=00") == 401
    assert [running.post(post), running.post(post)] == [200, 200]
    until(lambda: graph.messages)
    until(lambda: not _late(graph))
    assert graph.texts() == ["Namaste"]


def _serves(running: Running) -> bool:
    try:
        return running.get("/")[0] == 200
    except OSError:
        return False


def _late(graph: FakeGraph) -> bool:
    """Whether a second answer comes within a second."""
    try:
        until(lambda: len(graph.messages) > 1, 1.0)
    except AssertionError:
        return False
    return True
