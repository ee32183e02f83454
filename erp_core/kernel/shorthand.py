"""What hurried thumbs type, written out: "rohan pd 500 csh" is "rohan paid 500 cash".

The language components know words in all their spellings, but not those that are cut short to
their first letters or bones in English, nor goods that run into the next number. Whoever takes a
message in writes it out first.
"""

from __future__ import annotations

import re

SHORT = {
    "abt": "about", "adv": "advance", "amt": "amount", "cncl": "cancel", "csh": "cash",
    "cstmr": "customer", "cust": "customer", "delvr": "deliver", "dlvr": "deliver",
    "dscnt": "discount", "dtls": "details", "frm": "from", "mnth": "month", "nxt": "next",
    "pd": "paid", "pmt": "payment", "pymnt": "payment", "pymt": "payment", "prc": "price",
    "prchs": "purchase", "purch": "purchase", "purchs": "purchase", "rcd": "received",
    "rcvd": "received", "recd": "received", "retn": "return", "rmnd": "remind",
    "rmndr": "reminder", "rtrn": "return", "snd": "send", "stk": "stock", "tdy": "today",
    "tot": "total", "ttl": "total", "udhr": "udhaar", "wht": "what", "wk": "week",
    "yday": "yesterday", "ystrdy": "yesterday",
}  # fmt: skip
_WORD = re.compile(
    r"(?<![\w'’.@/-])[^\W\d_]{2,6}(?![\w'’@/-])(?!\s+(?:ko|ne|ji|bhai|bhaiya)\b)", re.IGNORECASE
)
"""A word by itself, and not the name before "ko" and "ne": "amt ko" is Amit."""
_GOODS_IN_A_ROW = re.compile(r"(?<!\S)(?:\d{1,3}[^\W\d_]{3,}){2,}(?!\S)")
_BEFORE_A_NUMBER = re.compile(r"(?<=[^\W\d_])(?=\d)")


def written_out(text: str) -> str:
    """Return a message with its shortened words whole, and goods apart that were counted in one
    word: "2maggi1lux" → "2maggi 1lux". Capitals may be initials, and stay: "PD Sharma"."""
    apart = _GOODS_IN_A_ROW.sub(lambda found: _BEFORE_A_NUMBER.sub(" ", found[0]), text)
    return _WORD.sub(_whole, apart)


def _whole(found: re.Match[str]) -> str:
    word = found[0]
    return word if word.isupper() else SHORT.get(word.lower(), word)
