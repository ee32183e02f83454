"""What a reply says is said aloud: by espeak-ng, or by a service."""

from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from erp_core.adapters.speakers import LocalVoice, VoiceService, speaker
from erp_core.kernel.errors import Unavailable
from erp_core.speech.aloud import LONGEST, aloud
from erp_core.speech.sounds import decode, kind_of


@pytest.mark.parametrize(
    ("text", "language", "said"),
    [
        ("✅ *Maggi*: ₹14 → *₹15.50*", "hindi", "Maggi: 14 रुपये से 15 रुपये 50 पैसे."),
        ("स्टॉक में\n• चीनी: 5 kg\n• Maggi: 96", "hindi", "स्टॉक में. चीनी: 5 kg. Maggi: 96."),
        ("Total *₹1,88,564*, GST 18%", "english", "Total 188564 rupees, GST 18 percent."),
        ("📱 98765 43210", "english", "9 8 7 6 5 4 3 2 1 0."),
        ("Bill: https://bahi.example/i/x1 👍", "english", "Bill."),
        ("🙏👍", "hindi", ""),
    ],
)
def test_signs_links_and_figures_are_said_as_people_say_them(
    text: str, language: str, said: str
) -> None:
    assert aloud(text, language) == said


def test_a_long_reply_is_cut_after_a_sentence() -> None:
    said = aloud("\n".join(f"line {number} of many" for number in range(200)), "english")
    assert len(said) <= LONGEST
    assert said.endswith("of many.")


@pytest.mark.skipif(shutil.which("espeak-ng") is None, reason="needs espeak-ng")
@pytest.mark.parametrize(
    ("text", "language"), [("स्टॉक में मैगी 96 पैकेट है।", "hindi"), ("96 packets in stock.", "english")]
)
def test_espeak_makes_a_voice_note(text: str, language: str) -> None:
    data = LocalVoice().speak(text, language)
    assert kind_of(data) == "ogg"
    assert b"OpusHead" in data[:200]
    assert 1.0 < decode(data).seconds < 8.0


def test_who_speaks_is_the_operators_choice() -> None:
    assert speaker({"BAHI_VOICE": "off", "BAHI_VOICE_URL": "http://voice"}) is None
    assert isinstance(speaker({"BAHI_VOICE_URL": "http://voice"}), VoiceService)
    with pytest.raises(Unavailable):
        speaker({"BAHI_VOICE_URL": "file:///etc/passwd"})


class Service(HTTPServer):
    """Stands where a service would; `answer` is its status and body."""

    answer: tuple[int, bytes] = (200, b"OggS sound")

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.asked: list[tuple[str, str | None, dict[str, Any]]] = []


class Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        assert isinstance(self.server, Service)
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.asked.append((self.path, self.headers["Authorization"], body))
        status, content = self.server.answer
        self.send_response(status)
        if status == 302:
            self.send_header("Location", "http://127.0.0.1:9/elsewhere")
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture
def service() -> Iterator[Service]:
    server = Service()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()


def test_a_service_is_asked_for_a_voice_note(service: Service) -> None:
    url = f"http://127.0.0.1:{service.server_port}/v1"
    voice = VoiceService(url, key="k", model="m", voice="asha")
    assert voice.speak("नमस्ते", "hindi") == b"OggS sound"
    wanted = {"model": "m", "voice": "asha", "input": "नमस्ते", "response_format": "opus"}
    assert service.asked == [("/v1/audio/speech", "Bearer k", wanted)]


@pytest.mark.parametrize(
    "answer",
    [(500, b""), (200, b"RIFF wave"), (302, b""), (200, b"OggS" + b"\0" * 600_000)],
    ids=["broken", "another format", "elsewhere", "endless"],
)
def test_what_is_no_voice_note_is_none(service: Service, answer: tuple[int, bytes]) -> None:
    service.answer = answer
    voice = VoiceService(f"http://127.0.0.1:{service.server_port}", seconds=5)
    with pytest.raises(Unavailable):
        voice.speak("hello", "english")


def test_a_service_that_is_not_there_is_no_voice() -> None:
    with pytest.raises(Unavailable):
        VoiceService("http://127.0.0.1:9", seconds=1).speak("hello", "english")
