"""Speech for tests and figures: espeak-ng in some voices, with noise, as voice notes are sent."""

from __future__ import annotations

import numpy

from erp_core.adapters.speech_espeak import Espeak
from erp_core.speech.port import RATE, Sound
from erp_core.speech.sounds import encode

VOICES = ("hi", "hi+m3", "hi+m7", "hi+f2", "hi+f4")
PAUSE = RATE // 4


def note(text: str, *, voice: str = "hi+m3", noise_db: float | None = 20.0) -> bytes:
    """A text as an OGG/Opus file."""
    return encode(noisy(Espeak(voice=voice).say(text), noise_db))


def noisy(sound: Sound, decibels: float | None, *, seed: int = 1) -> Sound:
    """The sound between two pauses, so many decibels above white noise; without any for None."""
    samples = numpy.frombuffer(sound.samples, dtype="<i2").astype(numpy.float64)
    samples = numpy.concatenate([numpy.zeros(PAUSE), samples, numpy.zeros(PAUSE)])
    if decibels is not None:
        power = float(numpy.mean(samples**2)) / 10 ** (decibels / 10)
        dice = numpy.random.default_rng(seed)
        samples += dice.normal(0.0, power**0.5, len(samples))
    return Sound(numpy.clip(samples, -32768, 32767).astype("<i2").tobytes())


def silence(seconds: float) -> Sound:
    """Nothing said."""
    return Sound(bytes(int(seconds * RATE) * 2))
