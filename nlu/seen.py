"""What the field sees of each piece of a message: the piece, those beside it, and the lists."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain

from erp_core.kernel.hindi_numbers import is_number_word
from erp_core.kernel.known_names import KnownNames
from nlu.text import Piece, folded, script_of, skeleton

Features = dict[str, float]

STEPS = (-3, -2, -1, 1, 2, 3)
"""So far a piece sees others."""
MOST_WORDS = 4096
"""Words of which it is remembered what is seen of them."""

_WORD_START = re.compile(r"[A-Z]")


@dataclass(frozen=True, eq=False)
class Seen:
    """What a piece gives to its own row, and to those of others that it stands beside."""

    word: str
    kind: str
    shape: str
    alone: tuple[str, ...]
    beside: Mapping[int, tuple[str, ...]]


@dataclass
class View:
    """What the field sees of a message before it knows what the message is about.

    `amid` has for each piece what it is among the others and in the lists. A piece's row is made
    of that, of what is seen of it alone, and of what those beside it give.
    """

    pieces: Sequence[Piece]
    seen: list[Seen]
    listed: list[frozenset[str]]
    amid: list[list[str]]

    def rows(self) -> list[Features]:
        """Return the row of each piece."""
        return [dict.fromkeys(self._names(here), 1.0) for here in range(len(self.pieces))]

    def told(self, intents: Mapping[str, float]) -> list[Features]:
        """Return the rows with what the intents and their probabilities add."""
        likely = {likely_name(name): probability for name, probability in intents.items()}
        more = self.of_intent(intents)
        return [
            {**row, **likely, **dict.fromkeys(names, 1.0)}
            for row, names in zip(self.rows(), more, strict=True)
        ]

    def of_intent(self, intents: Mapping[str, float]) -> list[list[str]]:
        """Return what each piece is beside the likeliest intent."""
        if not intents:
            return [[] for _ in self.seen]
        best = max(intents, key=lambda name: intents[name])
        words = [f"intent|word={best}|{one.word}" for one in self.seen]
        more = [
            [
                f"intent|kind={best}|{one.kind}",
                word,
                *(f"intent|listed={best}|{name}" for name in names),
            ]
            for one, word, names in zip(self.seen, words, self.listed, strict=True)
        ]
        for names, before in zip(more[1:], words, strict=False):
            names.append(f"-1:{before}")
        for names, after in zip(more, words[1:], strict=False):
            names.append(f"1:{after}")
        return more

    def _names(self, here: int) -> Iterator[str]:
        beside = (
            self.seen[here + step].beside[step]
            for step in STEPS
            if 0 <= here + step < len(self.seen)
        )
        return chain(self.seen[here].alone, self.amid[here], *beside)


def likely_name(intent: str) -> str:
    """Return the name under which every row has the probability of an intent."""
    return f"intent={intent}"


def view(
    pieces: Sequence[Piece],
    listed: Sequence[frozenset[str]],
    own_names: KnownNames | None = None,
) -> View:
    """Return what the field sees of each piece.

    `listed`: the lists in which each stands; `own_names` are the shop's own.
    """
    known = list(listed)
    if own_names is not None:
        _add_own_names(known, pieces, own_names)
    seen = [_seen(piece.text, piece.kind, piece.normal) for piece in pieces]
    return View(pieces, seen, known, _amid(pieces, seen, known))


def _add_own_names(
    listed: list[frozenset[str]], pieces: Sequence[Piece], own_names: KnownNames
) -> None:
    indexes = [i for i, piece in enumerate(pieces) if piece.kind != "symbol"]
    marks = own_names.marks([folded(pieces[i].text) for i in indexes])
    for index, found in zip(indexes, marks, strict=True):
        if found:
            listed[index] = listed[index].union(f"own:{mark}" for mark in found)


def _amid(
    pieces: Sequence[Piece], seen: Sequence[Seen], listed: Sequence[Collection[str]]
) -> list[list[str]]:
    """Return what each piece is among the others and in the lists."""
    words = ["edge", *(one.word for one in seen), "edge", "edge"]
    rows: list[list[str]] = []
    for here, one in enumerate(seen):
        row = [one.shape if here else f"{one.shape}^"]
        if here:
            before, word = seen[here - 1], words[here]
            row += (
                f"-1:kinds={before.kind}~{one.kind}",
                f"-1:words={one.word}~{word}",
                f"-1:two={word}~{words[here - 1]}",
            )
            if pieces[here - 1].end == pieces[here].start:
                rows[-1].append("glued on")
                row += ("glued", f"glued={before.kind}~{one.kind}")
        else:
            row.append("-1:edge")
        if here + 1 < len(seen):
            after, word = seen[here + 1], words[here + 2]
            row += (
                f"1:kinds={one.kind}~{after.kind}",
                f"1:words={one.word}~{word}",
                f"1:two={word}~{words[here + 3]}",
            )
            if here:
                row.append(f"around={words[here]}~{word}")
        else:
            row.append("1:edge")
        rows.append(row)
    _add_lists(rows, listed)
    return rows


def _add_lists(rows: Sequence[list[str]], listed: Sequence[Collection[str]]) -> None:
    """Add the lists in which a piece stands to its row and to those of its neighbours."""
    for there, names in enumerate(listed):
        for name in names:
            rows[there].append(f"listed={name}")
            for step in STEPS:
                if 0 <= there - step < len(rows):
                    rows[there - step].append(f"{step}:listed={name}")


@lru_cache(maxsize=MOST_WORDS)
def _seen(text: str, kind: str, normal: str) -> Seen:
    """Words come again and again, and the same is seen of them each time."""
    word = normal or text
    bones, end = skeleton(word), word[-2:]
    kind_seen = _kind(text, kind)
    alone = (
        *("bias", f"word={word}", f"bones={bones}", f"kind={kind_seen}"),
        *(f"start2={word[:2]}", f"start3={word[:3]}"),
        *(f"end2={end}", f"end3={word[-3:]}", f"end4={word[-4:]}", f"script={script_of(text)}"),
    )
    far = f":word={word}", f":kind={kind_seen}"
    near = *far, f":bones={bones}", f":end={end}"
    beside = {
        step: tuple([f"{step}{name}" for name in (near if abs(step) == 1 else far)])
        for step in STEPS
    }
    return Seen(word, kind_seen, f"shape={_shape(text, kind)}", alone, beside)


def _kind(text: str, kind: str) -> str:
    if kind == "number":
        return "number"
    if kind == "symbol":
        return f"symbol{text}"
    return "numberword" if is_number_word(text) else "word"


def _shape(text: str, kind: str) -> str:
    if kind == "number":
        return f"{min(len(text), 11)}{'.' if '.' in text else ''}"
    if text.isupper():
        return "X" if len(text) > 1 else "x1"
    return "Xx" if _WORD_START.match(text) else "x"
