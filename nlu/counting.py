"""What CountVectorsFeaturizer counts, word by word, each word once.

Rasa has scikit-learn read every message as a corpus: it builds an analyzer, a vocabulary and
three matrices for a handful of words. A word always counts the same, and words come again and
again, so that what each counts is remembered and a message is put together of that.
"""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rasa.nlu.featurizers.sparse_featurizer.count_vectors_featurizer import CountVectorsFeaturizer
from rasa.shared.nlu.constants import TEXT
from scipy.sparse import coo_matrix

MOST_WORDS = 20_000

Array = NDArray[Any]
Matrices = tuple[list[Any], list[Any]]

_slow_create_features = CountVectorsFeaturizer._create_features


def speed_up() -> None:
    """Have this process's featurizers count so. Outputs are the same."""
    CountVectorsFeaturizer._create_features = _create_features


class WordCounts:
    """What the words of a vectorizer's texts count: columns, in order, and how often each."""

    def __init__(self, vectorizer: Any, *, most: int = MOST_WORDS) -> None:
        self._vectorizer = vectorizer
        self._analyze = vectorizer.build_analyzer()
        self._vocabulary: dict[str, int] = vectorizer.vocabulary_
        self._most = most
        self._kept: OrderedDict[str, tuple[Array, Array]] = OrderedDict()

    def counts_by(self, vectorizer: Any) -> bool:
        """Whether these are still the counts of this vectorizer."""
        return vectorizer is self._vectorizer and vectorizer.vocabulary_ is self._vocabulary

    def matrices(self, words: Sequence[str]) -> tuple[Any, Any]:
        """A row a word, and one row for all of them together."""
        found = [self._of(word) for word in words]
        columns = np.concatenate([each for each, _ in found])
        counts = np.concatenate([each for _, each in found])
        rows = np.repeat(np.arange(len(words)), [len(each) for each, _ in found])
        width = len(self._vocabulary)
        together, places = np.unique(columns, return_inverse=True)
        sums = np.zeros(len(together), np.int64)
        np.add.at(sums, places, counts)
        sentence = (sums, (np.zeros(len(together), np.int64), together))
        return (
            coo_matrix((counts, (rows, columns)), shape=(len(words), width)),
            coo_matrix(sentence, shape=(1, width)),
        )

    def _of(self, word: str) -> tuple[Array, Array]:
        known = self._kept.get(word)
        if known is not None:
            self._kept.move_to_end(word)
            return known
        columns = (self._vocabulary.get(part) for part in self._analyze(word))
        counted = sorted(Counter(one for one in columns if one is not None).items())
        found = (
            np.array([column for column, _ in counted], np.int64),
            np.array([count for _, count in counted], np.int64),
        )
        self._kept[word] = found
        if len(self._kept) > self._most:
            self._kept.popitem(last=False)
        return found


def _create_features(
    featurizer: CountVectorsFeaturizer, attribute: str, all_tokens: list[list[str]]
) -> Matrices:
    """CountVectorsFeaturizer._create_features."""
    vectorizer = featurizer.vectorizers.get(attribute)
    if attribute != TEXT or not vectorizer or not _stays_within_words(vectorizer):
        slow: Matrices = _slow_create_features(featurizer, attribute, all_tokens)
        return slow
    words: WordCounts | None = featurizer.__dict__.get("_word_counts")
    if words is None or not words.counts_by(vectorizer):
        words = featurizer.__dict__["_word_counts"] = WordCounts(vectorizer)
    found = [words.matrices(tokens) if tokens else (None, None) for tokens in all_tokens]
    return [sequence for sequence, _ in found], [sentence for _, sentence in found]


def _stays_within_words(vectorizer: Any) -> bool:
    """Whether no part that is counted reaches from one word into the next."""
    if vectorizer.binary:
        return False
    return vectorizer.analyzer == "char_wb" or (
        vectorizer.analyzer == "word" and tuple(vectorizer.ngram_range) == (1, 1)
    )
