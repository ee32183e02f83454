"""What hurried thumbs type, written out: "rohan pd 500 csh" is "rohan paid 500 cash".

The language components know words in all their spellings, but not those that are cut short to
their first letters or bones in English, nor goods that run into the next number; and what numbers
the lines of a list they would take for a count. Whoever takes a message in writes it out first.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
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
_MARK = re.compile(r"(?:^|(?<=[\s:,;]))\(?(\d{1,2})(?:\.(?!\d)|\)|\ufe0f?\u20e3)[^\S\n]*")
"""What may number a thing of a list: "2.", "(2)", a key with a two."""
_BEFORE_A_NUMBER = re.compile(r"(?<=[^\W\d_])(?=\d)")
LONGEST_INITIALS = 2
"""So many capitals may be initials where all of a message is written in them."""
FEWEST_LISTED = 2
"""Things that make a list."""


def written_out(text: str) -> str:
    """Return a message with its shortened words whole, goods apart that were counted in one word,
    "2maggi1lux" → "2maggi 1lux", and lists without their numbers, "1. atta 2. maggi 4" → "atta,
    maggi 4". Capitals among other letters may be initials, and stay: "PD Sharma"."""
    while marks := _numbers_of_list(text):
        text = _without(text, marks)
    text = _OF_EACH.sub(r"\1", text)
    apart = _GOODS_IN_A_ROW.sub(lambda found: _BEFORE_A_NUMBER.sub(" ", found[0]), text)
    shouted = apart.isupper()
    return _WORD.sub(lambda found: _whole(found[0], shouted=shouted), apart)


def _numbers_of_list(text: str) -> list[re.Match[str]]:
    """What numbers a list from one upwards, at the start of a line or with a number in each thing:
    "maggi 1. chini 2. surf 3" counts."""
    marks: list[re.Match[str]] = []
    for one in _MARK.finditer(text):
        if int(one[1]) == len(marks) + 1:
            marks.append(one)
    if len(marks) < FEWEST_LISTED:
        return []
    ends = [one.start() for one in marks[1:]] + [len(text)]
    things = [text[one.end() : end] for one, end in zip(marks, ends, strict=True)]
    before = text[: marks[0].start()].rpartition("\n")[2].strip()
    counted = all(any(letter.isdigit() for letter in one) for one in things)
    listed = not before or before.endswith(":") or counted
    return marks if listed and things[-1].strip() else []


def _without(text: str, marks: Sequence[re.Match[str]]) -> str:
    for one in reversed(marks):
        before = text[: one.start()]
        goes_on = before.strip() and before.rstrip(" \t")[-1] not in "\n:,;.?!।"
        joined = f"{before.rstrip()}, " if goes_on else before
        text = joined + text[one.end() :]
    return text


def _whole(word: str, *, shouted: bool) -> str:
    stays = word.isupper() and not (shouted and len(word) > LONGEST_INITIALS)
    return word if stays else _short().get(word.lower(), word)


@lru_cache(maxsize=1)
def _short() -> dict[str, str]:
    """Each shortened word of shorthand.yml with the whole one."""
    path = Path(__file__).with_name("shorthand.yml")
    read: dict[str, list[str]] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return {short: whole for whole, shortened in read.items() for short in shortened}
