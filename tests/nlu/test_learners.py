"""The linear classifier and the field, on a few messages that any domain could have."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pycrfsuite
import pytest
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from erp_core.kernel.known_names import KnownNames
from nlu import cores, crf, linear, views
from nlu.field import Field
from nlu.lists import NO_LISTS, Lists, WordLists, parted
from nlu.scores import Decoder, Numbered, Scores
from nlu.seen import view
from nlu.text import split

TEXTS = [
    *["red car please", "a fast car", "the blue car", "कार चाहिए", "my car is red", "old car"],
    *["sweet apple", "green apple please", "apple pie", "सेब मीठा", "an apple a day", "apples"],
]
LABELS = ["car"] * 6 + ["fruit"] * 6


Read = Callable[[str], tuple[NDArray[Any], NDArray[Any]]]


def reader(lists: Lists = NO_LISTS) -> tuple[Read, csr_matrix]:
    """How a text becomes features, and the features of the training texts."""
    documents = [views.features(text, lists) for text in TEXTS]
    vocabulary = views.Vocabulary.learn(documents, min_count=1, frequent_from=3)

    def read(text: str) -> tuple[NDArray[Any], NDArray[Any]]:
        return vocabulary.vector(views.features(text, lists))

    columns, values = zip(*map(read, TEXTS), strict=True)
    ends = np.cumsum([0, *map(len, columns)])
    shape = (len(TEXTS), len(vocabulary))
    return read, csr_matrix((np.concatenate(values), np.concatenate(columns), ends), shape=shape)


@pytest.fixture(scope="module")
def read() -> Read:
    return reader()[0]


@pytest.fixture(scope="module")
def model() -> linear.LinearModel:
    return linear.train(reader()[1], LABELS, strength=1.0, seed=1)


def test_names_of_a_list_stand_for_their_kind() -> None:
    names = {"fruit": ["apple", "green apple"], "small": ["apple"]}
    seen = views.features("eat 250 green apple", parted(names, names))
    assert set(seen["kinds2"]) == {"< eat", "eat #3", "#3 #fruit", "#fruit #small", "#small >"}


def test_words_of_a_list_are_its_topic() -> None:
    words = {"eating": ["eat", "khao"], "want": ["chahiye"]}
    seen = views.features("250 apple khao", parted(words, []))
    assert set(seen["topic"]) == {"eating"}
    assert set(seen["topics2"]) == {"< #", "# aple", "aple eating", "eating >"}


def test_kinds_of_entities_are_seen_with_their_order() -> None:
    seen = views.features("x", NO_LISTS, ["person", "amount", "person"])
    assert set(seen["entities"]) == {
        "person 2", "amount 1", "amount&person", "some", "all person-amount-person", "first person",
    }  # fmt: skip
    assert set(views.features("x", NO_LISTS)["entities"]) == {"none"}


def test_frequent_features_come_first() -> None:
    documents = [views.features(text, NO_LISTS) for text in ("car", "car", "boat")]
    vocabulary = views.Vocabulary.learn(documents, min_count=1, frequent_from=2)
    numbers = vocabulary.index["word"]
    assert numbers["kar"] < vocabulary.frequent <= numbers["boat"]
    columns, values = vocabulary.vector(documents[0])
    assert list(columns) == sorted(columns)
    assert float(values @ values) == pytest.approx(
        sum(weight**2 for view, weight in views.WEIGHTS.items() if documents[0][view])
    )


@pytest.mark.parametrize(("text", "words"), [("👍🏻", ["👍", "🏻"]), ("theek 👍", ["thik"])])
def test_signs_that_stand_alone_are_words(text: str, words: list[str]) -> None:
    assert views.features(text, NO_LISTS)["word"] == words


@pytest.mark.parametrize(
    ("typed", "lists"),
    [("apl", {"fruit"}), ("aple", {"fruit"}), ("ktna", {"much"}), ("apple", {"fruit"}), ("al", ())],
)
def test_a_word_is_known_without_its_vowels(typed: str, lists: set[str]) -> None:
    known = WordLists({"fruit": ["apple", "kela"], "much": ["kitna"], "all": ["ala"]})
    assert known.marks(split(typed)) == [set(lists)]


def test_a_vocabulary_is_told_and_read() -> None:
    documents = [views.features(text, NO_LISTS) for text in TEXTS]
    vocabulary = views.Vocabulary.learn(documents, min_count=1, frequent_from=2)
    again = views.Vocabulary.from_json(json.loads(json.dumps(vocabulary.as_json())))
    assert (again.index, again.frequent) == (vocabulary.index, vocabulary.frequent)
    np.testing.assert_allclose(again.idf, vocabulary.idf, atol=1e-4)


def test_known_and_respelt_texts_are_classified(model: linear.LinearModel, read: Read) -> None:
    assert [model.ranking(*read(text))[0][0] for text in TEXTS] == LABELS
    assert model.ranking(*read("CAAAR!!"))[0][0] == "car"
    assert model.ranking(*read("kaar chahiye"))[0][0] == "car"


def test_probabilities_add_up(model: linear.LinearModel, read: Read) -> None:
    ranking = model.ranking(*read("green car"))
    assert sum(value for _, value in ranking) == pytest.approx(1, abs=1e-5)


def test_a_text_without_known_features_is_still_ranked(
    model: linear.LinearModel, read: Read
) -> None:
    assert len(model.ranking(*read(""))) == len(model.ranking(*read("🙏🙏"))) == 2


def test_a_saved_model_answers_the_same(
    model: linear.LinearModel, read: Read, tmp_path: Path
) -> None:
    model.save(tmp_path)
    loaded = linear.LinearModel.load(tmp_path)
    for text in [*TEXTS, "something new"]:
        seen = read(text)
        names = [name for name, _ in model.ranking(*seen)]
        assert [name for name, _ in loaded.ranking(*seen)] == names
        np.testing.assert_allclose(loaded.margins(*seen), model.margins(*seen), atol=5e-3)


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


LISTS = {"person": ["Suresh", "Rekha"]}


@pytest.fixture(scope="module")
def trained() -> bytes:
    return crf.train(EXAMPLES, LISTS, copies=3, rounds=60)


@pytest.fixture(scope="module")
def field(trained: bytes) -> Field:
    return Field(trained, WordLists(LISTS))


def found(field: Field, text: str, intent: str) -> list[tuple[str, str]]:
    spans = field.spans(text, {intent: 1.0})
    return [(span.entity, text[span.start : span.end]) for span in spans]


def test_entities_are_marked_where_they_stand(field: Field) -> None:
    assert found(field, "Rekha ate bread", "eat") == [("person", "Rekha"), ("food", "bread")]
    assert found(field, "send tiles today", "send") == [("goods", "tiles")]


def test_a_shop_s_own_names_help_to_find_them() -> None:
    goods = ["bricks", "sand", "tiles", "red paint", "glue", "grout", "putty", "long pipe"]
    texts = [example(f"send |{one}=goods| today", "send") for one in goods]
    idle = [example(f"send {word} today", "send") for word in ("word", "help", "someone", "more")]
    trained = crf.train([*texts, *idle] * 4, {}, copies=2, names=["goods"], rounds=60)
    field = Field(trained, WordLists({}))
    own = KnownNames({"goods": ["Zinc Sheet 4mm"]})
    spans = field.spans("send zinc sheet today", {"send": 1.0}, own)
    assert [(span.entity, span.start, span.end) for span in spans] == [("goods", 5, 15)]


@pytest.mark.parametrize("intents", [{}, {"eat": 0.7, "send": 0.3}])
@pytest.mark.parametrize(
    "text", ["Rekha ate bread", "tiles", "send 2kg sand today, Asha!", "? ? ?", "REKHA रेखा ☕ 5"]
)
def test_labels_are_those_that_crfsuite_finds_by_itself(
    trained: bytes, text: str, intents: dict[str, float]
) -> None:
    tagger = pycrfsuite.Tagger()
    tagger.open_inmemory(trained)
    pieces = split(text)
    seen = view(pieces, WordLists(LISTS).marks(pieces))
    expected = tagger.tag(seen.told(intents))
    decoder = Decoder(trained)
    assert decoder.best(Scores(trained).of(Numbered(seen), intents)) == expected
    for place in range(len(expected)):
        for label in tagger.labels():
            sure = tagger.marginal(label, place)
            assert decoder.marginal(label, place) == pytest.approx(sure, abs=1e-9)


def test_weights_are_kept_at_half_precision(trained: bytes) -> None:
    tagger = pycrfsuite.Tagger()
    tagger.open_inmemory(trained)
    weights = [*tagger.info().state_features.values(), *tagger.info().transitions.values()]
    assert len(weights) > 100
    told = np.asarray(weights)  # CRFsuite tells six places
    np.testing.assert_allclose(told, told.astype(np.float16).astype(float), atol=1e-6)


def weights(model: bytes) -> dict[tuple[str, str], float]:
    tagger = pycrfsuite.Tagger()
    tagger.open_inmemory(model)
    told = tagger.info()
    return {**told.state_features, **told.transitions}


def test_a_mean_weighs_what_its_fields_weigh_on_average() -> None:
    fields = [crf.train(EXAMPLES, {}, copies=2, rounds=30, seed=seed) for seed in (1, 2)]
    first, second = map(weights, fields)
    expected = {
        pair: (first.get(pair, 0.0) + second.get(pair, 0.0)) / 2 for pair in first.keys() | second
    }
    found = weights(crf.mean(fields))
    assert {pair for pair, weight in expected.items() if abs(weight) > 0.03} <= set(found)
    told = [expected[pair] for pair in found]
    np.testing.assert_allclose(list(found.values()), told, atol=0.01)


def test_a_mean_of_several_marks_what_they_mark() -> None:
    field = Field(crf.train_mean(3, EXAMPLES, {}, copies=2, rounds=60), WordLists({}))
    assert found(field, "Gita ate bread", "eat") == [("person", "Gita"), ("food", "bread")]


def test_a_span_does_not_end_in_a_symbol(field: Field) -> None:
    assert found(field, "Rekha ate bread ☕", "eat") == [("person", "Rekha"), ("food", "bread")]
    assert found(field, "☕", "eat") == []


def test_no_text_has_no_entities(field: Field) -> None:
    assert field.spans("", {"eat": 1.0}) == []
    assert field.spans("   ", {}) == []


def test_training_twice_gives_the_same_field() -> None:
    assert crf.train(EXAMPLES, {}, rounds=20) == crf.train(EXAMPLES, {}, rounds=20)


@pytest.fixture
def on_all_cores(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Call it to have everything that follows learned by two processes, however little it is."""

    def switch() -> None:
        monkeypatch.setattr(cores, "FEW", 0)
        monkeypatch.setattr("os.sched_getaffinity", lambda _: {0, 1})
        monkeypatch.setattr(linear, "_last_out_of_fold", {})

    return switch


def test_all_cores_learn_what_one_learns(on_all_cores: Callable[[], None]) -> None:
    def learned() -> tuple[bytes, list[dict[str, float]]]:
        mean = crf.train_mean(3, EXAMPLES, LISTS, copies=2, rounds=30, names=["food"])
        return mean, linear.held_out_guesses(reader()[1], LABELS)

    alone = learned()
    on_all_cores()
    assert learned() == alone


def test_each_job_has_a_process_of_its_own(on_all_cores: Callable[[], None]) -> None:
    assert cores.each([os.getpid, os.getpid], examples=1) == [os.getpid()] * 2
    on_all_cores()
    assert os.getpid() not in cores.each([os.getpid, os.getpid], examples=1)
