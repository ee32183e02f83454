"""A Whisper of random weights, in the form that a folder of an operator's has."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy
from ctranslate2.specs.whisper_spec import WhisperSpec
from tokenizers import AddedToken, Tokenizer, decoders, pre_tokenizers
from tokenizers.models import BPE

WIDTH, MELS, HEADS = 64, 80, 2
LANGUAGES = ("en", "hi")


def write(folder: Path) -> None:
    """Write model, tokenizer and configuration."""
    tokenizer = _tokenizer()
    tokenizer.save(str(folder / "tokenizer.json"))
    words = [tokenizer.id_to_token(at) for at in range(tokenizer.get_vocab_size())]
    spec = WhisperSpec(1, HEADS, 1, HEADS)
    spec.register_vocabulary(words)
    spec.config.suppress_ids = []
    spec.config.suppress_ids_begin = []
    spec.config.lang_ids = [tokenizer.token_to_id(f"<|{one}|>") for one in LANGUAGES]
    spec.config.alignment_heads = [(0, 0)]
    _fill(spec, len(words))
    spec.validate()
    spec.save(str(folder))


def _tokenizer() -> Tokenizer:
    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    tokenizer = Tokenizer(BPE({letter: at for at, letter in enumerate(letters)}, []))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    marks = ["<|endoftext|>", "<|startoftranscript|>", *(f"<|{one}|>" for one in LANGUAGES)]
    marks += ["<|translate|>", "<|transcribe|>", "<|startoflm|>", "<|startofprev|>"]
    marks += ["<|nospeech|>", "<|notimestamps|>", *(f"<|{at / 50:.2f}|>" for at in range(1501))]
    tokenizer.add_special_tokens([AddedToken(one, special=True) for one in marks])
    return tokenizer


def _fill(spec: Any, words: int) -> None:
    dice = numpy.random.default_rng(1)

    def put(layer: Any, *shape: int) -> None:
        layer.weight = (dice.normal(0, 0.05, shape)).astype(numpy.float32)
        if not hasattr(layer, "multiply_by_sqrt_depth"):
            layer.bias = numpy.zeros(shape[0], numpy.float32)

    def norm(layer: Any) -> None:
        layer.gamma, layer.beta = (
            numpy.ones(WIDTH, numpy.float32),
            numpy.zeros(WIDTH, numpy.float32),
        )

    def attention(layer: Any, *parts: int) -> None:
        norm(layer.layer_norm)
        for linear, part in zip(layer.linear, parts, strict=True):
            put(linear, part * WIDTH, WIDTH)

    def rest(layer: Any) -> None:
        norm(layer.ffn.layer_norm)
        put(layer.ffn.linear_0, 4 * WIDTH, WIDTH)
        put(layer.ffn.linear_1, WIDTH, 4 * WIDTH)

    put(spec.encoder.conv1, WIDTH, MELS, 3)
    put(spec.encoder.conv2, WIDTH, WIDTH, 3)
    for part, length in ((spec.encoder, 1500), (spec.decoder, 448)):
        part.position_encodings.encodings = dice.normal(0, 0.05, (length, WIDTH)).astype("float32")
        norm(part.layer_norm)
        attention(part.layer[0].self_attention, 3, 1)
        rest(part.layer[0])
    attention(spec.decoder.layer[0].attention, 1, 2, 1)
    put(spec.decoder.embeddings, words, WIDTH)
    put(spec.decoder.projection, words, WIDTH)
