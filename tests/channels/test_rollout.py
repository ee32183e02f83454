"""A model rolls out worker by worker, with chats in the middle of a form and messages in flight."""

from __future__ import annotations

import io
import json
import re
import tarfile
import threading
import time
from pathlib import Path
from typing import Any

import envelopes
import pytest
from bots import FIXTURES, train_bot
from fake_graph import FakeGraph
from running_bahi import Running, until

from channels.whatsapp import keys, metrics
from erp_core import model_store
from erp_core.cli import model as command

pytestmark = pytest.mark.processes

FORM = """
forms:
  order_form: {required_slots: [goods, order_confirmed]}
"""
SLOTS = """
  goods:
    type: text
    influence_conversation: false
    mappings: [{type: from_text, conditions: [{active_loop: order_form, requested_slot: goods}]}]
  order_confirmed:
    type: any
    mappings:
      - {type: from_intent, intent: affirm, value: true, conditions: [{active_loop: order_form}]}
"""
WORDS = """
  utter_ask_goods: [{text: "What?"}]
  utter_ask_order_confirmed: [{text: "VERSION: {goods}, yes?"}]
  utter_booked: [{text: "VERSION booked {goods}"}]
"""
RULES = """
  - {rule: begin, steps: [{intent: order}, {action: order_form}, {active_loop: order_form}]}
  - rule: end
    condition: [{active_loop: order_form}]
    steps:
      - action: order_form
      - active_loop: null
      - slot_was_set: [{requested_slot: null}]
      - action: utter_booked
      - action: action_forget
"""


@pytest.fixture(scope="module")
def versions(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Two models of a bot with a form, which tell in their words which one they are."""
    return {name: _trained(name, tmp_path_factory.mktemp(name)) for name in ("one", "two")}


def _trained(version: str, folder: Path) -> Path:
    bot = {path.name: path.read_text() for path in (FIXTURES / "bot").iterdir()}
    domain = bot["domain.yml"].replace("\nactions:", f"{SLOTS}actions:")
    domain = domain.replace("action_count]", "action_count, action_forget]")
    domain = domain.replace("\nresponses:\n", f"\nresponses:{WORDS.replace('VERSION', version)}")
    domain = domain.replace("session_config", f"{FORM.strip()}\nsession_config")
    rules = bot["data.yml"].replace(
        "  - {rule: order, steps: [{intent: order}, {action: action_order}]}\n", RULES[1:]
    )
    for name, text in {**bot, "domain.yml": domain, "data.yml": rules}.items():
        (folder / name).write_text(text)
    return train_bot(folder)


def test_a_model_rolls_out_worker_by_worker_and_nobody_notices(
    running: Running, graph: FakeGraph, number: str, redis: Any, versions: dict[str, Path],
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    folder = tmp_path / "models"
    folder.mkdir()
    _place(versions["one"], folder, "aaaaaaaaaaaa")
    for name in ("worker1", "worker2"):
        running.start("worker", name, BAHI_MODEL=str(folder))
    for module in ("gateway", "sender"):
        running.start(module)
    until(lambda: len(_beats(redis)) == 2)
    until(lambda: running.get("/readyz")[0] == 200)

    # Twelve chats are in a form: asked for a yes.
    chats = [f"9190000001{n:02}" for n in range(12)]
    for chat in chats:
        _say(running, graph, number, chat, "order")
        assert _say(running, graph, number, chat, f"goods {chat}") == f"one: goods {chat}, yes?"

    for name, value in running.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("BAHI_MODEL", str(folder))
    with _Chatter(running, number) as chatter:
        _place(versions["two"], folder, "bbbbbbbbbbbb")
        _bahi("use", "aaaa")
        _until_served(redis, {"aaaaaaaaaaaa"})
        _bahi("use", "newest")
        most = _until_served(redis, {"bbbbbbbbbbbb"})
    # A worker and its successor overlap; both workers' never do at once.
    assert most <= 3
    assert running.log().count("model bbbbbbbbbbbb.tar.gz takes over") == 2

    # Each chat goes on where it was, in the new model's words, and every message had one answer.
    for chat in chats:
        assert _say(running, graph, number, chat, "haan") == f"two booked goods {chat}"
    for sender, sent in chatter.sent.items():
        until(lambda: len(graph.texts(sender)) == sent)  # noqa: B023
        assert graph.texts(sender) == [str(n) for n in range(1, sent + 1)]
    assert int(redis.get(keys.TOTAL)) == 0

    # Back again, and half of the chats try the other one: always the same half.
    _bahi("use", "aaaaaaaaaaaa")
    _until_served(redis, {"aaaaaaaaaaaa"})
    _bahi("try", "bbbbbbbbbbbb", "--share", "50")
    until(lambda: {one.get("candidate") for one in _beats(redis)} == {"bbbbbbbbbbbb"})
    _settled(redis)
    heard: dict[str, set[str]] = {}
    for _ in range(2):
        for chat in chats:
            _say(running, graph, number, chat, "order")
            asked = _say(running, graph, number, chat, "soap")
            heard.setdefault(chat, set()).add(asked.split(":")[0])
            _say(running, graph, number, chat, "haan")
    assert all(len(versions_heard) == 1 for versions_heard in heard.values())
    assert {next(iter(one)) for one in heard.values()} == {"one", "two"}

    until(lambda: sum(one["turns"] for one in _figures(capsys)["models"].values()) == 6 * 12)
    facts = _figures(capsys)
    tried = sum(one == {"two"} for one in heard.values())
    assert facts["candidate"] == "bbbbbbbbbbbb"
    assert facts["models"]["bbbbbbbbbbbb"]["turns"] == 6 * tried
    assert facts["models"]["aaaaaaaaaaaa"]["confirmations"] == 2 * (12 - tried)
    assert facts["models"]["aaaaaaaaaaaa"]["refused"] == 0.0
    assert facts["models"]["bbbbbbbbbbbb"]["seconds"] > 0

    _bahi("list")
    listed = capsys.readouterr().out
    assert re.search(r"^aaaaaaaaaaaa .* serves in 2 of 2 workers, chosen$", listed, re.MULTILINE)
    assert "tried in 2 of 2 workers, candidate for 50 %" in listed
    assert "goods" not in json.dumps(
        {str(k): str(v) for k, v in redis.hgetall(metrics.TALLIES).items()}
    )


def test_the_command_and_the_workers_speak_of_the_same_keys() -> None:
    assert (command.WORKERS, command.TALLIES) == (keys.WORKERS, metrics.TALLIES)


class _Chatter:
    """Ten people who go on writing, without waiting for answers."""

    def __init__(self, running: Running, number: str) -> None:
        self.sent = {f"9190000099{n:02}": 0 for n in range(10)}
        self._running, self._number = running, number
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._write)

    def _write(self) -> None:
        while not self._stop.is_set():
            for sender in self.sent:
                message = envelopes.text("count", sender=sender)
                assert self._running.post(envelopes.post(self._number, message)) == 200
                self.sent[sender] += 1
                time.sleep(0.1)

    def __enter__(self) -> _Chatter:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()


def _place(model: Path, folder: Path, name: str) -> None:
    """Put a model in place under a hash, as training does."""
    content = json.dumps({"hash": name, "trained_at": "2026-11-20T10:00:00+00:00"}).encode()
    draft = folder / f"{name}.part"
    with tarfile.open(model) as source, tarfile.open(draft, "w:gz") as target:
        about = tarfile.TarInfo(model_store.ABOUT)
        about.size = len(content)
        target.addfile(about, io.BytesIO(content))
        for member in source:
            target.addfile(member, source.extractfile(member) if member.isfile() else None)
    draft.rename(folder / f"{name}{model_store.SUFFIX}")


def _say(running: Running, graph: FakeGraph, number: str, sender: str, text: str) -> str:
    before = len(graph.texts(sender))
    assert running.post(envelopes.post(number, envelopes.text(text, sender=sender))) == 200
    until(lambda: len(graph.texts(sender)) > before)
    return graph.texts(sender)[before]


def _beats(redis: Any) -> list[dict[str, str]]:
    beats = [json.loads(beat) for beat in redis.hgetall(keys.WORKERS).values()]
    return [beat for beat in beats if time.time() - beat["at"] < 10]


def _until_served(redis: Any, models: set[str]) -> int:
    """Wait until the two workers serve these alone; how many processes there were at most."""
    most = 0

    def done() -> bool:
        nonlocal most
        beats = _beats(redis)
        most = max(most, len(beats))
        return len(beats) == 2 and {one["model"] for one in beats} == models

    until(done)
    return most


def _settled(redis: Any) -> None:
    until(lambda: len(_beats(redis)) == 2)


def _bahi(*arguments: str) -> None:
    from erp_core.cli.main import main

    assert main(["model", *arguments]) == 0


def _figures(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    capsys.readouterr()
    _bahi("figures", "--json")
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found
