"""Variants of the training messages: typed badly, but marked and judged rightly."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rasa.shared.nlu.constants import ENTITIES, INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from nlu import augmenter, folds
from nlu.augmenter import TypingAugmenter
from nlu.text import split

WORDS = ["kitna", "stock", "hai", "iphone", "bhejo", "12", "kg", "चीनी", "₹500", "jaldi"]


def message(words: Sequence[str], marked: int) -> Message:
    """A message of these words, of which one is a thing."""
    start = sum(len(word) + 1 for word in words[:marked])
    thing = {"entity": "thing", "start": start, "end": start + len(words[marked])}
    entities = [{**thing, "value": words[marked]}]
    return Message(data={TEXT: " ".join(words), INTENT: "ask", ENTITIES: entities})


def augmented(messages: Sequence[Message], **config: Any) -> list[Message]:
    """The variants alone."""
    settings = {**TypingAugmenter.get_default_config(), "share": 1.0, **config}
    data = TypingAugmenter(settings).process_training_data(TrainingData(list(messages)))
    assert data.nlu_examples[: len(messages)] == list(messages)
    return data.nlu_examples[len(messages) :]


@given(
    words=st.lists(st.sampled_from(WORDS), min_size=1, max_size=8),
    at=st.integers(0, 7),
    switched=st.sampled_from([0.0, 1.0]),
    seed=st.integers(0, 1000),
)
def test_a_variant_marks_the_same_word_and_leaves_numbers_alone(
    words: list[str], at: int, switched: float, seed: int
) -> None:
    original = message(words, at % len(words))
    for variant in augmented([original], slips=1.0, switched=switched, random_seed=seed):
        typed = variant.get(TEXT).split(" ")
        (marked,) = variant.get(ENTITIES)
        assert variant.get(TEXT)[marked["start"] : marked["end"]] == typed[at % len(words)]
        assert variant.get(INTENT) == "ask"
        assert len(typed) == len(words)
        numbers = [[p.text for p in split(one) if p.kind == "number"] for one in (words, typed)
                   for one in [" ".join(one)]]  # fmt: skip
        assert numbers[0] == numbers[1]


def test_the_same_message_has_the_same_variant_whatever_stands_beside_it() -> None:
    first, second = message(["kitna", "stock", "hai"], 1), message(["jaldi", "bhejo"], 0)
    options = {"slips": 1.0, "switched": 0.0}
    alone = [one.get(TEXT) for one in augmented([first], **options)]
    assert [one.get(TEXT) for one in augmented([second, first], **options)][-1:] == alone
    assert alone != ["kitna stock hai"]


def test_no_share_makes_no_variant() -> None:
    assert augmented([message(["kitna", "stock"], 0)], share=0.0) == []


def test_words_go_to_the_script_that_other_messages_write_them_in() -> None:
    known = Message(data={TEXT: "कितना स्टॉक है", INTENT: "ask"})
    variants = augmented([known, message(["kitna", "iphone", "hai"], 1)], switched=1.0)
    assert [one.get(TEXT) for one in variants] == ["कितना iphone है"]


@pytest.mark.parametrize(
    ("change", "word", "typed"),
    [
        (augmenter.swapped, "abcd", {"acbd", "abdc"}),
        (augmenter.lost, "abc", {"ac", "ab"}),
        (augmenter.doubled, "ab", {"aab", "abb"}),
        (augmenter.beside, "qa", {"qs"}),
        (augmenter.without_vowels, "kitna", {"ktna"}),
        (augmenter.without_vowels, "bhrm", {"bhrm"}),
    ],
)
def test_a_slip_is_one_that_thumbs_make(
    change: augmenter.Change, word: str, typed: set[str]
) -> None:
    assert {change(word, random.Random(seed)) for seed in range(50)} == typed


@given(st.lists(st.integers(0, 20), min_size=1), st.integers(2, 5), st.integers(0, 9))
def test_what_belongs_together_is_never_parted(members: list[int], count: int, seed: int) -> None:
    parts = folds.parted([str(one) for one in members], count, seed=seed)
    assert len({(one, int(part)) for one, part in zip(members, parts, strict=True)}) == len(
        set(members)
    )
    assert set(parts) <= set(range(count))


def test_a_variant_is_grouped_with_what_it_was_made_from() -> None:
    original = message(["kitna", "stock", "hai"], 1)
    (variant,) = augmented([original], slips=1.0, switched=0.0)
    assert folds.groups_of([original, variant]) == ["kitna stock hai"] * 2
