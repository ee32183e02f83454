"""Messages as a hurried thumb types them, made from those of the training files.

The files stay readable; what nobody wants to read there is made here, from one seed: letters
swapped, lost, doubled or hit beside, vowels left out, words in the other script.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.shared.nlu.constants import (
    ENTITIES,
    ENTITY_ATTRIBUTE_END,
    ENTITY_ATTRIBUTE_START,
    INTENT,
    TEXT,
)
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from nlu.component import Fixed
from nlu.folds import VARIANT_OF
from nlu.text import Piece, script_of, split

VOWELS = "aeiou"
SHORTEST = 4
"""Letters of a word that can be mistyped and still be known."""

BESIDE = {
    letter: row[max(0, place - 1) : place] + row[place + 1 : place + 2]
    for row in ("qwertyuiop", "asdfghjkl", "zxcvbnm")
    for place, letter in enumerate(row)
}
"""The letters beside each on a phone's keyboard."""

Change = Callable[[str, random.Random], str]


def swapped(word: str, chance: random.Random) -> str:
    """Two letters inside the word change places."""
    place = chance.randrange(1, len(word) - 1)
    return word[:place] + word[place + 1] + word[place] + word[place + 2 :]


def lost(word: str, chance: random.Random) -> str:
    """A letter inside the word is missing."""
    place = chance.randrange(1, len(word))
    return word[:place] + word[place + 1 :]


def doubled(word: str, chance: random.Random) -> str:
    """A letter is typed twice."""
    place = chance.randrange(len(word))
    return word[: place + 1] + word[place:]


def beside(word: str, chance: random.Random) -> str:
    """The thumb hits the next key."""
    place = chance.randrange(1, len(word))
    return (
        word[:place]
        + chance.choice(BESIDE.get(word[place].lower(), word[place]))
        + word[place + 1 :]
    )


def without_vowels(word: str, chance: random.Random) -> str:
    """Vowels inside the word are left out, as those do who write much: "ktna", "bhjo"."""
    inner = [place for place in range(1, len(word) - 1) if word[place].lower() in VOWELS]
    if not inner:
        return word
    dropped = set(inner if chance.random() < 0.5 else [chance.choice(inner)])
    return "".join(letter for place, letter in enumerate(word) if place not in dropped)


SLIPS: Sequence[Change] = (swapped, lost, doubled, beside, without_vowels, without_vowels)


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=False)
class TypingAugmenter(Fixed):
    """Adds a mistyped variant of some messages to the training data; serving passes through.

    Comes before the tokenizer. The same message with the same settings has the same variant.
    """

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Return the settings.

        `share`: of the messages that get a variant; `slips`: of the words in it that are
        mistyped; `switched`: of the variants that go to the other script instead.
        """
        return {"share": 0.25, "slips": 0.3, "switched": 0.2, "random_seed": 1}

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Return the data with the variants behind them."""
        messages = [one for one in training_data.nlu_examples if one.get(TEXT) and one.get(INTENT)]
        spellings = other_spellings(one.get(TEXT) for one in messages)
        made = (self.variant(message, spellings) for message in messages)
        return training_data.merge(TrainingData([one for one in made if one is not None]))

    def process(self, messages: list[Message]) -> list[Message]:
        """Return the messages as they are."""
        return messages

    def variant(self, message: Message, spellings: Mapping[str, str]) -> Message | None:
        """Return the message typed badly; None when it has no variant or nothing changed.

        `spellings`: how words, by their normal form, are written in the other script.
        """
        text = message.get(TEXT)
        chance = random.Random(f"{self._config['random_seed']} {text}")  # noqa: S311
        if chance.random() >= self._config["share"]:
            return None
        pieces = split(text)
        if chance.random() < self._config["switched"]:
            written = [spellings.get(piece.normal, piece.text) for piece in pieces]
        else:
            written = [_slipped(piece, chance, self._config["slips"]) for piece in pieces]
        return _rewritten(message, pieces, written)


def other_spellings(texts: Iterable[str]) -> dict[str, str]:
    """Return how words of the messages, by their normal form, are written in Devanagari there."""
    words = (piece for text in texts for piece in split(text) if piece.kind == "word")
    return {word.normal: word.text for word in words if script_of(word.text) == "devanagari"}


def _slipped(piece: Piece, chance: random.Random, share: float) -> str:
    word = piece.text
    if piece.kind != "word" or len(word) < SHORTEST or not word.isascii():
        return word
    return chance.choice(SLIPS)(word, chance) if chance.random() < share else word


def _rewritten(message: Message, pieces: Sequence[Piece], written: Sequence[str]) -> Message | None:
    """Return the message with its pieces written so; None when nothing changed."""
    text = message.get(TEXT)
    parts: list[str] = []
    moved: dict[int, int] = {}
    length = end = 0
    for piece, word in zip(pieces, written, strict=True):
        gap = text[end : piece.start]
        length += len(gap)
        moved[piece.start] = length
        length += len(word)
        moved[piece.end] = max(moved.get(piece.end, 0), length)
        parts += [gap, word]
        end = piece.end
    rewritten = "".join(parts) + text[end:]
    entities = message.get(ENTITIES) or []
    if rewritten == text or any(_place(one, moved) is None for one in entities):
        return None
    data = {**message.data, TEXT: rewritten, VARIANT_OF: text}
    if entities:
        data[ENTITIES] = [{**one, **(_place(one, moved) or {})} for one in entities]
    return Message(data=data)


def _place(entity: Mapping[str, Any], moved: Mapping[int, int]) -> dict[str, int] | None:
    start, end = entity[ENTITY_ATTRIBUTE_START], entity[ENTITY_ATTRIBUTE_END]
    if start not in moved or end not in moved:
        return None
    return {ENTITY_ATTRIBUTE_START: moved[start], ENTITY_ATTRIBUTE_END: moved[end]}
