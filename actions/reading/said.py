"""What a message says beside its entities: what it is about, or the answer that it is."""

from __future__ import annotations

import re

from actions.context import Turn
from actions.entities import Entity, without_denied
from actions.forms.intents import OF_COURTESY, QUESTIONS, UNSURE
from actions.lexicon import only, says, words

LONGEST = 4
"""A subject of more words is more likely a sentence that was not understood."""
LONGEST_REFUSAL = 7
"""So many words merely ask that something be not done."""
LONGEST_ANSWER = 60
"""So many characters answer a question at most."""

MOST_WORDS_OF_PLANS = 9

_OF_ONESELF = re.compile(
    r"(?P<stem>\S+?)(?:t[aie]+\s+h(?:u|oo|un|oon)\b|\s+rah[ai]+\s+h(?:u|oo|un|oon)\b"
    r"|(?:u|oo|aoo|w)n?g[ai]+\b|त[ाी]\s+हू[ँं]|\s+रह[ाी]\s+हू[ँं]|(?:ऊ|ू)[ँं]?ग[ाी])",
    re.IGNORECASE,
)
"""A verb as one says it of oneself: "aata hu", "jaungi", "nikal raha hoon"."""

_PAUSE = re.compile(r"[,!?]\s")

_NO_ANSWERS = frozenset({"affirm", "deny", "help", "language_change"})


def subject(turn: Turn) -> str | None:
    """The text after a quick command ("/stock iphone" → "iphone"); None otherwise."""
    command = turn.metadata.get("command")
    if not command:
        return None
    rest = turn.text.strip().split(maxsplit=1)
    if len(rest) < 2:
        return None
    kept = rest[1].strip()
    return None if only(words(kept), "stock.all") or len(kept.split()) > 2 * LONGEST else kept


def bare_text(turn: Turn) -> str | None:
    """The message itself as an answer, when it is short and no known word."""
    text = turn.text.strip()
    if not text or len(text) > LONGEST_ANSWER or turn.intent in _NO_ANSWERS:
        return None
    if turn.intent in QUESTIONS - UNSURE and len(turn.words) > 3:
        return None
    if turn.intent in OF_COURTESY and turn.is_sure:
        return None
    if turn.intent == "out_of_scope" and _PAUSE.search(text) and len(turn.words) > LONGEST:
        return None
    return None if only(turn.words, "filler") else text


def pieces_between(turn: Turn) -> list[str]:
    """What a message says beside its entities, piece by piece."""
    pieces, at = [], 0
    for entity in sorted(turn.entities, key=lambda one: one.start):
        pieces.append(turn.text[at : entity.start])
        at = max(at, entity.end)
    return [*pieces, turn.text[at:]]


def forbids(turn: Turn) -> bool:
    """Whether a message asks for nothing but that something be not done: "kurti mat hatao"."""
    if not turn.text or turn.is_not_words or turn.first("quantity") or turn.first("amount"):
        return False
    said = words(" | ".join(pieces_between(turn)))
    return says(said, "do_not") and len(turn.words) <= LONGEST_REFUSAL


def denies(turn: Turn) -> bool:
    """Whether a message says no to something; a "na" at its end asks to be agreed with."""
    said = turn.words[:-1] if only(turn.words[-1:], "tag") else turn.words
    return says(said, "negation")


def asks_to_wait(turn: Turn) -> bool:
    """ "Ek minute ruko" refuses nothing, and says nothing yet."""
    if not says(turn.words, "wait") or len(turn.words) > LONGEST or turn.is_not_words:
        return False
    if any(one.isdigit() for one in turn.text):
        return False
    return not any(one.name not in ("quantity", "date", "unit") for one in turn.entities)


def tells_own_plans(turn: Turn) -> bool:
    """ "Main shaam ko aata hu", "kal le jaunga": the writer speaks of itself alone, and asks
    nothing."""
    if turn.is_not_words or not 0 < len(turn.words) <= MOST_WORDS_OF_PLANS or "?" in turn.text:
        return False
    if any(one.name not in ("date", "quantity", "unit") for one in turn.entities):
        return False
    if any(says(turn.words, one) for one in ("asking", "negation", "own_doings_with_money")):
        return False
    found = _OF_ONESELF.search(turn.text)
    return found is not None and only(words(found["stem"]), "own_doings")


def lets_stay(turn: Turn) -> bool:
    """Whether goods shall stay where they are: "maggi mat hatao"."""
    return says(turn.words, "let_stay") and turn.first("quantity") is None


def says_goods_came(turn: Turn) -> bool:
    """Whether goods are said to have come to the shop: "20 frooti aaye"."""
    if turn.first("product_name") is None or turn.first("quantity") is None:
        return False
    said = words(" | ".join(pieces_between(turn)))
    return says(said, "stock.arrived") and not says(said, "wanting")


def is_finished(turn: Turn) -> bool:
    """ "Maggi khatam" is a count of none; "khatam hone wali hai" and a question are not."""
    said = words(" | ".join(pieces_between(turn)))
    told = says(said, "stock.not_to_be_had") or says(said, "stock.none_left")
    if turn.is_user and told:
        return "?" not in turn.text and not says(said, "buying.question")
    open_still = says(said, "asking") or says(said, "negation") or says(said, "stock.running_out")
    return says(said, "stock.finished") and not open_still and "?" not in turn.text


def spoils_goods(turn: Turn) -> bool:
    """Whether counted goods are said to have gone bad, or to be lost: a matter of stock, whatever
    is written."""
    if turn.first("product_name") is None or turn.first("quantity") is None:
        return False
    said = words(" | ".join(pieces_between(turn)))
    return says(said, "stock.damage") or says(said, "stock.lost")


def denied_entities(turn: Turn) -> list[Entity]:
    """The entities of the message without those that it names only to refuse them."""
    return without_denied(turn.text, turn.entities)
