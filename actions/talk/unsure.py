"""Messages that were not surely understood, kept masked for review where the shop allows it.

A word stays only if the training examples hold it outside of names, or if it is goods of the shop;
names of the shop's own people never stay. So nothing that is stored was ever clear text: the mask
is put on here, before any command runs.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from itertools import chain
from pathlib import Path
from typing import Any
from uuid import UUID

from actions.context import DOUBTFUL, Turn
from actions.lexicon import only, words
from erp_core.catalogue import queries as catalogue
from erp_core.journal.context import Reader
from erp_core.kernel.matching import NameIndex
from erp_core.parties import queries as parties
from erp_core.reviews import queries as reviews
from erp_core.reviews import service
from erp_core.reviews.masking import mask

EXAMPLES = Path(__file__).resolve().parents[2] / "data" / "nlu"
NAMES = frozenset({"customer_name", "person", "vendor_name", "group"})
NOT_UNDERSTOOD = "nlu_fallback"
SELDOM = 3
"""A word that is so many times oftener plain than part of a name is no name."""
STRANGE = frozenset({"out_of_scope"})
"""Intents whose examples speak of the wide world, and of its names."""

_INTENT = re.compile(r"\s*- intent: (\w+)")
_OTHER_LIST = re.compile(r"\s*- (?:lookup|synonym|regex): ")
_MARKED = re.compile(r"\[([^\]]*)\][({]\"?(?:entity\"?:\s*\"?)?(\w+)[^)}]*[)}]")


def keep_unsure(turn: Turn, message: Mapping[str, Any]) -> None:
    """Keep the message for review if it was not surely understood and the shop allows it."""
    unsure = turn.intent == NOT_UNDERSTOOD or turn.confidence < DOUBTFUL
    if not unsure or not turn.text.strip() or turn.is_not_words:
        return
    with turn.read() as reader:
        if not reviews.keeps(reader):
            return
        masked = mask(turn.text, is_everyday=_everyday_for(reader))
    ranking = [
        one for one in message.get("intent_ranking") or [] if one.get("name") != NOT_UNDERSTOOD
    ]
    guess = ranking[0] if ranking else {}
    turn.run(
        service.keep,
        key=f"{turn.reference}:review",
        masked=masked,
        intent=str(guess.get("name") or ""),
        per_mille=round(1000 * float(guess.get("confidence") or 0)),
    )


def _everyday_for(reader: Reader) -> Callable[[str], bool]:
    """Whether a word may stay as it is, in this shop."""
    people = _words_in(parties.party_names(reader, "customers"))
    people |= _words_in(parties.party_names(reader, "vendors"))
    people |= {word for user in parties.all_users(reader) for word in words(user.name)}
    known = (everyday_words() | _words_in(catalogue.product_names(reader))) - people

    def is_everyday(word: str) -> bool:
        folded = words(word)
        return bool(folded) and all(one in known for one in folded)

    return is_everyday


def _words_in(names: NameIndex[UUID]) -> set[str]:
    return set(chain.from_iterable(map(str.split, names.keys())))


@lru_cache(maxsize=1)
def everyday_words() -> frozenset[str]:
    """The folded words of the training examples that are no names, or seldom ("ko", in a group)."""
    plain: Counter[str] = Counter()
    names: Counter[str] = Counter()
    for text in _examples():
        for marked, entity in _MARKED.findall(text):
            if entity in NAMES:
                names.update(words(marked))
        kept = _MARKED.sub(lambda found: " " if found[2] in NAMES else f" {found[1]} ", text)
        plain.update(words(kept))
    return frozenset(
        word
        for word, count in plain.items()
        if count > SELDOM * names[word] or only([word], "filler")
    )


def _examples() -> Iterator[str]:
    for path in sorted(EXAMPLES.glob("*.yml")):
        intent = ""
        for line in path.read_text(encoding="utf-8").splitlines():
            if found := _INTENT.match(line):
                intent = found[1]
            elif _OTHER_LIST.match(line):
                intent = ""
            elif intent and intent not in STRANGE and line.lstrip().startswith("- "):
                yield line.lstrip()[2:]
