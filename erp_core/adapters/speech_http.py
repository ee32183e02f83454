"""A speech service that speaks OpenAI's `POST /v1/audio/transcriptions`: theirs, or one's own.

The shop's names go along as a prompt, since no general model knows them. What a service hears
leaves the machine, so it is an operator's choice (BAHI_SPEECH_URL).
"""

from __future__ import annotations

import io
import json
import time
import urllib.error
import urllib.request
import wave
from collections.abc import Mapping
from http.client import HTTPException
from typing import Any
from uuid import uuid4

from erp_core.kernel.errors import Unavailable
from erp_core.speech.port import RATE, WIDTH, Heard, Names, Sound, prompt

PATH = "/v1/audio/transcriptions"
SECONDS = 40.0
"""Seconds for an answer."""

TRIES = 2
PAUSE = 1.0
LARGEST_ANSWER = 256 * 1024
LONGEST_TEXT = 1_000
SURE = -0.45
"""Mean logarithm of a word's probability above which a model that tells it is sure."""

NOTHING_SAID = 0.6
"""Probability of silence above which the words of a segment are made up."""


class SpeechService:
    """One endpoint. `url`: with or without its path; `model` as the service calls it."""

    def __init__(
        self,
        url: str,
        *,
        key: str = "",
        model: str = "whisper-1",
        language: str = "",
        seconds: float = SECONDS,
    ) -> None:
        base = url.rstrip("/")
        if base.endswith("/v1"):
            base = base[: -len("/v1")]
        self._url = base if base.endswith("/transcriptions") else base + PATH
        self._seconds = seconds
        self._headers = {"Authorization": f"Bearer {key}"} if key else {}
        self._fields = {"model": model, "response_format": "verbose_json", "temperature": "0"}
        if language:
            self._fields["language"] = language

    @property
    def name(self) -> str:
        """For reports."""
        return "service"

    def hear(self, sound: Sound, names: Names) -> Heard:
        """What the service heard. Raises Unavailable("speech_failed")."""
        body, kind = _form({**self._fields, "prompt": prompt(names)}, as_wave(sound))
        request = urllib.request.Request(  # noqa: S310 - the address is the operator's
            self._url, method="POST", data=body, headers={**self._headers, "Content-Type": kind}
        )
        for left in reversed(range(TRIES)):
            try:
                return heard_from(self._ask(request))
            except urllib.error.HTTPError as error:
                with error:
                    if not left or (error.code < 500 and error.code not in (408, 429)):
                        raise Unavailable("speech_failed") from None
            except (OSError, ValueError, HTTPException):
                if not left:
                    raise Unavailable("speech_failed") from None
            time.sleep(PAUSE)
        raise Unavailable("speech_failed")

    def _ask(self, request: urllib.request.Request) -> Any:
        """The answer as JSON; however slowly it drips in, only until the deadline."""
        end = time.monotonic() + self._seconds
        body = bytearray()
        with _OPENER.open(request, timeout=self._seconds) as answer:
            while chunk := answer.read1(1 << 16):
                body += chunk
                if len(body) > LARGEST_ANSWER or time.monotonic() > end:
                    raise ValueError("too long an answer")
        return json.loads(body)


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """The key is for the address that the operator named, and for no other."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        """Refuse."""


_OPENER = urllib.request.build_opener(_NoRedirects)


def no_redirects() -> urllib.request.OpenerDirector:
    """What asks only the address that it was given."""
    return _OPENER


def _form(fields: Mapping[str, str], data: bytes) -> tuple[bytes, str]:
    """The body of a form with a file, and its content type."""
    edge = uuid4().hex
    parts = [
        f'--{edge}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in fields.items()
    ]
    head = f'--{edge}\r\nContent-Disposition: form-data; name="file"; filename="voice.wav"\r\n'
    parts += [
        f"{head}Content-Type: audio/wav\r\n\r\n".encode(),
        data,
        f"\r\n--{edge}--\r\n".encode(),
    ]
    return b"".join(parts), f"multipart/form-data; boundary={edge}"


def as_wave(sound: Sound) -> bytes:
    """The sound as a WAV file."""
    output = io.BytesIO()
    with wave.open(output, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(WIDTH)
        file.setframerate(RATE)
        file.writeframes(sound.samples)
    return output.getvalue()


def heard_from(answer: Any) -> Heard:
    """What an answer says; its segments, where it has any, tell what was made up in silence.

    Raises ValueError for what is no answer.
    """
    if not isinstance(answer, dict) or not isinstance(answer.get("text"), str):
        raise ValueError("no text in the answer")
    listed = answer.get("segments")
    segments = [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
    spoken = [one for one in segments if not _made_up(one)]
    text = " ".join(str(one.get("text") or "").strip() for one in spoken)
    sure = bool(spoken) and all(_number(one, "avg_logprob", -9.0) > SURE for one in spoken)
    if not segments:
        text = answer["text"]
    return Heard(" ".join(text.split())[:LONGEST_TEXT], sure)


def _made_up(segment: dict[str, Any]) -> bool:
    silent = _number(segment, "no_speech_prob", 0.0) > NOTHING_SAID
    return silent and _number(segment, "avg_logprob", 0.0) < -1.0


def _number(segment: dict[str, Any], key: str, otherwise: float) -> float:
    value = segment.get(key)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return otherwise
    return float(value)
