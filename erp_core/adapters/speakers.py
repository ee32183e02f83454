"""Voices for replies: espeak-ng on this machine, or a service that speaks OpenAI's
`POST /v1/audio/speech`.

BAHI_VOICE=off switches it off; BAHI_VOICE_URL names a service (BAHI_VOICE_KEY, BAHI_VOICE_MODEL,
BAHI_VOICE_NAME). Without either espeak-ng speaks, where it is installed. What a service says leaves
the machine, so it is an operator's choice.
"""

from __future__ import annotations

import json
import os
import shutil
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from http.client import HTTPException

from erp_core.adapters.speech_espeak import PROGRAM, Espeak
from erp_core.adapters.speech_http import no_redirects
from erp_core.kernel.errors import Unavailable
from erp_core.speech.port import Speaker
from erp_core.speech.sounds import encode

PATH = "/v1/audio/speech"
SECONDS = 15.0
LARGEST_ANSWER = 512 * 1024
"""Bytes: what WhatsApp plays with one tap."""

VOICES = {"hindi": "hi", "english": "en-gb"}
SPEED = 150
"""Words a minute."""


class LocalVoice:
    """espeak-ng: a voice made by rule, plain but clear."""

    def speak(self, text: str, language: str) -> bytes:
        """See Speaker."""
        voice = VOICES.get(language, VOICES["hindi"])
        return encode(Espeak(voice=voice, words_a_minute=SPEED).say(text))


class VoiceService:
    """One endpoint. `url`: with or without its path."""

    def __init__(
        self,
        url: str,
        *,
        key: str = "",
        model: str = "tts-1",
        voice: str = "alloy",
        seconds: float = SECONDS,
    ) -> None:
        if not url.startswith(("http://", "https://")):
            raise Unavailable("speech_unavailable")
        base = url.rstrip("/").removesuffix("/v1")
        self._url = base if base.endswith("/speech") else base + PATH
        self._headers = {"Content-Type": "application/json"}
        if key:
            self._headers["Authorization"] = f"Bearer {key}"
        self._model, self._voice, self._seconds = model, voice, seconds

    def speak(self, text: str, language: str) -> bytes:  # noqa: ARG002
        """See Speaker; the service hears by the letters which language it is."""
        wanted = {"model": self._model, "voice": self._voice, "input": text}
        body = json.dumps({**wanted, "response_format": "opus"}).encode()
        request = urllib.request.Request(  # noqa: S310 - the scheme was checked
            self._url, method="POST", data=body, headers=self._headers
        )
        try:
            data = self._ask(request)
        except (OSError, ValueError, HTTPException):
            raise Unavailable("speech_failed") from None
        if not data.startswith(b"OggS"):
            raise Unavailable("speech_failed")
        return data

    def _ask(self, request: urllib.request.Request) -> bytes:
        """The sound; however slowly it drips in, only until the deadline."""
        end = time.monotonic() + self._seconds
        body = bytearray()
        with no_redirects().open(request, timeout=self._seconds) as answer:
            while chunk := answer.read1(1 << 16):
                body += chunk
                if len(body) > LARGEST_ANSWER or time.monotonic() > end:
                    raise ValueError("too long an answer")
        return bytes(body)


def speaker(environment: Mapping[str, str] = os.environ) -> Speaker | None:
    """Whoever speaks here; None where nobody can, or where it is switched off."""
    if environment.get("BAHI_VOICE") == "off":
        return None
    if url := environment.get("BAHI_VOICE_URL"):
        return VoiceService(
            url,
            key=environment.get("BAHI_VOICE_KEY") or "",
            model=environment.get("BAHI_VOICE_MODEL") or "tts-1",
            voice=environment.get("BAHI_VOICE_NAME") or "alloy",
        )
    return LocalVoice() if shutil.which(PROGRAM) else None
