"""A voice that speaks Hindi and Indian English: espeak-ng, where the machine has it."""

from __future__ import annotations

import io
import shutil
import subprocess
import wave

from erp_core.kernel.errors import Unavailable
from erp_core.speech.port import RATE, WIDTH, Sound

PROGRAM = "espeak-ng"
VOICE = "hi"
"""The Hindi voice: it reads Latin letters as English, with the sounds of an Indian speaker."""

WORDS_A_MINUTE = 145
SECONDS = 20.0
LONGEST_TEXT = 2_000


class Espeak:
    """Speaks a text. Raises Unavailable("speech_unavailable") where there is no espeak-ng."""

    def __init__(self, *, voice: str = VOICE, words_a_minute: int = WORDS_A_MINUTE) -> None:
        program = shutil.which(PROGRAM)
        if program is None:
            raise Unavailable("speech_unavailable")
        self._command = [program, "-v", voice, "-s", str(words_a_minute), "--stdin", "--stdout"]

    def say(self, text: str) -> Sound:
        """The text aloud. Raises Unavailable("speech_failed")."""
        try:
            spoken = subprocess.run(
                self._command,
                input=text[:LONGEST_TEXT].encode(),
                capture_output=True,
                timeout=SECONDS,
                check=True,
            )
            return _sound(spoken.stdout)
        except (OSError, subprocess.SubprocessError, wave.Error, EOFError):
            raise Unavailable("speech_failed") from None


def _sound(data: bytes) -> Sound:
    """What espeak-ng wrote, at our rate. It writes its WAV without knowing how long it will be."""
    import numpy

    with wave.open(io.BytesIO(data)) as file:
        rate = file.getframerate()
        samples = numpy.frombuffer(file.readframes(len(data) // WIDTH), dtype="<i2")
    wanted = int(len(samples) * RATE / rate)
    places = numpy.linspace(0, max(0, len(samples) - 1), wanted)
    heard = numpy.interp(places, numpy.arange(len(samples)), samples)
    return Sound(bytes(heard.astype("<i2").tobytes()))
