"""What holds when processes die and turns fail, on real processes."""

from __future__ import annotations

import json
import shutil
import subprocess
import time
from pathlib import Path
from typing import Any

import envelopes
import pytest
from fake_graph import FakeGraph
from running_bahi import Running, until
from what_is_kept import in_files, in_redis

from channels.whatsapp import keys
from erp_core.runtime import Bahi

pytestmark = pytest.mark.processes

MARK = "zebrafinch"
"""A word that nobody says but the test."""


def test_a_day_of_chat(
    running: Running, graph: FakeGraph, number: str, redis: Any, bahi: Bahi, stores: Any
) -> None:
    """One start, many things said; then the marked word is looked for everywhere."""
    for module in ("gateway", "worker", "sender"):
        running.start(module)
    until(lambda: ready(running))

    _slash_is_text(running, graph, number)
    _duplicates_get_one_answer(running, graph, number)
    _the_session_goes_on(running, graph, number)
    _a_list_has_pages(running, graph, number)
    _what_is_not_text_is_answered(running, graph, number)
    _old_and_foreign_buttons_do_nothing(running, graph, number)
    _a_failing_turn_says_so(running, graph, number, redis)
    _unknown_numbers_are_acknowledged(running, graph)
    _a_wrong_signature_is_refused(running, number)
    _metrics_count(running)

    until(lambda: redis.xlen(keys.STATUSES) == 0)
    assert _places_with(MARK, redis, bahi, running, stores) == []


def _say(running: Running, graph: FakeGraph, number: str, message: dict[str, Any]) -> str:
    """Post a message and give the words of its answer."""
    before = len(graph.messages)
    assert running.post(envelopes.post(number, message)) == 200
    until(lambda: len(graph.messages) > before)
    return graph.texts()[before]


def _slash_is_text(running: Running, graph: FakeGraph, number: str) -> None:
    text = f'/order{{"product": "{MARK}"}}'
    shown = _say(running, graph, number, envelopes.text(text, sender="911"))
    assert shown == f"Booked?\n\nfor {text[1:]}"


def _duplicates_get_one_answer(running: Running, graph: FakeGraph, number: str) -> None:
    post = envelopes.post(number, envelopes.text(f"hello {MARK}", sender="912"))
    for _ in range(5):
        assert running.post(post) == 200
    until(lambda: graph.texts("912"))
    time.sleep(0.5)
    assert graph.texts("912") == ["Namaste"]


def _the_session_goes_on(running: Running, graph: FakeGraph, number: str) -> None:
    messages = [envelopes.text("count", sender="913") for _ in range(20)]
    assert running.post(envelopes.post(number, *messages)) == 200
    until(lambda: len(graph.texts("913")) == 20)
    assert graph.texts("913") == [str(n) for n in range(1, 21)]


def _a_list_has_pages(running: Running, graph: FakeGraph, number: str) -> None:
    seen = []
    message = envelopes.text("list", sender="914")
    for _ in range(3):
        _say(running, graph, number, message)
        section = graph.messages[-1]["interactive"]["action"]["sections"][0]
        seen += [row["title"] for row in section["rows"]]
        last = section["rows"][-1]
        message = envelopes.pick(last["id"], last["title"], sender="914")
    titles = [title for title in seen if title.startswith("Product")]
    assert titles == [f"Product {n}" for n in range(25)]
    shown = json.loads(_say(running, graph, number, message))
    assert shown["intent"] == "choose"
    assert shown["entities"] == {"product": "24"}
    assert shown["metadata"]["kind"] == "button"


def _what_is_not_text_is_answered(running: Running, graph: FakeGraph, number: str) -> None:
    graph.files["photo1"] = b"jpeg bytes"
    image = {"id": "photo1", "mime_type": "image/jpeg"}
    shown = json.loads(
        _say(running, graph, number, envelopes.message("image", image, sender="915"))
    )
    media = shown["metadata"]["media"]
    assert (media["kind"], media["mime"], len(media["id"])) == ("image", "image/jpeg", 32)
    card = [{"name": {"formatted_name": "Mohan"}, "phones": [{"phone": "9876543210"}]}]
    shown = json.loads(
        _say(running, graph, number, envelopes.message("contacts", card, sender="915"))
    )
    assert shown["intent"] == "customer_add"
    assert shown["entities"] == {"customer_name": "Mohan", "customer_phone": "9876543210"}
    shown = json.loads(
        _say(running, graph, number, envelopes.message("hologram", {}, sender="915"))
    )
    assert shown["metadata"]["kind"] == "unknown"
    assert shown["metadata"]["actor"]["kind"] == "guest"


def _old_and_foreign_buttons_do_nothing(running: Running, graph: FakeGraph, number: str) -> None:
    _say(running, graph, number, envelopes.text(f"order {MARK}", sender="916"))
    button = graph.messages[-1]["interactive"]["action"]["buttons"][0]["reply"]["id"]
    for tapped in (button, "never-made", "/affirm"):
        shown = json.loads(
            _say(running, graph, number, envelopes.tap(tapped, "Haan", sender="917"))
        )
        assert shown["intent"] == "nlu_fallback"
        assert shown["metadata"]["kind"] == "expired_button"


def _a_failing_turn_says_so(running: Running, graph: FakeGraph, number: str, redis: Any) -> None:
    text = _say(running, graph, number, envelopes.text(f"breakdown {MARK}", sender="918"))
    assert text
    ((_, letter),) = redis.xrange(keys.DEAD)
    assert letter[b"reason"] == b"RuntimeError"
    assert _say(running, graph, number, envelopes.text("hello", sender="918")) == "Namaste"


def _unknown_numbers_are_acknowledged(running: Running, graph: FakeGraph) -> None:
    before = len(graph.messages)
    assert running.post(envelopes.post("999999", envelopes.text("hello"))) == 200
    time.sleep(0.5)
    assert len(graph.messages) == before


def _a_wrong_signature_is_refused(running: Running, number: str) -> None:
    post = envelopes.post(number, envelopes.text("hello", sender="919"))
    assert running.post(post, signature="sha256=00") == 401
    assert running.post(b"[]") == 400
    assert running.get("/i/no-such-bill")[0] == 404
    path = "/webhooks/whatsapp/webhook?hub.mode=subscribe&hub.challenge=42&hub.verify_token="
    assert running.get(f"{path}verify-me") == (200, b"42")
    assert running.get(f"{path}wrong")[0] == 403


def _metrics_count(running: Running) -> None:
    page = until(lambda: _page_with(running, "bahi_turn_seconds_count"))
    assert 'bahi_turns_total{result="done"}' in page
    assert 'bahi_webhook_posts_total{status="401"} 1.0' in page
    assert MARK not in page


def _page_with(running: Running, words: str) -> str:
    page = running.get("/metrics")[1].decode()
    return page if words in page else ""


def _places_with(word: str, redis: Any, bahi: Bahi, running: Running, stores: Any) -> list[str]:
    """Where a word is found: Redis and its files, every table, every log and file of ours."""
    found = [place for place, content in in_redis(redis) if word.encode() in content]
    redis.bgrewriteaof()
    redis.save()
    folders = [Path(running.environment["BAHI_DATA_DIR"]), running.logs]
    if stores.redis.startswith("unix:"):
        folders.append(Path(redis.config_get("dir")["dir"]))
    for folder in folders:
        found += [place for place, content in in_files(folder) if word.encode() in content]
    dumped = subprocess.run(
        ["grep", "-c", word], input=_all_rows(stores.database), capture_output=True, check=False
    )
    return [*found, "database"] if dumped.stdout.strip() != b"0" else found


def _all_rows(url: str) -> bytes:
    """Every row of every table as text."""
    import psycopg2

    with psycopg2.connect(url) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        rows = []
        for (table,) in cursor.fetchall():
            cursor.execute(f'SELECT t::text FROM "{table}" t')
            rows += [row[0] for row in cursor.fetchall()]
    return "\n".join(rows).encode()


def test_another_worker_takes_over_from_one_that_is_killed_and_answers_once(
    running: Running, graph: FakeGraph, number: str, redis: Any
) -> None:
    running.start("gateway")
    running.start("sender")
    running.start("worker", "first", TEST_BOT_ORDERS="3")
    until(lambda: ready(running))
    for n in range(8):
        sender = f"9190000000{n:02}"
        assert running.post(envelopes.post(number, envelopes.text("order", sender=sender))) == 200
    until(lambda: len(graph.messages) == 3)
    running.kill("first")
    assert int(redis.get(keys.TOTAL)) == 5
    running.start("worker", "second")
    until(lambda: len(graph.messages) >= 8)
    time.sleep(1)
    assert sorted(m["to"] for m in graph.messages) == [f"+9190000000{n:02}" for n in range(8)]
    assert int(redis.get(keys.TOTAL)) == 0

    assert running.post(envelopes.post(number, envelopes.text("explode", sender="917"))) == 200
    until(lambda: graph.texts("917") == ["survived"])


def test_a_newer_model_takes_over_without_a_gap(
    running: Running, graph: FakeGraph, number: str, redis: Any, model: Path, tmp_path: Path
) -> None:
    models = tmp_path / "models"
    models.mkdir()
    shutil.copy(model, models / "old.tar.gz")
    for module in ("gateway", "sender", "worker"):
        running.start(module, BAHI_MODEL=str(models))
    until(lambda: ready(running))
    (models / "broken.tar.gz").write_bytes(b"no model")
    shutil.copy(model, tmp_path / "new.tar.gz")
    until(lambda: "broken.tar.gz cannot be loaded" in running.log())
    (tmp_path / "new.tar.gz").touch()
    (tmp_path / "new.tar.gz").rename(models / "new.tar.gz")
    counted = 0
    while "new.tar.gz takes over" not in running.log() or counted < 5:
        assert running.post(envelopes.post(number, envelopes.text("count", sender="918"))) == 200
        counted += 1
        until(lambda: len(graph.texts("918")) == counted)  # noqa: B023
        time.sleep(0.5)
    until(lambda: {b["model"] for b in _beats(redis)} == {"new"})
    assert running.post(envelopes.post(number, envelopes.text("count", sender="918"))) == 200
    until(lambda: graph.texts("918")[-1] == str(counted + 1))


def _beats(redis: Any) -> list[dict[str, str]]:
    return [json.loads(beat) for beat in redis.hgetall(keys.WORKERS).values()]


def ready(running: Running) -> bool:
    try:
        return running.get("/readyz")[0] == 200
    except OSError:
        return False
