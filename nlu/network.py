"""DIET's network on NumPy: what TensorFlow computes for one message, without TensorFlow.

A message is a handful of words; TensorFlow spends far longer on calling the network than the
network takes. Outputs equal those of Rasa's own layers (rasa.utils.tensorflow) to 1e-4.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import erf

from nlu.sparse import times

Array = NDArray[Any]
Weights = dict[str, Array]

FILE = "network.npz"
SEQUENCE, SENTENCE = "sequence", "sentence"
TAG_KINDS = ("entity", "role", "group")
"""Kinds of tags in the order in which they are predicted; the later ones look at the first."""

_EPSILON = 1e-6
_MASKED = np.float32(-1e9)


class Network:
    """A trained DIET, ready to predict. `config` is the component's."""

    def __init__(self, weights: Mapping[str, Array], config: Mapping[str, Any]) -> None:
        self._weights = dict(weights)
        self._heads: int = config["number_of_attention_heads"]
        self._unidirectional: bool = config["unidirectional_encoder"]
        self._cosine: bool = config["similarity_type"] == "cosine"
        self._as_shares: bool = config["model_confidence"] == "softmax"
        self._layers = _count(self._weights, "encoder.")
        self._hidden = _count(self._weights, "hidden.")
        self._positions = np.zeros((0, 0), np.float32)
        tags = any(f"crf.{kind}" in self._weights for kind in TAG_KINDS)
        self._looks_at_words = bool(self._layers) or tags

    @classmethod
    def load(cls, directory: Path, config: Mapping[str, Any]) -> Network:
        """Read the weights that save() has written. Raises FileNotFoundError."""
        with np.load(directory / FILE, allow_pickle=False) as file:
            return cls({name: file[name].astype(np.float32) for name in file.files}, config)

    def save(self, directory: Path) -> None:
        """Write the weights into a directory, those of sparse features at half precision."""
        halved = {
            name: weight.astype(np.float16) if _is_sparse(name) else weight
            for name, weight in self._weights.items()
        }
        np.savez(directory / FILE, **halved)

    def predict(self, sequence: Sequence[Any] = (), sentence: Sequence[Any] = ()) -> dict[str, Any]:
        """What a message's features mean.

        `sequence`: matrices (words, units), sparse (scipy) or dense, sparse ones in the order of
        training; `sentence`: (1, units).
        Returns `i_scores` (1, intents), `e_KIND_ids` and `e_KIND_scores` (1, words + 1) for
        each kind of tag, as TensorFlow's DIET does. Words that neither an encoder nor tags look at
        are passed over, also in the diagnostic data.
        """
        if sentence and not self._looks_at_words:
            sequence = ()
        words = sequence[0].shape[0] if sequence else 0
        out, attention = self._encode(self._combine(sequence, sentence))
        found: dict[str, Any] = {
            "diagnostic_data": {"attention_weights": attention, "text_transformed": out[None]}
        }
        if "labels" in self._weights:
            found["i_scores"] = self._intents(out[-1])[None]
        types: Array | None = None
        for kind in TAG_KINDS:
            if f"crf.{kind}" not in self._weights:
                continue
            seen = out if types is None else np.hstack([out, self._dense(f"tags.{kind}", types)])
            logits = self._dense(f"logits.{kind}", seen)
            ids, scores = decode(logits[:words], self._weights[f"crf.{kind}"])
            ids, scores = np.append(ids, 0), np.append(scores, np.float32(0))
            found[f"e_{kind}_ids"], found[f"e_{kind}_scores"] = ids[None], scores[None]
            if kind == TAG_KINDS[0]:
                types = np.eye(logits.shape[1], dtype=np.float32)[ids]
        return found

    def _combine(self, sequence: Sequence[Any], sentence: Sequence[Any]) -> Array:
        """One row a word, then one for the sentence."""
        parts = []
        for kind, features in ((SEQUENCE, sequence), (SENTENCE, sentence)):
            if not features:
                continue
            rows = self._densify(kind, features)
            if f"unify.{kind}.kernel" in self._weights:
                rows = gelu(self._dense(f"unify.{kind}", rows))
            parts.append(rows)
        return np.vstack(parts) if len(parts) > 1 else parts[0]

    def _densify(self, kind: str, features: Sequence[Any]) -> Array:
        """One matrix: the sparse ones together through the kernel, then the dense ones."""
        kernel, first = self._weights.get(f"sparse.{kind}.kernel"), 0
        dense: list[Array] = []
        total: Any = self._weights.get(f"sparse.{kind}.bias")
        for matrix in features:
            if isinstance(matrix, np.ndarray) or kernel is None:
                dense.append(np.asarray(matrix, np.float32))
                continue
            width = matrix.shape[1]
            total = total + times(matrix, kernel[first : first + width])
            first += width
        if kernel is not None:
            dense.insert(0, total)
        return np.hstack(dense) if len(dense) > 1 else dense[0]

    def _encode(self, rows: Array) -> tuple[Array, Array]:
        for number in range(self._hidden):
            rows = gelu(self._dense(f"hidden.{number}", rows))
        if not self._layers:
            return rows, np.zeros(0, np.float32)
        x = self._dense("encoder", rows)
        x = x * np.float32(math.sqrt(x.shape[1])) + self._position(*x.shape)
        attention = []
        for number in range(self._layers):
            name = f"encoder.{number}"
            normal = self._normal(f"{name}.norm", x)
            attended, looked = self._attend(name, normal)
            x = x + attended
            inner = gelu(self._dense(f"{name}.inner", self._normal(f"{name}.inner_norm", x)))
            x = x + self._dense(f"{name}.outer", inner)
            attention.append(looked)
        return gelu(self._normal("encoder.norm", x)), np.stack(attention)[None]

    def _attend(self, name: str, x: Array) -> tuple[Array, Array]:
        length, units = x.shape
        query, key, value = (
            (x @ self._weights[f"{name}.{part}.kernel"])
            .reshape(length, self._heads, units // self._heads)
            .transpose(1, 0, 2)
            for part in ("query", "key", "value")
        )
        logits = query @ key.transpose(0, 2, 1)
        relative = self._weights.get(f"{name}.key_relative")
        if relative is not None:
            logits = logits + np.einsum("hld,hlmd->hlm", query, self._spread(relative, length))
        logits = logits / np.float32(math.sqrt(units // self._heads))
        if self._unidirectional:
            logits = logits + np.triu(np.ones((length, length), np.float32), 1) * _MASKED
        looked = softmax(logits)
        found = looked @ value
        relative = self._weights.get(f"{name}.value_relative")
        if relative is not None:
            found = found + np.einsum("hlm,hlmd->hld", looked, self._spread(relative, length))
        joined = found.transpose(1, 0, 2).reshape(length, units)
        return self._dense(f"{name}.output", joined), looked

    def _spread(self, relative: Array, length: int) -> Array:
        """Embeddings of relative positions (heads, 2r - 1, depth) for each pair of places."""
        if self._unidirectional:
            relative = np.pad(relative, ((0, 0), (0, relative.shape[1] - 1), (0, 0)))
        reach = relative.shape[1] // 2
        places = np.arange(length)
        away = np.clip(places[None] - places[:, None], -reach, reach) + reach
        return relative[:, away]

    def _position(self, length: int, units: int) -> Array:
        if len(self._positions) < length:
            columns = np.arange(units)
            angles = np.arange(max(length, 64))[:, None] / np.power(
                10000, 2 * (columns // 2) / units
            )
            even = columns % 2 == 0
            self._positions = np.where(even, np.sin(angles), np.cos(angles)).astype(np.float32)
        return self._positions[:length]

    def _normal(self, name: str, x: Array) -> Array:
        centred = x - x.mean(axis=1, keepdims=True)
        deviation = np.sqrt((centred * centred).mean(axis=1, keepdims=True) + _EPSILON)
        normal: Array = centred / deviation * self._weights[f"{name}.scale"]
        return normal + self._weights[f"{name}.offset"]

    def _dense(self, name: str, x: Array) -> Array:
        return x @ self._weights[f"{name}.kernel"] + self._weights[f"{name}.bias"]

    def _intents(self, sentence: Array) -> Array:
        embedded = self._dense("embed", sentence)
        labels = self._weights["labels"]
        if self._cosine:
            embedded, labels = _unit_length(embedded), _unit_length(labels)
        likeness: Array = labels @ embedded
        return softmax(likeness) if self._as_shares else likeness


def decode(logits: Array, transitions: Array) -> tuple[Array, Array]:
    """The best tags of a sequence (words, tags), and how sure each is.

    Rasa follows its scores back by the scores themselves rather than by the tags
    (rasa.utils.tensorflow.crf.crf_decode_backward); confidences here are to be the same.
    """
    if not len(logits):
        return np.zeros(0, np.int64), np.zeros(0, np.float32)
    state, back, sure = logits[0], [], []
    for row in logits[1:]:
        scores = state[:, None] + transitions
        back.append(scores.argmax(axis=0))
        best = scores.max(axis=0)
        sure.append(1 / np.exp(scores - best).sum(axis=0))
        state = row + best
    tags = [int(state.argmax())]
    confidences = [1 / np.exp(state - state.max()).sum()]
    place = tags[0]
    for tag_before, sure_before in zip(reversed(back), reversed(sure), strict=True):
        tags.append(int(tag_before[tags[-1]]))
        confidences.append(sure_before[place])
        place = int(confidences[-1])
    return np.array(tags[::-1]), np.array(confidences[::-1], np.float32)


def softmax(x: Array) -> Array:
    """Over the last axis."""
    powers = np.exp(x - x.max(axis=-1, keepdims=True))
    shares: Array = powers / powers.sum(axis=-1, keepdims=True)
    return shares


def gelu(x: Array) -> Array:
    """The exact one, with the error function."""
    curved: Array = x * np.float32(0.5) * (1 + erf(x * np.float32(math.sqrt(0.5))))
    return curved


def _unit_length(x: Array) -> Array:
    length: Array = np.sqrt(np.maximum((x * x).sum(axis=-1, keepdims=True), 1e-12))
    scaled: Array = x / length
    return scaled


def _count(weights: Mapping[str, Array], prefix: str) -> int:
    """How many numbered layers there are: `encoder.0.…`, `encoder.1.…`."""
    named = (name.removeprefix(prefix).split(".")[0] for name in weights if name.startswith(prefix))
    return len({number for number in named if number.isdigit()})


def _is_sparse(name: str) -> bool:
    return name.startswith("sparse.") and name.endswith(".kernel")


STEPS = 512
"""Weights of sparse features are kept to one part in so many: the file is a third smaller."""


def round_sparse(model: Any) -> None:
    """Round the weights of sparse features, so that nothing is lost in a file."""
    text = model._tf_layers["sequence_layer.text"]._tf_layers
    for concatenating in text["feature_combining"]._tf_layers.values():
        for name, layer in getattr(concatenating, "_tf_layers", {}).items():
            if name == "sparse_to_dense":
                steps = np.round(layer.kernel.numpy() * STEPS) / STEPS
                layer.kernel.assign(steps.astype(np.float16).astype(np.float32))


def weights_of(model: Any) -> Weights:
    """The weights of a trained DIET (rasa.nlu.classifiers.diet_classifier.DIET), by name."""
    layers = model._tf_layers
    text = layers["sequence_layer.text"]._tf_layers
    found: Weights = {}
    combining = text["feature_combining"]._tf_layers
    for kind in (SEQUENCE, SENTENCE):
        concatenating = combining.get(f"sparse_dense.{kind}")
        if concatenating is not None and "sparse_to_dense" in concatenating._tf_layers:
            _take(found, f"sparse.{kind}", concatenating._tf_layers["sparse_to_dense"])
        unifying = combining.get(f"unify_dims_before_seq_sent_concat.{kind}")
        if unifying is not None:
            _take(found, f"unify.{kind}", unifying._ffn_layers[0])
    for number, layer in enumerate(text["ffnn"]._ffn_layers[::2]):
        _take(found, f"hidden.{number}", layer)
    if hasattr(text["transformer"], "_enc_layers"):
        _take_encoder(found, text["transformer"])
    if "embed.text" in layers:
        model.prepare_for_predict()
        _take(found, "embed", layers["embed.text"]._dense)
        found["labels"] = model.all_labels_embed.numpy()
    for kind in TAG_KINDS:
        if f"crf.{kind}" in layers:
            found[f"crf.{kind}"] = layers[f"crf.{kind}"].transition_params.numpy()
            _take(found, f"logits.{kind}", layers[f"embed.{kind}.logits"]._dense)
        if f"embed.{kind}.tags" in layers and kind != TAG_KINDS[0]:
            _take(found, f"tags.{kind}", layers[f"embed.{kind}.tags"]._dense)
    return found


def _take_encoder(found: Weights, encoder: Any) -> None:
    _take(found, "encoder", encoder._embedding)
    _take_norm(found, "encoder.norm", encoder._layer_norm)
    for number, layer in enumerate(encoder._enc_layers):
        name, attention = f"encoder.{number}", layer._mha
        _take_norm(found, f"{name}.norm", layer._layer_norm)
        for part in ("query", "key", "value", "output"):
            _take(found, f"{name}.{part}", getattr(attention, f"_{part}_dense_layer"))
        for part in ("key", "value"):
            relative = getattr(attention, f"{part}_relative_embeddings")
            if relative is not None:
                found[f"{name}.{part}_relative"] = relative.numpy()
        _take_norm(found, f"{name}.inner_norm", layer._ffn_layers[0])
        _take(found, f"{name}.inner", layer._ffn_layers[1])
        _take(found, f"{name}.outer", layer._ffn_layers[3])


def _take(found: Weights, name: str, layer: Any) -> None:
    """A dense layer's; what its mask leaves out is nought, as when TensorFlow calls it."""
    kernel = layer.kernel.numpy()
    mask = getattr(layer, "kernel_mask", None)
    found[f"{name}.kernel"] = kernel if mask is None else kernel * mask.numpy()
    if layer.use_bias:
        found[f"{name}.bias"] = layer.bias.numpy()


def _take_norm(found: Weights, name: str, layer: Any) -> None:
    found[f"{name}.scale"], found[f"{name}.offset"] = layer.gamma.numpy(), layer.beta.numpy()
