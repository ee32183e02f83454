"""What those who write in the tongue of their region say around names and goods: "saar 2 meals",
"Priya maam ku", "5 ta kurti", "glass cha bill"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache

from actions.entities import Entity, number_of
from actions.lexicon import only, plain_words, words

WHO = frozenset({"customer_name", "vendor_name", "person"})


def yes_or_no(text: str) -> str | None:
    """The intent of a message that is nothing but a yes or a no of some region: "seri", "beda"."""
    said = _plain(text)
    if not said:
        return None
    for intent in ("affirm", "deny"):
        if " ".join(said) in plain_words(f"regional.{intent}"):
            return intent
        if set(said) <= plain_words(f"regional.{intent}") | plain_words("regional.address"):
            return intent if set(said) & plain_words(f"regional.{intent}") else None
    return None


def speaks(text: str, entry: str) -> bool:
    """Whether a text holds a regional word: speaks("murugan 200 kuduthan", "gave")."""
    return not plain_words(f"regional.{entry}").isdisjoint(_plain(text))


def without_regional(text: str, entities: Sequence[Entity]) -> list[Entity]:
    """The entities without those that only address Bahi, or are a word for "of" or "is" that was
    taken for six; names and goods without what stands around them in place of "ko" and "do"."""
    found = []
    for one in entities:
        none = (_refuses(one), _addresses(text, one), _is_no_six(text, one, entities))
        if not one.end or any(none) or _counts_by_one(text, one):
            found += [] if one.end else [one]
        else:
            found.append(_bare(text, one))
    return found


def _refuses(one: Entity) -> bool:
    """Whether what was taken for a name is nothing but a no, what shall be done, or money and when
    it comes: "illa illa", "serisi", "duddu naale"."""
    said = set(_plain(one.value))
    return one.name in WHO and bool(said) and said <= _no_names()


@cache
def _no_names() -> frozenset[str]:
    plainly = (f"regional.plainly.{one}" for one in ("kal", "aaj", "paise"))
    entries = ("regional.deny", "regional.behind_goods", *plainly)
    return frozenset().union(*(plain_words(one) for one in entries))


def _addresses(text: str, one: Entity) -> bool:
    """Whether a name or goods at the beginning are how Bahi is spoken to: "anna 4 idli"."""
    if one.name not in WHO | {"product_name"} or not only(words(text[: one.start]), "filler"):
        return False
    behind = words(text[one.end :])[:1]
    held = behind and (only(behind, "behind_a_name") or behind[0] in plain_words(_BEHIND_NAMES))
    return set(_plain(one.value)) <= plain_words("regional.address") and not held


def _is_no_six(text: str, one: Entity, entities: Sequence[Entity]) -> bool:
    """Whether "cha" or "che" counts nothing: behind goods or a name, or beside a regional question,
    and not before goods or a unit of which there may be six."""
    if one.name != "quantity" or not set(_plain(one.value)) <= plain_words("regional.of_or_is"):
        return False
    if speaks(text, "asking"):
        return True
    behind = any(
        e.name in ("product_name", "unit") and 0 <= e.start - one.end <= 1 for e in entities
    )
    before = any(e.name in WHO | {"product_name"} and 0 <= one.start - e.end <= 1 for e in entities)
    return before and not behind


def _counts_by_one(text: str, one: Entity) -> bool:
    """Whether a unit is the word behind a number that no goods are measured in: "tin te idli"."""
    by_one = one.name == "unit" and one.value.lower() in plain_words("regional.before_goods")
    return by_one and _is_counted(text, one)


def _is_counted(text: str, one: Entity) -> bool:
    before = text[: one.start].split()[-1:]
    return bool(before) and number_of(Entity("quantity", before[0])) is not None


def _bare(text: str, one: Entity) -> Entity:
    if one.name in WHO:
        return _cut(one, 0, _at_the_end(one, _BEHIND_NAMES))
    if one.name != "product_name":
        return one
    counts = one.value.split()[0].lower() in plain_words("regional.before_goods")
    first = counts and _is_counted(text, one)
    last = max(_at_the_end(one, behind) for behind in ("regional.behind_goods", "hurried_days"))
    return _cut(one, int(bool(first)), last)


_BEHIND_NAMES = "regional.behind_names"


def _at_the_end(one: Entity, path: str) -> int:
    """How many words at the end of a name are of an entry, but for its first word."""
    said = one.value.split()
    cut = 0
    while cut < len(said) - 1 and said[-1 - cut].lower() in plain_words(path):
        cut += 1
    return cut


def _cut(one: Entity, first: int, last: int) -> Entity:
    said = one.value.split()
    if (not first and not last) or len(said) <= first + last:
        return one
    value = " ".join(said[first : len(said) - last])
    start = one.start + (one.value.find(said[first]) if first else 0)
    return replace(one, value=value, start=start, end=start + len(value), normalized=None)


def _plain(text: str) -> list[str]:
    return [kept for word in text.lower().split() if (kept := word.strip(".,!?-…"))]
