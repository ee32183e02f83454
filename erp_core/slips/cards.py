"""A visiting card: who it is, of which business, the number and the GSTIN."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from erp_core.kernel.errors import Invalid
from erp_core.parties.names import normal_phone
from erp_core.receipts import names
from erp_core.receipts.layout import Page, Row
from erp_core.slips import cues
from erp_core.slips.page import Card

MOST_ROWS = 16
MOST_PHONES = 3
LONGEST_ADDRESS = 140
LONGEST_NAME = 60
MOST_WORDS = 4
CLEAR = 0.6
"""How sure an engine must be of a row for it to name somebody."""

_PHONE = re.compile(r"(?<!\d)(?:\+?\s?91[\s-]{0,2}|0)?([6-9](?:[\s-]?\d){9})(?!\d)")
_PIN = re.compile(r"(?<!\d)[1-9]\d{2}\s?\d{3}(?!\d)")
_MAIL = re.compile(r"\S+@\S+|\bwww\.|\bhttps?:|\.(?:com|in|co|net|org)\b", re.I)
_NAME = re.compile(r"[^\W\d_]+\.?(?:[ ][^\W\d_]+\.?){0,3}")
_HONORIFIC = re.compile(r"^(?:mr|mrs|ms|shri|smt|shree|dr|er|ca|श्री|श्रीमती)\.?\s+", re.I)


def card_of(pages: Sequence[Page]) -> Card | None:
    """What a card says; None where it names nobody who could be called."""
    page = max(pages, key=lambda one: one.words, default=None)
    if page is None or len(page.rows) > MOST_ROWS:
        return None
    rows = page.rows
    phones = tuple(dict.fromkeys(phone for row in rows for phone in phones_in(row.text)))
    seller, buyer = names.gstins(pages)
    gstin = next((one.value for one in (seller, buyer) if one.value and not one.ask), None)
    company = next((_clean(row) for row in rows if _is_company(row)), None)
    person = _person(rows, company)
    if not phones or not (person or company):
        return None
    return Card(person, company, phones[:MOST_PHONES], gstin, _address(rows))


def phones_in(text: str) -> list[str]:
    """The mobile numbers of a row, as WhatsApp writes them."""
    found = []
    for match in _PHONE.finditer(text):
        try:
            found.append(normal_phone(match[1]))
        except Invalid:
            continue
    return found


def looks_like_card(card: Card, pages: Sequence[Page]) -> bool:
    """Whether a page that names somebody is a card, and not a bill or a slip with a number on it:
    something besides the number tells who it is."""
    text = "\n".join(row.text for page in pages for row in page.rows)
    signs = (
        bool(_MAIL.search(text)),
        any(cues.says(row.text, "title") for page in pages for row in page.rows),
        bool(_PIN.search(text)) or card.address is not None,
        card.gstin is not None,
        card.person is not None and card.company is not None,
    )
    return sum(signs) >= 2


def _person(rows: Sequence[Row], company: str | None) -> str | None:
    """The row before or with a title ("Proprietor"), else the first that is a name and no more."""
    named = [row for row in rows if _is_name(row) and _clean(row) != company]
    for before, row in pairwise(rows):
        if before in named and cues.says(row.text, "title"):
            return _clean(before)
    honoured = [row for row in named if _HONORIFIC.match(row.text)]
    first = next(iter(honoured or named), None)
    return _clean(first) if first is not None else None


def _is_name(row: Row) -> bool:
    text = _HONORIFIC.sub("", row.text.strip(" .,|"))
    if (
        row.confidence < CLEAR
        or not _NAME.fullmatch(text)
        or not 1 < len(text.split()) <= MOST_WORDS
    ):
        return False
    other = ("company", "address", "contact", "title", "count", "order", "prices")
    return not any(cues.says(text, name) for name in other)


def _is_company(row: Row) -> bool:
    text = row.text
    if (
        row.confidence < CLEAR
        or phones_in(text)
        or _MAIL.search(text)
        or cues.says(text, "address")
        or _PIN.search(text)
    ):
        return False
    return cues.says(text, "company") and not cues.says(text, "contact")


def _address(rows: Sequence[Row]) -> str | None:
    parts = [
        _clean(row, LONGEST_ADDRESS)
        for row in rows
        if (cues.says(row.text, "address") or _PIN.search(row.text))
        and not phones_in(row.text)
        and not _MAIL.search(row.text)
        and not _is_company(row)
    ]
    return ", ".join(parts)[:LONGEST_ADDRESS] or None


def _clean(row: Row, longest: int = LONGEST_NAME) -> str:
    return " ".join(_HONORIFIC.sub("", row.text).split()).strip(" .,|-:")[:longest]
