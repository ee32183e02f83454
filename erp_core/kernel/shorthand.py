"""What hurried thumbs type, written out: "rohan pd 500 csh" is "rohan paid 500 cash".

The language components know words in all their spellings, but not those that are cut short to
their first letters or bones in English, nor goods that run into the next number. Whoever takes a
message in writes it out first.
"""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

import yaml

_WORD = re.compile(
    r"(?<![\w'’.@/-])[^\W\d_]{2,6}(?![\w'’@/-])(?!\s+(?:ko|ne|ji|bhai|bhaiya)\b)", re.IGNORECASE
)
"""A word by itself, and not the name before "ko" and "ne": "amt ko" is Amit."""
_GOODS_IN_A_ROW = re.compile(r"(?<!\S)(?:\d{1,3}[^\W\d_]{3,}){2,}(?!\S)")
_OF_EACH = re.compile(r"(?<![\w./-])(\d{1,2})-\1(?=\s+[^\W\d_])")
"""So many to each: "dono ko 1-1 litre"."""
_BEFORE_A_NUMBER = re.compile(r"(?<=[^\W\d_])(?=\d)")


def written_out(text: str) -> str:
    """Return a message with its shortened words whole, and goods apart that were counted in one
    word: "2maggi1lux" → "2maggi 1lux". Capitals may be initials, and stay: "PD Sharma"."""
    text = _OF_EACH.sub(r"\1", text)
    apart = _GOODS_IN_A_ROW.sub(lambda found: _BEFORE_A_NUMBER.sub(" ", found[0]), text)
    return _WORD.sub(_whole, apart)


def _whole(found: re.Match[str]) -> str:
    word = found[0]
    return word if word.isupper() else _short().get(word.lower(), word)


@lru_cache(maxsize=1)
def _short() -> dict[str, str]:
    """Each shortened word of shorthand.yml with the whole one."""
    path = Path(__file__).with_name("shorthand.yml")
    read: dict[str, list[str]] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return {short: whole for whole, shortened in read.items() for short in shortened}
