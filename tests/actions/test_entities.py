"""From what was said to values."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

import pytest

from actions.entities import (
    Entity,
    lines_of,
    method_of,
    number_of,
    paise_of,
    period_of,
    rates_apart,
    read_entities,
    whole_names,
    without_denied,
)

ANNOTATED = re.compile(r"\[([^\]]+)\]\(([a-z_]+)\)")


def said(text: str) -> tuple[str, list[Entity]]:
    plain, found, at = "", [], 0
    for match in ANNOTATED.finditer(text):
        plain += text[at : match.start()]
        start, end = len(plain), len(plain) + len(match[1])
        found.append({"entity": match[2], "value": match[1], "start": start, "end": end})
        plain += match[1]
        at = match.end()
    return plain + text[at:], read_entities(found)


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("[2](quantity) [iPhone](product_name)", [("iPhone", "2", None)]),
        ("[maggi](product_name) [10](quantity) [pkt](unit)", [("maggi", "10", "packet")]),
        (
            "[2](quantity) [iPhone](product_name) aur [3](quantity) [charger](product_name)",
            [("iPhone", "2", None), ("charger", "3", None)],
        ),
        (
            "[maggi](product_name) [10](quantity) [pkt](unit) [parle](product_name) [5](quantity)",
            [("maggi", "10", "packet"), ("parle", "5", None)],
        ),
        (
            "[dal](product_name) ke [10](quantity) [pkt](unit), [tel](product_name) [2](quantity)",
            [("dal", "10", "packet"), ("tel", "2", None)],
        ),
        (
            "[iPhone](product_name) aur [2](quantity) [charger](product_name)",
            [("iPhone", None, None), ("charger", "2", None)],
        ),
        ("[dhai](quantity) [kilo](unit) [चीनी](product_name)", [("चीनी", "2.5", "kg")]),
        ("[10kg](quantity) [atta](product_name)", [("atta", "10", "kg")]),
        ("[3](quantity) kar do", [(None, "3", None)]),
        ("kuch nahi", []),
    ],
)
def test_quantities_go_to_the_goods_beside_them(
    text: str, lines: list[tuple[str | None, str | None, str | None]]
) -> None:
    found = lines_of(*said(text))
    assert [(one.product, one.quantity, one.unit) for one in found] == [
        (product, Decimal(quantity) if quantity else None, unit)
        for product, quantity, unit in lines
    ]


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("[Sharma](customer_name) nahi [Gupta](customer_name)", ["Gupta"]),
        ("[Gupta](customer_name), [Sharma](customer_name) nahi", ["Gupta"]),
        ("[3](quantity) nahi [5](quantity)", ["5"]),
        ("[Sharma](customer_name) nahi", ["Sharma"]),
        ("nahi [5](quantity)", ["5"]),
    ],
)
def test_what_is_refused_is_left_out(text: str, kept: list[str]) -> None:
    assert [one.value for one in without_denied(*said(text))] == kept


def test_a_normalized_value_counts_more_than_the_words() -> None:
    entity = Entity("quantity", "do darjan", normalized="24")
    assert number_of(entity) == 24
    assert paise_of(Entity("amount", "15k", normalized="15000")) == 15_000_00


@pytest.mark.parametrize(
    ("words", "paise"), [("₹1,200", 1_200_00), ("dhai sau", 250_00), ("0", None), ("kuch", None)]
)
def test_amounts(words: str, paise: int | None) -> None:
    assert paise_of(Entity("amount", words)) == paise


@pytest.mark.parametrize(
    ("words", "method"),
    [("Google Pay", "upi"), ("nakad", "cash"), ("phonpe", "upi"), ("NEFT", "bank_transfer")],
)
def test_methods(words: str, method: str | None) -> None:
    assert method_of(words) == method


def test_a_period_from_the_language_components_or_from_the_words() -> None:
    today = date(2026, 11, 20)
    given = Entity("date", "aaj", normalized={"start": "2026-11-20", "end": "2026-11-20"})
    for entity in (given, Entity("date", "aaj")):
        period = period_of(entity, today=today)
        assert period is not None
        assert (period.start, period.end) == (today, today)
    assert period_of(None, today=today) is None


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("2 maggi 14 wali", ["quantity", "amount"]),
        ("5 kg chini 45 ke bhav", ["quantity", "amount"]),
        ("5 kilo chini 45 ke hisaab se", ["quantity", "amount"]),
        ("3 maggi 12 rs", ["quantity", "amount"]),
        ("2 rusk 4 rumal", ["quantity", "quantity"]),
        ("2 valve 3 wallet", ["quantity", "quantity"]),
    ],
)
def test_a_word_beside_a_number_makes_it_a_rate(text: str, names: list[str]) -> None:
    numbers = [
        Entity("quantity", found[0], None, found.start(), found.end())
        for found in re.finditer(r"\d+", text)
    ]
    assert [one.name for one in rates_apart(text, numbers)] == names


@pytest.mark.parametrize(
    ("behind", "name"), [("1400", "amount"), ("do", "quantity"), ("nau", "amount")]
)
def test_a_number_behind_counted_goods_is_their_rate(behind: str, name: str) -> None:
    text = f"5 saree {behind}"
    found = [
        Entity("quantity", "5", None, 0, 1),
        Entity("product_name", "saree", None, 2, 7),
        Entity("quantity", behind, None, 8, len(text)),
    ]
    assert [one.name for one in rates_apart(text, found)] == ["quantity", "product_name", name]


def test_a_period_stands_beside_a_word_that_is_no_unit() -> None:
    text = "aaj kala iphone kitne bike"
    today = Entity("date", "aaj", {"start": "2026-11-20", "end": "2026-11-20"}, 0, 3)
    black, phone = Entity("unit", "kala", None, 4, 8), Entity("product_name", "iphone", None, 9, 15)
    assert whole_names(text, [today, black, phone]) == [
        today,
        Entity("product_name", "kala iphone", None, 4, 15),
    ]
