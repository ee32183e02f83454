"""Parts of the training messages, each judged by what has learned from the others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message

VARIANT_OF = "variant_of"
"""Where a message that was made from another keeps that one's text."""


def groups_of(messages: Sequence[Message]) -> list[str]:
    """Return what each message was made from: variants of one never part."""
    return [message.get(VARIANT_OF) or message.get(TEXT) or "" for message in messages]


def parted(groups: Sequence[str], count: int, *, seed: int) -> NDArray[Any]:
    """Return for each member the number of its part, 0 to `count` - 1; a group stays whole."""
    places = {group: place for place, group in enumerate(dict.fromkeys(groups))}
    parts = np.random.default_rng(seed).permutation(len(places)) % count
    return np.asarray([parts[places[group]] for group in groups], dtype=int)
