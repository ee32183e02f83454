"""Three listeners behind one port: a service, Whisper from a folder, and the embedded one."""

from __future__ import annotations

import asyncio
import json
import shutil
import socket
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy
import pytest
import tiny_whisper

from bench._speaking import note, silence
from channels.whatsapp.reading_pool import Reader
from erp_core.adapters import speech_http
from erp_core.adapters.speech_http import SpeechService, heard_from
from erp_core.adapters.speech_ngrams import arpa
from erp_core.adapters.speech_sounds import sounds
from erp_core.adapters.speech_sphinx import Sphinx, Wording, person_forms, product_forms
from erp_core.adapters.speech_whisper import Whisper
from erp_core.kernel.errors import Unavailable
from erp_core.speech.port import RATE, Heard, Names, Sound
from erp_core.speech.sounds import decode

needs_espeak = pytest.mark.skipif(not shutil.which("espeak-ng"), reason="there is no espeak-ng")
SHOP = Names(products=("Maggi", "iPhone 15", "iPhone 15 Pro"), customers=("Ravi Kumar", "रवि शर्मा"))


class Answers:
    """A service that answers what it is told to."""

    def __init__(self) -> None:
        self.status, self.body, self.pause = 200, b"{}", 0.0
        self.headers: dict[str, str] = {}
        self.asked: list[tuple[str, str | None, bytes]] = []
        answers = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                answers.asked.append((self.path, self.headers["Authorization"], body))
                time.sleep(answers.pause)
                self.send_response(answers.status)
                for name, value in answers.headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(answers.body)

            def log_message(self, *_: Any) -> None:
                """Nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> Iterator[Answers]:
    monkeypatch.setattr(speech_http, "PAUSE", 0.0)
    answers = Answers()
    yield answers
    answers.close()


def test_a_service_gets_a_wave_file_the_names_and_its_key(answers: Answers) -> None:
    answers.body = json.dumps({"text": " शर्मा जी\nका खाता "}).encode()
    heard = SpeechService(answers.url, key="k", model="m", language="hi").hear(silence(0.5), SHOP)
    assert heard == Heard("शर्मा जी का खाता", sure=False)
    ((path, key, body),) = answers.asked
    assert (path, key) == ("/v1/audio/transcriptions", "Bearer k")
    for part in (
        b'name="model"\r\n\r\nm\r\n',
        b'name="language"\r\n\r\nhi',
        b"WAVE",
        b"Ravi Kumar",
    ):
        assert part in body


@pytest.mark.parametrize(
    ("status", "body", "tries"),
    [
        (500, b"", 2),
        (429, b"", 2),
        (401, b"", 1),
        (302, b"", 1),
        (200, b"<html>", 2),
        (200, b'{"text": 5}', 2),
        (200, b"[" * 300_000, 2),
    ],
)
def test_a_service_that_fails_is_asked_again_where_that_may_help(
    answers: Answers, status: int, body: bytes, tries: int
) -> None:
    answers.status, answers.body = status, body
    answers.headers = {"Location": "http://127.0.0.1:1/"} if status == 302 else {}
    with pytest.raises(Unavailable, match="speech_failed"):
        SpeechService(answers.url, key="k").hear(silence(0.5), Names())
    assert len(answers.asked) == tries


def test_a_service_that_is_slow_or_away_is_given_up(answers: Answers) -> None:
    answers.pause = 60.0
    with pytest.raises(Unavailable, match="speech_failed"):
        SpeechService(answers.url, seconds=0.2).hear(silence(0.5), Names())
    with pytest.raises(Unavailable, match="speech_failed"):
        SpeechService("http://127.0.0.1:1").hear(silence(0.5), Names())


def test_words_made_up_in_silence_are_left_out_and_sureness_is_read() -> None:
    def segment(text: str, chance: float, silent: float) -> dict[str, Any]:
        return {"text": text, "avg_logprob": chance, "no_speech_prob": silent}

    said, made_up = segment(" haan", -0.2, 0.1), segment("Thank you.", -1.4, 0.9)
    assert heard_from({"text": "x", "segments": [said, made_up]}) == Heard("haan", sure=True)
    assert heard_from({"text": "x", "segments": [made_up]}) == Heard("", sure=False)
    assert not heard_from({"text": "x", "segments": [segment("haan", -0.9, 0.1)]}).sure


def test_whisper_wants_a_folder_and_fetches_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(Unavailable, match="speech_unavailable"):
        Whisper(Path("large-v3"))
    (tmp_path / "model.bin").write_bytes(b"no model")
    with pytest.raises(Unavailable, match="speech_failed"):
        Whisper(tmp_path)
    monkeypatch.setitem(sys.modules, "faster_whisper", None)
    with pytest.raises(Unavailable, match="speech_unavailable"):
        Whisper(tmp_path)


def test_whisper_hears_from_a_folder_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tiny_whisper.write(tmp_path)

    def connect(*_: Any) -> None:
        raise AssertionError("nothing may be fetched")

    monkeypatch.setattr(socket.socket, "connect", connect)
    listener = Whisper(tmp_path, threads=1)
    dice = numpy.random.default_rng(1)
    noise = Sound(dice.normal(0, 2_000, 2 * RATE).astype("<i2").tobytes())
    heard = listener.hear(noise, SHOP)
    assert (listener.name, heard.sure) == ("whisper", False)
    assert len(heard.text) < 1_000


@pytest.mark.processes
@needs_espeak
def test_whisper_loads_within_the_limits_of_its_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tiny_whisper.write(tmp_path)
    monkeypatch.setenv("BAHI_HEARING_ENGINE", "whisper")
    monkeypatch.setenv("BAHI_HEARING_FOLDER", str(tmp_path))
    header = {"longest": 60, "products": ["Maggi"], "customers": [], "buyer": False}

    async def hear() -> dict[str, Any]:
        reader = Reader(tmp_path / "0", deadline=240, child="channels.whatsapp.hearing_child")
        try:
            return await reader.ask(header, note("आज की सेल बताओ"))
        finally:
            await reader.stop()

    assert asyncio.run(hear())["code"] == "heard"


def test_words_sound_as_they_are_typed() -> None:
    assert "K IH T N AA" in sounds("kitna", {})
    assert "P AA N CH" in sounds("paanch", {})
    assert sounds("stock", {"stock": ["S T AA K"]})[0] == "S T AA K"
    assert sounds("g", {"g": ["JH IY"]}) == ["JH IY"]
    assert sounds("xz", {}) == []


def test_names_are_called_in_several_ways() -> None:
    assert product_forms("Amul butter 100g") == ["amul butter", "amul"]
    assert product_forms("iPhone 15") == ["iphone fifteen", "iphone pandrah", "iphone"]
    assert person_forms("Ravi Kumar") == ["ravi kumar", "ravi", "ravi ji"]


def test_a_name_that_several_bear_is_written_as_it_was_said() -> None:
    english = {letter: ["EY"] for letter in "abcdefghijklmnopqrstuvwxyz"}
    wording = Wording.of(SHOP, english)
    assert wording.sentences["ravi_kumar ka khata dikhao"] == "Ravi Kumar ka khata dikhao"
    assert wording.sentences["ravi_ji ka khata dikhao"] == "ravi ji ka khata dikhao"
    assert wording.sentences["iphone ka rate kya hai"] == "iphone ka rate kya hai"
    assert "aaj ki sale batao" in wording.sentences


def test_a_customer_is_asked_for_nobody_elses_khata() -> None:
    wording = Wording.of(Names(SHOP.products, SHOP.customers, buyer=True), {})
    assert not [line for line in wording.sentences if "ravi" in line or "profit" in line]
    assert "mera order kahan hai" in wording.sentences


def test_three_words_in_a_row_are_counted() -> None:
    model = arpa(["a b c", "a b d"] * 50)
    assert "ngram 1=6" in model
    rows = {
        line.split(" ", 1)[1]: float(line.split(" ", 1)[0])
        for line in model.splitlines()
        if line.startswith("-") and " " in line
    }
    assert rows["a b c"] == pytest.approx(-0.3, abs=0.02)


@needs_espeak
def test_the_embedded_listener_hears_questions_and_nothing_else() -> None:
    listener = Sphinx()
    heard = [
        listener.hear(decode(note(said)), SHOP).text
        for said in ("आज की सेल बताओ", "मैगी का स्टॉक कितना है", "रवि कुमार का खाता दिखाओ")
    ]
    assert heard == ["aaj ki sale batao", "Maggi ka stock kitna hai", "Ravi Kumar ka khata dikhao"]
    others = ("रवि कुमार ने पाँच सौ रुपये दिए", "दस मैगी आया है", "कल बारिश होगी क्या", "हाँ")
    assert [listener.hear(decode(note(said)), SHOP).text for said in others] == [""] * 4
    assert not listener.hear(decode(note("आज की सेल बताओ")), SHOP).sure
