"""Whether a picture is a bill at all, and what the bill was for."""

from __future__ import annotations

import re
from collections.abc import Sequence

from erp_core.expenses.categories import OTHER, guess_category
from erp_core.receipts.bill import Kind, Line
from erp_core.receipts.layout import Page

FEW_WORDS = 6
LEAST_SIGNS = 2
"""Without an amount one sign is none: "light bill bharna" is a note."""

_PAYMENT = (
    r"upi\s?(?:transaction|txn|ref|id)",
    r"\butr\b",
    r"google\s?pay|g\s?pay|phonepe|phone pe|paytm|bhim|amazon pay",
    r"paid to|sent to|received from|payment to|transfer(?:red)? to",
    r"debited from|credited to|banking name",
    r"transaction successful|payment successful|money sent|completed|सफल",
    r"(?:google|upi) transaction id|transaction id",
    r"@(?:ok\w+|ybl|ibl|axl|paytm|upi|apl|sbi|icici|hdfc\w*)\b",
    r"\bupi\b",
    r"split expense|share screenshot|view history|send again|check balance|pay again",
)
_BILL = (
    r"invoice|receipt|cash memo|\bbill\b|बिल|रसीद",
    r"\btotal\b|कुल",
    r"\bqty\b|\brate\b|\bhsn\b|मात्रा",
    r"\b[cs]?gst(?:in)?\b|\btax\b",
    r"\bcash\b|\bchange\b|\bamount\b|राशि",
    r"litre|nozzle|\bmrp\b|batch",
)

_TRADES = {
    "fuel": r"petrol|diesel|nozzle|hpcl|bpcl|iocl|indian oil|bharat petroleum|hindustan petroleum|"
    r"fuel|pump no|पेट्रोल|डीजल",
    "medical": r"medical|pharmacy|chemist|drug|batch|dl no|d\.l\.|मेडिकल|दवा",
    "food": r"restaurant|restoran|\bhotel\b|cafe|"
    r"dhaba|kot|table no|bakery|bistro|bhojnalaya|sweets|pizza|"
    r"रेस्टोरेंट|ढाबा|भोजनालय|मिष्ठान",
    "transport": r"courier|logistics|transport|freight|docket|consignment",
    "travel": r"\btoll\b|fastag|railway|\brail\b|airlines|lodge",
    "stationery": r"stationery|stationary|xerox|printers|book(?:s|store|shop)|स्टेशनरी",
    "phone_internet": r"recharge|broadband|airtel|reliance jio|vodafone|bsnl",
    "electricity": r"electricity|vidyut|discom|bijli",
    "equipment": r"electronics|computers?|furniture",
    "repairs": r"hardware|paints?|garage|service centre|electricals?",
}


def kind_of(pages: Sequence[Page]) -> Kind:
    """What the words of all readings make the picture."""
    text = "\n".join(row.text for page in pages for row in page.rows).lower()
    words = max((page.words for page in pages), default=0)
    rows = [row for page in pages for row in page.rows]
    sure = sum(row.confidence > 0.6 and len(row.text) > 4 for row in rows) / max(1, len(pages))
    paid = sum(bool(re.search(sign, text)) for sign in _PAYMENT)
    billed = sum(bool(re.search(sign, text)) for sign in _BILL)
    if paid >= 3 and paid > billed:
        return "payment_screenshot"
    amounts = sum(len(row.amounts) for row in rows)
    if words < FEW_WORDS or (not amounts and billed < LEAST_SIGNS):
        return "no_receipt"
    if sure < 3 and not (billed and amounts):
        return "unreadable"
    if not billed and amounts < 2 * len(pages):
        return "no_receipt"
    return "receipt"


def category_of(vendor: str | None, lines: Sequence[Line], pages: Sequence[Page]) -> str | None:
    """The code of the category that the bill belongs to; None when nothing tells."""
    text = "\n".join(row.text for page in pages for row in page.rows).lower()
    counts = {code: len(re.findall(words, text)) for code, words in _TRADES.items()}
    best = max(counts, key=lambda code: counts[code])
    if counts[best]:
        return best
    for name in (vendor, *(line.text for line in lines)):
        code = guess_category(name)
        if code != OTHER:
            return code
    return None
