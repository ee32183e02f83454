"""What each row of a bill is for, as a small spaCy model has learnt it (`make train-receipts`).

The model says how likely a row is the vendor's name, the date, an item, a tax, the total. It
decides nothing: its word is one more witness beside the rules. Without spaCy or a model the rules
stand alone.
"""

from __future__ import annotations

import gzip
import logging
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

from erp_core.receipts.layout import Page, Row

if TYPE_CHECKING:
    from spacy.language import Language

ROLES = (
    "vendor", "vendor_more", "place", "day", "number", "heading", "item", "sub_total", "tax",
    "rounding", "total", "tender", "other",
)  # fmt: skip
MODEL = Path(__file__).with_name("roles.bin")
MOST_ROWS = 150
MOST_WORDS = 14
MOST_FIGURES = 4
WIDTH, BUCKETS, DEPTH = 48, 700, 1

Roles = Sequence[Mapping[str, float]]
"""For each row of a page how likely it is each of ROLES; empty where nothing was learnt."""

log = logging.getLogger(__name__)
_FIGURE = re.compile(r"\d")


def roles_of(page: Page) -> Roles:
    """What the rows of a page are for; () without a model."""
    nlp = model()
    if nlp is None or not page.rows:
        return ()
    docs = [_doc(nlp, words) for words in words_of(page)]
    textcat: Any = nlp.get_pipe("textcat")
    textcat.set_annotations(docs, textcat.predict(docs))
    return [doc.cats for doc in docs]


@lru_cache(maxsize=1)
def model() -> Language | None:
    """The trained model; None where spaCy is not installed or nothing was trained."""
    if not MODEL.exists():
        return None
    try:
        nlp = blank()
        nlp.from_bytes(gzip.decompress(MODEL.read_bytes()))
    except Exception as error:
        log.warning("receipt roles are not read: %s", type(error).__name__)
        return None
    return nlp


def blank() -> Language:
    """The model before it learns: hashed words and shapes, one convolution, a softmax."""
    import spacy

    nlp = spacy.blank("xx")
    nlp.add_pipe("textcat", config={"threshold": 0.0, "model": _architecture()})
    textcat: Any = nlp.get_pipe("textcat")
    for role in ROLES:
        textcat.add_label(role)
    return nlp


def _architecture() -> dict[str, Any]:
    return {
        "@architectures": "spacy.TextCatReduce.v1",
        "exclusive_classes": True,
        "use_reduce_first": True,
        "use_reduce_last": True,
        "use_reduce_max": True,
        "use_reduce_mean": True,
        "tok2vec": {
            "@architectures": "spacy.HashEmbedCNN.v2",
            "pretrained_vectors": None,
            "width": WIDTH,
            "depth": DEPTH,
            "embed_size": BUCKETS,
            "window_size": 1,
            "maxout_pieces": 2,
            "subword_features": True,
        },
    }


def _doc(nlp: Language, words: Sequence[str]) -> Any:
    from spacy.tokens import Doc

    return Doc(nlp.vocab, words=list(words))


# What is told of a row


def words_of(page: Page) -> list[list[str]]:
    """For each row: words on where and how it stands, then its own."""
    rows = page.rows[:MOST_ROWS]
    if not rows:
        return []
    usual = median(row.height for row in rows)
    left = min(row.words[0].left for row in rows)
    right = max(row.words[-1].left + row.words[-1].width for row in rows)
    largest = max((abs(paise) for row in rows for paise in row.amounts), default=0)
    every = [abs(row.amounts[-1]) for row in rows if row.amounts]
    first_amount = next((at for at, row in enumerate(rows) if row.amounts), len(rows))
    kinds = [row.kind or "none" for row in rows]
    told = []
    for at, row in enumerate(rows):
        place = [
            f"@row{min(at, 7)}",
            f"@end{min(len(rows) - 1 - at, 7)}",
            f"@part{10 * at // len(rows)}",
            f"@body{max(-4, min(4, at - first_amount))}",
            f"@high{_step(row.height / max(1.0, usual))}",
            _stands(row, left, right),
            f"@amounts{min(len(row.amounts), 3)}",
            f"@kind_{kinds[at]}",
            f"@above_{kinds[at - 1] if at else 'start'}",
            f"@below_{kinds[at + 1] if at + 1 < len(rows) else 'end'}",
        ]
        if row.amounts:
            amount = abs(row.amounts[-1])
            place.append("@largest" if amount == largest else "@smaller")
            place.append(f"@times{min(every.count(amount), 3)}")
        told.append(place + [shaped(word.text) for word in row.words[:MOST_WORDS]])
    return told


def _step(times: float) -> int:
    """How much larger than usual, in steps of a quarter."""
    return max(-2, min(4, round((times - 1) * 4)))


def _stands(row: Row, left: int, right: int) -> str:
    start = row.words[0].left - left
    end = right - row.words[-1].left - row.words[-1].width
    wide = max(1, right - left)
    if start < 0.06 * wide:
        return "@left" if end > 0.06 * wide else "@across"
    return "@centre" if abs(start - end) < 0.12 * wide else "@right"


def shaped(word: str) -> str:
    """A word in small letters; of a figure only how it is written, of a number not even letters."""
    figures = len(_FIGURE.findall(word))
    if not figures:
        return word.lower()
    plain = _FIGURE.sub("8", word)
    return re.sub(r"[^\W\d_]", "x", plain) if figures > MOST_FIGURES else plain.lower()


def truth_of(page: Page, roles: dict[tuple[int, int], str]) -> list[str]:
    """The role of each row, from those of its words by their (left, top); "other" for strays."""
    found = []
    for row in page.rows[:MOST_ROWS]:
        of_words = [roles.get((word.left, word.top)) for word in row.words]
        known = [role for role in of_words if role is not None]
        found.append(max(set(known), key=known.count) if known else "other")
    return found
