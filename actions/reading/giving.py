"""Money that is given to whoever was spoken of last: "usko 5000 diye"."""

from __future__ import annotations

from actions.context import Turn
from actions.entities import Entity
from actions.lexicon import every, says, where, words
from actions.match import customer_named


def gave_them(turn: Turn) -> bool:
    """Whether money went to somebody who is not named, and did not come from them: "use 5000 diye",
    and nobody's "ne" or "se" says that another gave it."""
    if not turn.is_user or turn.first("amount") is None or turn.first("product_name"):
        return False
    named = ("customer_name", "vendor_name", "person", "item")
    if any(turn.first(one) for one in named) or "ne" in turn.words or _is_from(turn.words):
        return False
    if not says(turn.words, "to_them") or says(turn.words, "negation"):
        return False
    gave = where(turn.words, "buying.gave")
    return gave is not None and not says(turn.words[gave[0] - 1 : gave[0]], "to_them")


def _is_from(said: tuple[str, ...]) -> bool:
    """Whether something came from somebody: "cash se" and "gpay se" are ways of giving."""
    pairs = zip(("", *said), said, strict=False)
    return any(word == "se" and not every(before, "methods") for before, word in pairs)


def is_trader(turn: Turn, named: Entity) -> bool:
    """ "Doodh wale", who buys nothing here: called by what he brings, in his name or behind it."""
    told = words(named.value) + words(turn.text[named.end :])[:1]
    if not says(told, "trader"):
        return False
    with turn.read() as reader:
        found = customer_named(reader, named.value)
    return found.one is None and (found.guesses or not found.options)


def pays_trader_unknown(turn: Turn) -> bool:
    """ "Doodh wale ka 4200 baaki tha, aaj 2000 de diye": what was owed to him, and is paid."""
    named = turn.first("customer_name") or turn.first("vendor_name") or turn.first("person")
    if not turn.is_user or named is None or "ne" in turn.words or turn.first("product_name"):
        return False
    paid = says(turn.words, "buying.gave") and says(turn.words, "owed_before")
    return paid and is_trader(turn, named)
