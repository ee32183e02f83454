"""A trained field as it serves: see `nlu.crf` for how it learns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from erp_core.kernel.known_names import KnownNames
from nlu.crf import OUTSIDE, Span, kinds
from nlu.lists import WordLists
from nlu.scores import Decoder, Numbered, Scores
from nlu.seen import view
from nlu.text import Piece, split


class Field:
    """A trained field, ready to mark messages."""

    def __init__(self, model: bytes, lists: WordLists) -> None:
        self._lists = lists
        self._scores = Scores(model)
        self._decoder = Decoder(model)

    def view(
        self,
        text: str,
        own_names: KnownNames | None = None,
        listed: Sequence[frozenset[str]] | None = None,
    ) -> Numbered:
        """Return what the field sees; `own_names` are those of the shop it was written to.

        `listed`: the lists in which each piece stands, where they are known already.
        """
        pieces = split(text)
        if listed is None:
            listed = self._lists.marks(pieces)
        return Numbered(view(pieces, listed, own_names))

    def spans(
        self,
        text: str,
        intents: Mapping[str, float],
        own_names: KnownNames | None = None,
        *,
        seen: Numbered | None = None,
    ) -> list[Span]:
        """Return the entities of `text`; `seen` is its view, when it was looked at before."""
        seen = seen or self.view(text, own_names)
        pieces = seen.view.pieces
        if not pieces:
            return []
        found = self._joined(pieces, self._decoder.best(self._scores.of(seen, intents)))
        return [_bare(span, pieces) for span in found if _says_something(span, pieces)]

    def kinds(self, seen: Numbered) -> list[str]:
        """Return the kinds of the entities in a message, in order, without knowing its intent."""
        if not seen.view.pieces:
            return []
        return kinds(self._decoder.best(self._scores.of(seen, {})))

    def _joined(self, pieces: Sequence[Piece], found: Sequence[str]) -> list[Span]:
        spans: list[Span] = []
        previous = OUTSIDE
        for index, (piece, tag) in enumerate(zip(pieces, found, strict=True)):
            if tag == OUTSIDE:
                previous = tag
                continue
            mark, entity = tag.split("-", 1)
            confidence = self._decoder.marginal(tag, index)
            if mark == "I" and previous != OUTSIDE and previous[2:] == entity:
                last = spans[-1]
                confidence = min(last.confidence, confidence)
                spans[-1] = Span(entity, last.start, piece.end, confidence)
            else:
                spans.append(Span(entity, piece.start, piece.end, confidence))
            previous = tag
        return spans


CLOSING = frozenset("%)]+")


def _says_something(span: Span, pieces: Sequence[Piece]) -> bool:
    return any(span.start <= p.start < span.end and p.kind != "symbol" for p in pieces)


def _bare(span: Span, pieces: Sequence[Piece]) -> Span:
    """Return the span without symbols at its end, which belong to the sentence."""
    end = span.end
    for piece in reversed(pieces):
        if span.start < piece.start < span.end:
            if piece.kind != "symbol" or piece.text in CLOSING:
                break
            end = max(p.end for p in pieces if p.end <= piece.start)
    return Span(span.entity, span.start, end, span.confidence)
