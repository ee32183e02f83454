"""The linear classifier and the field, on a few messages that any domain could have."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from erp_core.kernel.known_names import KnownNames
from nlu import crf, linear
from nlu.lists import WordLists

TEXTS = [
    *["red car please", "a fast car", "the blue car", "कार चाहिए", "my car is red", "old car"],
    *["sweet apple", "green apple please", "apple pie", "सेब मीठा", "an apple a day", "apples"],
]
LABELS = ["car"] * 6 + ["fruit"] * 6


@pytest.fixture(scope="module")
def model() -> linear.LinearModel:
    return linear.train(TEXTS, LABELS, min_count=1)


def test_words_of_a_list_stand_for_their_kind() -> None:
    lists = WordLists({"fruit": ["apple", "green apple"], "small": ["apple"]})
    assert set(linear.counts("eat 250 green apple", lists)["kinds2"]) == {
        "< eat", "eat #3", "#3 #fruit", "#fruit #small", "#small >",
    }  # fmt: skip


def test_known_and_respelt_texts_are_classified(model: linear.LinearModel) -> None:
    assert [model.ranking(text)[0][0] for text in TEXTS] == LABELS
    assert model.ranking("CAAAR!!")[0][0] == "car"
    assert model.ranking("kaar chahiye")[0][0] == "car"


def test_probabilities_add_up(model: linear.LinearModel) -> None:
    assert sum(value for _, value in model.ranking("green car")) == pytest.approx(1, abs=1e-5)


def test_a_text_without_known_features_is_still_ranked(model: linear.LinearModel) -> None:
    assert len(model.ranking("")) == len(model.ranking("🙏🙏")) == 2


def test_a_saved_model_answers_the_same(model: linear.LinearModel, tmp_path: Path) -> None:
    model.save(tmp_path)
    loaded = linear.LinearModel.load(tmp_path)
    for text in [*TEXTS, "something new"]:
        names = [name for name, _ in model.ranking(text)]
        assert [name for name, _ in loaded.ranking(text)] == names
        np.testing.assert_allclose(loaded.scores(text), model.scores(text), atol=5e-3)


def test_a_saved_model_holds_no_code(model: linear.LinearModel, tmp_path: Path) -> None:
    model.save(tmp_path)
    assert sorted(path.suffix for path in tmp_path.iterdir()) == [".json", ".npz"]
    np.load(tmp_path / "linear.npz", allow_pickle=False)


def example(marked: str, intent: str) -> crf.Example:
    text, spans = "", []
    for part in marked.split("|"):
        word, _, entity = part.partition("=")
        if entity:
            spans.append(crf.Span(entity, len(text), len(text) + len(word)))
        text += word
    return crf.Example(text, spans, {intent: 1.0})


EXAMPLES = [
    *[example(f"{name}=person| ate |bread=food", "eat") for name in ("Anu", "Ravi")],
    *[example(f"{name}=person| drank |milk=food", "eat") for name in ("Mohan", "Gita", "Asha")],
    *[example(f"send |{goods}=goods| today", "send") for goods in ("bricks", "sand", "tiles")],
]


@pytest.fixture(scope="module")
def field() -> crf.Field:
    lists = {"person": ["Suresh", "Rekha"]}
    return crf.Field(crf.train(EXAMPLES, lists, copies=3, rounds=60), lists)


def found(field: crf.Field, text: str, intent: str) -> list[tuple[str, str]]:
    spans = field.spans(text, {intent: 1.0})
    return [(span.entity, text[span.start : span.end]) for span in spans]


def test_entities_are_marked_where_they_stand(field: crf.Field) -> None:
    assert found(field, "Rekha ate bread", "eat") == [("person", "Rekha"), ("food", "bread")]
    assert found(field, "send tiles today", "send") == [("goods", "tiles")]


def test_a_shop_s_own_names_help_to_find_them() -> None:
    goods = ["bricks", "sand", "tiles", "red paint", "glue", "grout", "putty", "long pipe"]
    texts = [example(f"send |{one}=goods| today", "send") for one in goods]
    idle = [example(f"send {word} today", "send") for word in ("word", "help", "someone", "more")]
    trained = crf.train([*texts, *idle] * 4, {}, copies=2, names=["goods"], rounds=60)
    field = crf.Field(trained, {})
    own = KnownNames({"goods": ["Zinc Sheet 4mm"]})
    spans = field.spans("send zinc sheet today", {"send": 1.0}, own)
    assert [(span.entity, span.start, span.end) for span in spans] == [("goods", 5, 15)]


def test_a_span_does_not_end_in_a_symbol(field: crf.Field) -> None:
    assert found(field, "Rekha ate bread ☕", "eat") == [("person", "Rekha"), ("food", "bread")]
    assert found(field, "☕", "eat") == []


def test_no_text_has_no_entities(field: crf.Field) -> None:
    assert field.spans("", {"eat": 1.0}) == []
    assert field.spans("   ", {}) == []


def test_training_twice_gives_the_same_field() -> None:
    assert crf.train(EXAMPLES, {}, rounds=20) == crf.train(EXAMPLES, {}, rounds=20)
