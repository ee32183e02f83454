"""What a message changes of a bill that was read: "total 4130 hai, category petrol, kal ka hai".

A message comes apart at commas, "aur", and where the name of another field begins; each part
changes one field. A part that says that a field is wrong, and not what is right, has it asked.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import pairwise
from typing import Any

from rasa_sdk.executor import CollectingDispatcher

from actions.context import Turn
from actions.entities import method_of
from actions.forms.draft import Draft
from actions.forms.intents import WRITES
from actions.lexicon import only, says, where, words
from actions.payments.taking_back import last_written
from actions.purchases.billed import reverse_said
from actions.purchases.vendors import vendor_named
from actions.reading.money import amounts_said
from actions.reading.parts import part_of, said_in
from actions.reading.said import bare_text
from erp_core.expenses.categories import OTHER, guess_category
from erp_core.kernel.clauses import Span, clauses
from erp_core.kernel.errors import Invalid
from erp_core.kernel.hindi_dates import parse_period
from erp_core.kernel.hindi_numbers import parse_amount
from erp_core.kernel.money import from_decimal
from erp_core.parties.permissions import Permission
from erp_core.parties.queries import business
from erp_core.receipts.credit import by_head, within
from erp_core.receipts.queries import habit
from erp_core.tax import gstin as gstins

HEADS = ("cgst", "sgst", "igst", "cess")
CUES = {
    "gst": "gst_words", "number": "receipts.number", "amount": "receipts.total",
    "category": "receipts.category", "vendor": "receipts.vendor", "on": "receipts.day",
    "item": "receipts.item",
}  # fmt: skip
"""The words by which each field of a bill is called."""

OF_OTHERS = frozenset({"customer_name", "product_name", "person", "group", "order_id"})
"""Entities of a message that is not about the bill, unless it names a field of it."""

FEW_WORDS = 4
MOST_WORDS_AGAIN = 16
"""A correction of more words tells something of its own."""

MOST_WORDS = 6
"""So many words a part has at most that changes a bill without naming what."""

LONGEST_NAME = 60
LONGEST_ITEM = 100
_FIGURES = r"\d[\d,]*(?:\.\d{1,2})?"
_FIGURE = re.compile(_FIGURES)
_DENIED = re.compile(rf"({_FIGURES})\s*(?:rs\.?|rupaye|₹)?\s*(?:nahi|nahin|nhi|not|नहीं)\b", re.I)
_SHARE = re.compile(r"(\d{1,2}(?:\.\d{1,2})?)\s*(?:%|percent|per cent|pratishat|taka\b)", re.I)
_NUMBER = re.compile(r"[A-Za-z0-9][A-Za-z0-9/-]*\d[A-Za-z0-9/-]*|\d+")
_PAYS = re.compile(r"\b(?:ko|se|ne|को|से|ने)\b.*\d", re.I)
_WORD = re.compile(r"\S+")
_ENDS = " \t.,:;=-–।"


@dataclass
class Change:
    """A part of a message, and the bill that it may change. asked: the field that it may answer."""

    turn: Turn
    draft: Draft
    asked: str | None

    def names(self, field: str) -> bool:
        """Whether the part calls a field by its name."""
        return says(self.turn.words, CUES[field])

    def settle(self, field: str) -> bool:
        """The field is sure now."""
        self.draft["ask"] = [one for one in self.draft["ask"] if one != field]
        return True


def take(turn: Turn, draft: Draft) -> bool:
    """Take what a message changes of the bill; whether it changed anything.

    What speaks of somebody, of goods, or asks something is about other things, whatever numbers it
    holds: "iPhone 15 ka stock kitna hai", "Ravi ne 500 diye".
    """
    if not turn.words or turn.is_not_words or says(turn.words, "asking"):
        return False
    trial = Draft(draft.id, draft.form, deepcopy(draft.data), None)
    asked, taken, left, goods = _asked(draft), 0, [], False
    for span in _spans(turn.text):
        part = part_of(turn, span)
        if _is_of_others(part, asked):
            return False
        if goods and not names_a_field(part):
            trial["item"] = f"{trial['item']}, {_content(part)}"[:LONGEST_ITEM]
            continue
        wrong = _take_part(Change(part, trial, asked))
        goods = says(part.words, CUES["item"])
        if wrong is None:
            left.append(span)
        else:
            asked, taken = wrong or None, taken + 1
    if not taken:
        return False
    if trial["vendor"] != draft["vendor"] and trial["category"] == draft["category"]:
        follow_vendor(turn, trial)
    draft.data, draft.pending = trial.data, trial.pending
    if left:
        turn.say("utter_receipt_part_left", said=said_in(turn, left))
    return True


def follow_vendor(turn: Turn, draft: Draft) -> None:
    """The category that this vendor's bills have had."""
    if not draft["vendor"]:
        return
    with turn.read() as reader:
        before = habit(reader, vendor=draft["vendor"], gstin=None)
    if before is not None:
        draft["category"] = before.category
    elif draft["category"] in (None, OTHER):
        draft["category"] = guess_category(draft["vendor"])


def names_a_field(turn: Turn) -> bool:
    """Whether a message calls some field of a bill by its name."""
    return any(says(turn.words, cue) for cue in CUES.values()) or bool(reverse_said(turn.text))


def bill_again(turn: Turn) -> dict[str, Any] | None:
    """The bill that was written just before, or shown beside what is being written, where a message
    changes it: "category petrol", "nahi, total 4130 tha"."""
    recent, last = turn.slots.get("recent") or {}, last_written(turn)
    if not recent.get("bill") or turn.metadata.get("kind") == "button":
        return None
    card: dict[str, Any] = json.loads(recent["bill"])
    was_shown = recent.get("of") == "bill"
    was_written = last is not None and card["corrects"] == last["id"]
    if not (was_shown or was_written) or len(turn.words) > MOST_WORDS_AGAIN or not turn.is_user:
        return None
    if says(turn.words, "receipts.request") or not turn.may(Permission.WRITE_VOUCHERS):
        return None
    others = any(one.name in OF_OTHERS for one in turn.entities)
    if (others and not says(turn.words, "receipts.seller")) or not _corrects(turn):
        return None
    quiet = replace(turn, dispatcher=CollectingDispatcher())
    trial = Draft("", "", deepcopy(card))
    return card if names_a_field(turn) and take(quiet, trial) and trial.data != card else None


def _corrects(turn: Turn) -> bool:
    """Whether a message is short, or worded as a correction: "nahi, total 4130 tha"."""
    cues = ("negation", WRONG, "no_item", "undoing.was")
    return len(turn.words) <= FEW_WORDS or any(says(turn.words, cue) for cue in cues)


def without_tax(draft: Draft) -> None:
    """No tax on the bill."""
    for head in HEADS:
        draft["receipt"][head] = 0


# A message in parts


def _asked(draft: Draft) -> str | None:
    asked = draft["asked"] or {}
    return "category" if asked.get("kind") == "edit" else asked.get("field")


def _is_of_others(part: Turn, asked: str | None) -> bool:
    """Whether a part is about somebody or some goods."""
    others = {one.name for one in part.entities} & OF_OTHERS
    if asked == "vendor" or says(part.words, CUES["vendor"]) or says(part.words, CUES["item"]):
        return False
    named = names_a_field(part) or gstins.IN_TEXT.search(part.text)
    if named or guess_category(_content(part)) != OTHER:
        others -= {"product_name"}
    return bool(others)


def _spans(text: str) -> list[Span]:
    """Where the parts of a message stand; one that names a field and no more goes with the next."""
    spans: list[Span] = []
    for clause in clauses(text):
        for start, end in _by_cues(text, clause):
            if spans and _is_bare_cue(text[slice(*spans[-1])]):
                spans[-1] = (spans[-1][0], end)
            else:
                spans.append((start, end))
    return spans


def _is_bare_cue(text: str) -> bool:
    """ "Total" by itself: its figure is in the part that follows."""
    said = [one for one in words(text) if not only([one], "filler")]
    named = any(says(words(text), cue) for cue in CUES.values())
    single = all(any(says([one], cue) for cue in CUES.values()) for one in said)
    return named and single and not says(words(text), "negation")


def _by_cues(text: str, clause: Span) -> list[Span]:
    """A clause cut where the name of another field begins, or where it ends if what it says stands
    before it: "4130 total Mehta Fuels dukaan"."""
    start, end = clause
    tokens = [(one.start() + start, one.end() + start) for one in _WORD.finditer(text[start:end])]
    folded = [words(text[a:b]) for a, b in tokens]
    named = _named_in(folded)
    if len({field for _, _, field in named}) < 2:
        return [clause]
    first = named[0][0]
    value_first = any(not only(one, "filler") for one in folded[:first])
    cuts = []
    for (_, behind, field), (at, _, other) in pairwise(named):
        if field != other:
            cuts.append(tokens[behind if value_first else at][0])
    edges = [start, *cuts, end]
    return list(pairwise(edges))


def _named_in(folded: list[tuple[str, ...]]) -> list[tuple[int, int, str]]:
    """(first token, token behind, field) of each name of a field, from the left."""
    found, at = [], 0
    while at < len(folded):
        longest = (0, "")
        for size in (3, 2, 1):
            said = tuple(word for one in folded[at : at + size] for word in one)
            field = next((one for one, cue in CUES.items() if _is_cue(said, cue)), None)
            if field and at + size <= len(folded):
                longest = (size, field)
                break
        if longest[0]:
            found.append((at, at + longest[0], longest[1]))
        at += longest[0] or 1
    return found


def _is_cue(said: tuple[str, ...], cue: str) -> bool:
    place = where(said, cue)
    return place == (0, len(said))


# One part


def _take_part(change: Change) -> str | None:
    """Take one part: the field that it calls wrong without more, "" when it is taken, None when it
    says nothing of the bill."""
    if any(step(change) for step in _STEPS):
        return ""
    return _take_wrong(change)


def _take_gstin(change: Change) -> bool:
    """ "GSTIN 27AAACG1234F1Z4 hai": the seller's, or ours where it is ours."""
    found = gstins.IN_TEXT.search(change.turn.text)
    if found is None:
        return False
    number = found[0].upper()
    if not gstins.is_valid(number):
        change.turn.say("error_bad_gstin")
        return True
    with change.turn.read() as reader:
        own = business(reader).gstin
    change.draft["receipt"]["buyer_gstin" if number == own else "vendor_gstin"] = number
    return True


def _take_reverse(change: Change) -> bool:
    """ "RCM hai": its tax is ours to pay, and none of it stands on the bill."""
    if not reverse_said(change.turn.text):
        return False
    change.draft["reverse"] = not says(change.turn.words, "negation")
    if change.draft["reverse"]:
        without_tax(change.draft)
    return change.settle("gst")


def _take_tax(change: Change) -> bool:
    """ "GST nahi hai", "GST 630", "CGST 315 SGST 315", "GST 18%"."""
    if not change.names("gst"):
        return False
    text, bill = _kept(change.turn.text), change.draft["receipt"]
    named = {head: paise for head in HEADS if (paise := _behind(text, head)) is not None}
    if not named and (whole := _whole_tax(change, text)):
        named = by_head(whole, between_states=bool(bill["igst"]))
    if not named and (change.names("amount") or not says(change.turn.words, "negation")):
        return False
    without_tax(change.draft)
    bill.update(named)
    return change.settle("gst")


def _whole_tax(change: Change, text: str) -> int | None:
    """All of the tax, as an amount or as a rate within the bill's total."""
    share, total = _SHARE.search(text), change.draft["amount"]
    if share and total:
        return within(total, Decimal(share[1]))
    return _behind(text, "gst") or _behind(text, "tax") or _behind(text, "जीएसटी")


def _behind(text: str, head: str) -> int | None:
    found = re.search(rf"\b{head}\b\D{{0,12}}?({_FIGURES})(?!\s*%)", text, re.I)
    return _paise(found[1]) if found else None


def _take_number(change: Change) -> bool:
    """ "bill number GP/118 hai"."""
    place = where(change.turn.words, CUES["number"])
    if place is None:
        return False
    said = [one.strip(_ENDS) for one in _content(change.turn, CUES["number"]).split()]
    found = [one for one in said if _NUMBER.fullmatch(one)]
    if not found:
        return False
    change.draft["receipt"]["number"] = found[-1]
    return True


def _take_item(change: Change) -> bool:
    """ "item A4 paper": what was bought."""
    if not change.names("item"):
        return False
    said = _content(change.turn, CUES["item"])[:LONGEST_ITEM]
    change.draft["item"] = said or change.draft["item"]
    return bool(said)


def _take_day(change: Change) -> bool:
    """ "kal ka hai", "tareekh 12/11": all of the part is a day."""
    if change.names("amount") and not change.names("on"):
        return False
    tried = (_without(change.turn, CUES["on"]), _content(change.turn, CUES["on"]))
    periods = (parse_period(one, today=change.turn.today) for one in tried if one)
    period = next(filter(None, periods), None)
    if period is None:
        return False
    if period.start > change.turn.today:
        change.turn.say("error_date_in_future")
        return True
    change.draft["on"] = period.start.isoformat()
    return change.settle("on")


def _take_method(change: Change) -> bool:
    """ "upi se diya"."""
    method = method_of(change.turn.text)
    if method is None or len(change.turn.words) > MOST_WORDS or _FIGURE.search(change.turn.text):
        return False
    if change.asked == "vendor" or change.names("vendor"):
        return False
    change.draft["method"] = method
    return True


def _take_amount(change: Change) -> bool:
    """ "total 4130 hai", "4130 hai 1180 nahi", or nothing but an amount."""
    turn = change.turn
    text = _kept(turn.text)
    figures = [(one.start(), _paise(one[0])) for one in _FIGURE.finditer(text)]
    content = _FIGURE.sub(" ", _content(replace(turn, text=text), CUES["amount"])).replace("₹", "")
    alone = not content.strip(_ENDS)
    if not alone and not change.names("amount"):
        return _take_spelt(change, content) if not figures else False
    amounts = [paise for _, paise in figures if paise]
    if amounts:
        change.draft["amount"] = amounts[-1]
        return change.settle("amount")
    return _take_spelt(change, content)


def _take_spelt(change: Change, content: str) -> bool:
    """ "Char hazaar ek sau tees"."""
    rupees = parse_amount(content.strip(_ENDS)) if content else None
    amounts = [from_decimal(rupees)] if rupees else []
    if not amounts and change.names("amount"):
        amounts = amounts_said(change.turn)
    if not amounts:
        return False
    change.draft["amount"] = amounts[-1]
    return change.settle("amount")


def _take_vendor(change: Change) -> bool:
    """ "dukaan Gupta Traders", "Gupta Traders ka bill hai"; the name alone, when it was asked."""
    turn = change.turn
    if change.names("vendor"):
        name = _content(turn, CUES["vendor"])
        if _PAYS.search(name):
            return False
        if not name and not (says(turn.words, "negation") and not says(turn.words, WRONG)):
            return False
        return _set_vendor(change, name)
    if change.asked == "vendor" and not _FIGURE.fullmatch(turn.text.strip()):
        of_money = turn.intent in WRITES and turn.first("amount") is not None
        name = _content(turn) if not of_money and bare_text(turn) else ""
        return bool(name) and _set_vendor(change, name)
    return not change.names("category") and _take_known_vendor(change)


def _take_known_vendor(change: Change) -> bool:
    """A vendor whom the shop knows, or whom the language components see."""
    turn, said = change.turn, _content(change.turn)
    if not said or len(turn.words) > MOST_WORDS or _FIGURE.search(said):
        return False
    seen = turn.value("vendor_name")
    with turn.read() as reader:
        known = vendor_named(reader, said).one
    if known is None and not (seen and words(seen) == words(said)):
        return False
    return _set_vendor(change, known.name if known else said)


def _set_vendor(change: Change, name: str) -> bool:
    change.draft["vendor"] = name[:LONGEST_NAME] or None
    return change.settle("vendor")


def _take_category(change: Change) -> bool:
    """ "category petrol", "ye petrol ka bill hai", "petrol"."""
    named, content = change.names("category"), _content(change.turn, CUES["category"])
    code = guess_category(content)
    if code == OTHER and not says(change.turn.words, "receipts.other"):
        if named and content:
            change.turn.say("utter_receipt_no_category")
        return named and bool(content)
    sure = code != OTHER and len(content.split()) <= 2 and not _FIGURE.search(content)
    if not (named or change.asked == "category" or sure):
        return False
    change.draft["category"] = code
    return True


def _take_wrong(change: Change) -> str | None:
    """ "Total galat hai": the field is asked."""
    if not says(change.turn.words, WRONG):
        return None
    field = next((one for one in CUES if change.names(one)), None)
    if field in ("amount", "on", "vendor", "gst"):
        change.draft["ask"] = [*(one for one in change.draft["ask"] if one != field), field]
        change.draft["guess"] = {**change.draft["guess"], field: None}
    elif field is not None:
        change.draft.pending = {"kind": "edit"}
    return field


WRONG = "receipts.wrong"
_STEPS: tuple[Callable[[Change], bool], ...] = (
    _take_gstin, _take_reverse, _take_tax, _take_number, _take_item, _take_day, _take_method,
    _take_amount, _take_vendor, _take_category,
)  # fmt: skip


# Words


def _kept(text: str) -> str:
    """A text without the figures that it refuses: "4130 hai 1180 nahi"."""
    bare = _DENIED.sub(" ", text)
    return bare if _FIGURE.search(bare) else text


def _content(turn: Turn, cue: str | None = None) -> str:
    """What is left of a part without the name of the field and the words around: a value."""
    said = turn.text.split()
    if cue is not None:
        place = _place(said, cue)
        if place is not None:
            before, behind = said[: place[0]], said[place[1] :]
            said = _trimmed(behind) or _trimmed(before)
    return " ".join(_trimmed(said)).strip(_ENDS)


def _place(said: list[str], cue: str) -> tuple[int, int] | None:
    """Where the name of a field stands among the words of a text."""
    for at in range(len(said)):
        for size in (3, 2, 1):
            if at + size <= len(said) and _is_cue(words(" ".join(said[at : at + size])), cue):
                return at, at + size
    return None


def _trimmed(said: list[str]) -> list[str]:
    """Words without those at their ends that only go with a value."""
    kept = list(said)
    while kept and _is_beside(kept[0]):
        kept.pop(0)
    while kept and _is_beside(kept[-1]):
        kept.pop()
    return kept


def _is_beside(word: str) -> bool:
    folded = words(word)
    return only(folded, "receipts.beside") or only(folded, WRONG)


def _without(turn: Turn, cue: str) -> str:
    return " ".join(word for word in turn.text.split() if not says(words(word), cue))


def _paise(figures: str) -> int | None:
    rupees = parse_amount(figures.replace(",", ""))
    try:
        return from_decimal(rupees) if rupees is not None and rupees > 0 else None
    except Invalid:
        return None
