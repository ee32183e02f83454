"""Voice notes, from a signed post with a real OGG/Opus file to the answer at Graph."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import threading
import time
from collections.abc import Iterator
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import envelopes
import pytest
from fake_graph import FakeGraph
from redis.asyncio import Redis
from running_bahi import ROOT, Running, until
from what_is_kept import in_files, in_redis

from bench._speaking import note, silence
from channels.whatsapp import keys
from channels.whatsapp.crypto import Vault
from channels.whatsapp.hearing import plain, spoken
from channels.whatsapp.hearing_child import answer
from channels.whatsapp.hearings import OWN, Hearings, engine_of
from channels.whatsapp.messages import InboundMessage, Media, Sender
from channels.whatsapp.reading_pool import Died, Reader, environment
from channels.whatsapp.turns import understood
from erp_core.catalogue.service import add_product
from erp_core.kernel.actor import SYSTEM
from erp_core.parties.service import add_customer, add_user
from erp_core.payments.queries import payments_between
from erp_core.runtime import Bahi
from erp_core.speech.sounds import encode

pytestmark = pytest.mark.skipif(not shutil.which("espeak-ng"), reason="there is no espeak-ng")

MARK = "zebrafinch"
OWNER = "919876500001"
RELEASED = ROOT / "models" / "released.tar.gz"


class Service:
    """A speech service that says what it is told to, and remembers what it was asked."""

    def __init__(self) -> None:
        self.says: list[str] = []
        self.asked: list[bytes] = []
        self.keys: list[str | None] = []
        self.longer = 0
        self.gate = threading.Event()
        self.gate.set()
        service = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                service.asked.append(self.rfile.read(int(self.headers["Content-Length"])))
                service.keys.append(self.headers["Authorization"])
                text = service.answer(service.asked[-1])
                service.gate.wait(300)
                segments = [{"text": text, "avg_logprob": -0.2, "no_speech_prob": 0.01}]
                body = json.dumps({"text": text, "segments": segments}).encode()
                self.send_response(200)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                """Nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def answer(self, body: bytes) -> str:
        """The next of what it says; of two that differ in length, the longer note's last."""
        if self.longer and len(body) > self.longer:
            return self.says[-1]
        return self.says[min(len(self.asked), len(self.says)) - 1]

    def close(self) -> None:
        self.gate.set()
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def service() -> Iterator[Service]:
    service = Service()
    yield service
    service.close()


def voice(graph: FakeGraph, data: bytes, *, sender: str = OWNER, wamid: str = "") -> dict[str, Any]:
    """A voice note's message, its file lying at Graph."""
    media = f"voice{len(graph.files)}"
    graph.files[media] = data
    part = {"id": media, "mime_type": "audio/ogg; codecs=opus", "voice": True}
    return envelopes.message("audio", part, sender=sender, wamid=wamid)


def start(running: Running, **environment: str) -> None:
    for module in ("gateway", "worker", "sender", "hearing"):
        running.start(module, **environment)
    until(lambda: ready(running))


def ready(running: Running) -> bool:
    try:
        return running.get("/readyz")[0] == 200
    except OSError:
        return False


@pytest.mark.processes
def test_a_service_hears_and_the_words_are_answered_once(
    running: Running, graph: FakeGraph, number: str, redis: Any, service: Service, tmp_path: Path
) -> None:
    service.says = [f"order {MARK}", "hello.", "namaste"]
    start(running, BAHI_SPEECH_URL=service.url, BAHI_SPEECH_KEY="its-key")
    post = envelopes.post(number, voice(graph, note("शर्मा जी का ऑर्डर", noise_db=None)))
    for _ in range(3):
        assert running.post(post) == 200
    until(lambda: graph.texts(OWNER))
    time.sleep(1)
    assert graph.texts(OWNER) == [f'🎙️ Aapne kaha: "order {MARK}"\n\nBooked?\n\nfor order {MARK}']
    assert len(service.asked) == 1
    assert service.keys == ["Bearer its-key"]
    assert b"RIFF" in service.asked[0]
    assert b'name="prompt"' in service.asked[0]

    assert running.post(envelopes.post(number, voice(graph, note("हेलो")))) == 200
    until(lambda: len(graph.texts(OWNER)) == 2)
    assert graph.texts(OWNER)[1] == '🎙️ Aapne kaha: "hello"\n\nNamaste'

    _what_hearers_leave_undone_is_done_once(running, graph, number, redis, service)
    _no_word_of_it_is_kept(running, redis, tmp_path)


def _what_hearers_leave_undone_is_done_once(
    running: Running, graph: FakeGraph, number: str, redis: Any, service: Service
) -> None:
    """Killed in the middle of the first of two notes; both are answered, once, in their order."""
    short, long = note("एक"), note("दो तीन चार पाँच छह सात आठ नौ दस ग्यारह बारह")
    service.asked.clear()
    service.longer = 32_000 * 3
    service.says = ["order one", "order one", "order one", "order two"]
    service.gate.clear()
    first = voice(graph, short, sender="917")
    second = voice(graph, long, sender="917")
    assert running.post(envelopes.post(number, first, second)) == 200
    until(lambda: service.asked)
    running.kill("hearing")
    service.gate.set()
    running.start("hearing", BAHI_SPEECH_URL=service.url)
    until(lambda: len(graph.texts("917")) >= 2)
    until(lambda: redis.xlen(keys.hearings(0)) == 0)
    heard = [text.splitlines()[0] for text in graph.texts("917")]
    assert heard == ['🎙️ Aapne kaha: "order one"', '🎙️ Aapne kaha: "order two"']
    assert redis.hgetall(keys.HEARING_CHATS) == {}


def _no_word_of_it_is_kept(running: Running, redis: Any, tmp_path: Path) -> None:
    kept = dict(in_files(tmp_path / "data"))
    assert not [path for path in kept if {"media", "hearing"} & set(Path(path).parts)]
    assert MARK not in running.log()
    for place, content in (*kept.items(), *in_redis(redis)):
        assert MARK.encode() not in content, place


@pytest.mark.processes
def test_the_embedded_listener_hears_with_nothing_set_up(
    running: Running, graph: FakeGraph, number: str
) -> None:
    start(running)
    assert running.post(envelopes.post(number, voice(graph, note("नमस्ते")))) == 200
    until(lambda: graph.texts(OWNER))
    assert graph.texts(OWNER) == ['🎙️ Aapne kaha: "namaste"\n\nNamaste']
    hostile = {
        "nothing": (b"", "audio_damaged"),
        "a page": (b"<html><audio src=x></html>", "audio_damaged"),
        "the head alone": (note("एक")[:60], "audio_damaged"),
        "rubbish behind a good name": (b"OggS" + os.urandom(5000), "audio_damaged"),
        "silence": (encode(silence(2)), "audio_silent"),
        "an hour of nothing": (encode(silence(90)), "audio_long"),
        "something else": (note("कल बारिश होगी क्या भाई साहब"), "audio_short"),
    }
    for place, (name, (data, told)) in enumerate(hostile.items()):
        sender = f"9170000000{place}"
        assert running.post(envelopes.post(number, voice(graph, data, sender=sender))) == 200
        until(lambda who=sender: graph.texts(who))  # type: ignore[misc]
        shown = json.loads(graph.texts(sender)[0])
        assert shown["intent"] == "nlu_fallback", name
        assert shown["metadata"]["media"]["kind"] == told, name


@pytest.mark.processes
def test_what_came_by_voice_is_written_only_when_it_is_tapped(
    running: Running,
    graph: FakeGraph,
    number: str,
    bahi: Bahi,
    business: int,
    service: Service,
) -> None:
    """The released model: Devanagari, roman and mixed transcripts are understood as typed."""
    bahi.run(business, SYSTEM, "u", add_user, name="Sharma", phone=OWNER, role="owner")
    bahi.run(business, SYSTEM, "c", add_customer, name="Ravi Kumar", phone="919123456789")
    bahi.run(business, SYSTEM, "p", add_product, name="Maggi", price_paise=1400)
    service.says = ["रवि कुमार ने पाँच सौ रुपये cash दिए", "मैगी का stock कितना है", "Aaj ki sale batao."]
    start(
        running,
        BAHI_SPEECH_URL=service.url,
        BAHI_MODEL=str(RELEASED),
        BAHI_ACTIONS="actions",
        PYTHONPATH="",
    )

    def say() -> str:
        before = len(graph.messages)
        assert running.post(envelopes.post(number, voice(graph, note("एक")))) == 200
        until(lambda: len(graph.messages) > before)
        return graph.texts()[before]

    asked = say()
    assert asked.startswith('🎙️ Aapne kaha: "रवि कुमार ने पाँच सौ रुपये cash दिए"')
    assert "500" in asked
    assert "Ravi Kumar" in asked
    assert paid(bahi, business) == []
    assert b"Ravi Kumar" in service.asked[0]
    assert b"Maggi" in service.asked[0]
    yes = graph.messages[-1]["interactive"]["action"]["buttons"][0]["reply"]
    tap = envelopes.tap(yes["id"], yes["title"], sender=OWNER)
    assert running.post(envelopes.post(number, tap)) == 200
    until(lambda: len(graph.messages) == 2)
    until(lambda: paid(bahi, business))
    assert paid(bahi, business) == [50_000]
    assert "Maggi" in say()
    assert "sale" in say().lower()


def paid(bahi: Bahi, business: int) -> list[int]:
    with bahi.read(business, SYSTEM) as reader:
        found = payments_between(reader, date(2020, 1, 1), date(2099, 12, 31))
        return [one.amount for one in found]


# The parts, by themselves.


def message(**more: Any) -> InboundMessage:
    return InboundMessage(
        "wamid.1",
        "1065",
        Sender(phone=OWNER),
        "media",
        1,
        media=Media("audio", "9", "audio/ogg"),
        **more,
    )


def test_a_transcript_is_typed_text_and_never_a_command() -> None:
    assert plain("  /affirm{}\n") == "affirm{}"
    assert plain("Sharma ji\nka khata dikhao.") == "Sharma ji ka khata dikhao"
    assert plain("शर्मा जी का खाता।") == "शर्मा जी का खाता"
    told = spoken(message(), {"text": "/stock", "sure": True})
    assert (told.id, told.kind, told.media) == ("wamid.1.heard", "text", None)
    assert spoken(message(), {"trouble": "long"}).kind == "media"


def test_a_tap_on_what_was_heard_says_it_as_if_it_had_been_typed() -> None:
    tapped = InboundMessage("w", "1", Sender("9"), "choice", 1, "Haan, yahi kaha", choice="b")
    handled = understood(tapped, {"payload": "say:kal 500 dunga"}, {"kind": "choice"}, "chat")
    assert (handled.text, handled.parse_data) == ("kal 500 dunga", None)
    assert handled.metadata == {"kind": "text"}


def test_who_hears_is_chosen_by_the_environment() -> None:
    assert engine_of({}) == "embedded"
    assert engine_of({"BAHI_SPEECH": "off", "BAHI_SPEECH_URL": "http://x"}) == "off"
    assert engine_of({"BAHI_SPEECH_URL": "http://x", "BAHI_SPEECH_FOLDER": "m"}) == "service"
    assert engine_of({"BAHI_SPEECH_FOLDER": "m"}) == "whisper"


def test_a_process_that_hears_knows_no_secret() -> None:
    given = {"BAHI_SPEECH_KEY": "k", "BAHI_SECRET_KEY": "s", "BAHI_HEARING_ENGINE": "service"}
    known = environment(given, Path("x"))
    assert known["BAHI_HEARING_ENGINE"] == "service"
    assert not {"BAHI_SPEECH_KEY", "BAHI_SECRET_KEY"} & known.keys()


def test_a_missing_model_folder_is_told_so() -> None:
    from channels.whatsapp.hearing_child import make_listener

    os.environ["BAHI_HEARING_FOLDER"] = "/nowhere"
    header = {"longest": 60, "products": [], "customers": [], "buyer": False}
    assert answer(note("एक"), make_listener("whisper"), header) == {"code": "speech_unavailable"}


def test_a_child_that_is_too_slow_is_ended(tmp_path: Path) -> None:
    async def hear() -> None:
        reader = Reader(tmp_path / "0", deadline=0.01, child="channels.whatsapp.hearing_child")
        await reader.start()
        os.kill(reader._process.pid, signal.SIGSTOP)  # type: ignore[union-attr]
        try:
            with pytest.raises(Died) as died:
                await reader.ask(
                    {"longest": 60, "products": [], "customers": [], "buyer": False}, note("एक")
                )
            assert died.value.code == "too_slow"
        finally:
            await reader.stop()

    asyncio.run(hear())


def test_notes_of_a_chat_are_bounded_and_wait_in_their_order(stores: Any, redis: Any) -> None:
    async def ask() -> None:
        client = Redis.from_url(stores.redis)
        hearings = Hearings(client, Vault("k"))
        chat = "00000000-0000-8000-8000-000000000001"
        await hearings.open()
        for at in range(OWN):
            one = InboundMessage(
                f"w{at}", "1", Sender("9"), "media", 1, media=Media("audio", str(at), "audio/ogg")
            )
            assert await hearings.ask_for(one, chat)
        assert not await hearings.ask_for(message(), chat)
        first = await hearings.take("a")
        second = await hearings.take("b")
        assert first
        assert second
        assert (hearings.read(first).media, hearings.read(second).media) == ("0", "1")  # type: ignore[union-attr]
        assert await hearings.is_next(first)
        assert not await hearings.is_next(second)
        await hearings.end(first)
        assert await hearings.is_next(second)
        await client.close()

    asyncio.run(ask())
