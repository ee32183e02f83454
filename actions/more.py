"""More of what was just written: "ek aur", "2 packet aur" after an order or after stock came."""

from __future__ import annotations

from actions.context import Turn
from actions.entities import Line, bare_quantity
from actions.lexicon import only, says, words

FORMS = {"order": "modify_form", "stock": "stock_form"}
"""Which form writes more, by what was written last."""
MOST_WORDS = 5


def adds_to_last(turn: Turn) -> Line | None:
    """The quantity of a message that says nothing but how much more."""
    said = turn.text.split()
    if not 1 < len(said) <= MOST_WORDS or not says(turn.words, "more") or not _did(turn):
        return None
    if any(one.name not in ("quantity", "unit", "amount") for one in turn.entities):
        return None
    kept = [word for word in said if word.isdigit() or not only(words(word), "more")]
    line = bare_quantity(" ".join(kept))
    return line if line is not None and line.quantity is not None else None


def form_for_more(turn: Turn) -> str | None:
    """The form that such a message belongs to, whatever its intent; None when it is none."""
    if turn.metadata.get("kind") == "button":
        return None
    return FORMS[_did(turn)] if adds_to_last(turn) else None


def _did(turn: Turn) -> str:
    done = (turn.slots.get("recent") or {}).get("did")
    return done if done in FORMS else ""
