"""What hears words: by itself, with a model from a folder, or through a service.

Each filling (erp_core/adapters/speech_*.py) takes the same samples and the same names to listen
for, so that one can be put in the place of another without anybody noticing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

RATE = 16_000
"""Samples a second."""

WIDTH = 2
"""Bytes a sample: signed, little-endian."""

MOST_NAMES = 300
"""So many names of a kind are listened for; more would be mistaken for each other."""

MOST_PROMPT = 800
"""Characters of a prompt: models take some 200 tokens of it."""


@dataclass(frozen=True)
class Sound:
    """Speech of one channel at RATE samples a second of WIDTH bytes."""

    samples: bytes

    @property
    def seconds(self) -> float:
        """How long it lasts."""
        return len(self.samples) / (RATE * WIDTH)


@dataclass(frozen=True)
class Names:
    """What a shop calls its goods and people: the words that no general model knows."""

    products: Sequence[str] = field(default_factory=tuple)
    customers: Sequence[str] = field(default_factory=tuple)
    buyer: bool = False
    """Whether one of the shop's customers speaks, who asks of things of their own."""

    def cut(self) -> Names:
        """The first MOST_NAMES of each kind."""
        return Names(
            tuple(self.products[:MOST_NAMES]), tuple(self.customers[:MOST_NAMES]), self.buyer
        )


@dataclass(frozen=True)
class Heard:
    """What was said, in any script; "" for speech without a word that was recognised.

    sure: whether a yes may be taken for one. Amounts and names are asked about in any case.
    """

    text: str
    sure: bool = False


class Listener(Protocol):
    """Writes down what is said. Blocking; call it in a process or thread of its own."""

    @property
    def name(self) -> str:
        """Short, for reports and figures: "whisper"."""

    def hear(self, sound: Sound, names: Names) -> Heard:
        """What is said.

        Raises Unavailable("speech_unavailable") when the engine is not there and
        Unavailable("speech_failed") when it gave no answer.
        """


class Speaker(Protocol):
    """Says words aloud. Blocking; call it in a thread of its own."""

    def speak(self, text: str, language: str) -> bytes:
        """A text in "hindi" or "english" as OGG with Opus, one channel.

        Raises Unavailable("speech_unavailable") or Unavailable("speech_failed").
        """


def prompt(names: Names) -> str:
    """What a model that takes a prompt is told beforehand: the trade's words, the shop's names."""
    trade = "Dukaan: stock, order, bill, udhaar, khata, jama, cash, UPI, rupaye, hazaar, packet."
    told = trade
    for kind, listed in (("Grahak", names.customers), ("Maal", names.products)):
        told = _with_names(told, kind, listed)
    return told


def _with_names(told: str, kind: str, listed: Sequence[str]) -> str:
    """As many whole names as there is room for, half of what is left for each kind."""
    room = MOST_PROMPT - len(told) if kind == "Maal" else (MOST_PROMPT - len(told)) // 2
    kept: list[str] = []
    for name in listed:
        room -= len(name) + 2
        if room < len(kind) + 4:
            break
        kept.append(name)
    return f"{told} {kind}: {', '.join(kept)}." if kept else told
