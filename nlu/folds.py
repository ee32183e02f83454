"""Parts of the training messages, each judged by what has learned from the others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message

VARIANT_OF = "variant_of"
"""Where a message that was made from another keeps that one's text."""
HELD_OUT_RANKING = "ranking_of_the_held_out"
"""Where a training message that a classifier has not seen keeps what that takes it for."""


def groups_of(messages: Sequence[Message]) -> list[str]:
    """Return what each message was made from: variants of one never part."""
    return [message.get(VARIANT_OF) or message.get(TEXT) or "" for message in messages]


def parted(groups: Sequence[str], count: int, *, seed: int) -> NDArray[Any]:
    """Return for each member the number of its part, 0 to `count` - 1; a group stays whole."""
    places = {group: place for place, group in enumerate(dict.fromkeys(groups))}
    parts = np.random.default_rng(seed).permutation(len(places)) % count
    return np.asarray([parts[places[group]] for group in groups], dtype=int)


def held_out(messages: Sequence[Message], *, one_in: int, seed: int) -> list[bool]:
    """Return which messages are held out: of each intent one group in `one_in` (0: none).

    An intent with fewer groups keeps them all.
    """
    groups = groups_of(messages)
    by_intent: dict[str, dict[str, None]] = {}
    for message, group in zip(messages, groups, strict=True):
        if message.get(INTENT):
            by_intent.setdefault(message.get(INTENT), {})[group] = None
    chance = np.random.default_rng(seed)
    chosen: set[tuple[str, str]] = set()
    for intent, members in sorted(by_intent.items()):
        names = list(members)
        places = chance.permutation(len(names))[: len(names) // one_in if one_in else 0]
        chosen.update((intent, names[place]) for place in places)
    return [
        (message.get(INTENT), group) in chosen
        for message, group in zip(messages, groups, strict=True)
    ]
