"""What a message says of several things, and what of it nobody took."""

from __future__ import annotations

import pytest
from rasa_sdk.executor import CollectingDispatcher

from actions.context import Turn
from actions.entities import Entity
from actions.reading.money import amounts_said
from actions.reading.parts import left_over, parts_with, refuse_minus, said_in
from erp_core.kernel.actor import Actor
from erp_core.kernel.clauses import clauses


def turn(text: str, **named: str | list[str]) -> Turn:
    """A turn of an owner; entities by name as they stand in the text, in this order."""
    entities: list[Entity] = []
    for name, values in named.items():
        at = 0
        for value in [values] if isinstance(values, str) else values:
            at = text.index(value, at)
            entities.append(Entity(name, value, start=at, end=at + len(value)))
            at += len(value)
    entities.sort(key=lambda one: one.start)
    actor = Actor("user", None, "owner")
    return Turn(
        1,
        actor,
        "hinglish",
        text,
        "inventory_update",
        entities,
        {},
        {},
        "w",
        CollectingDispatcher(),
    )


def test_a_comma_in_a_number_sets_nothing_apart() -> None:
    text = "5 maggi, 2 surf aur almirah 9,500 ki"
    assert [text[a:b].strip() for a, b in clauses(text)] == [
        "5 maggi",
        "2 surf",
        "almirah 9,500 ki",
    ]


def test_parts_without_goods_go_with_those_before() -> None:
    said = turn("5 maggi, jaldi, aur 2 surf", product_name=["maggi", "surf"])
    assert [said_in(said, [span]) for span in parts_with(said, "product_name")] == [
        "5 maggi, jaldi",
        "2 surf",
    ]


@pytest.mark.parametrize(
    ("text", "goods", "quantities", "unread"),
    [
        ("5 maggi, toordal aadha kilo", ["maggi"], ["5"], ["toordal aadha kilo"]),
        ("5 maggi aur 2 surf", ["maggi", "surf"], ["5", "2"], []),
        ("5 maggi, kal subah 10 baje bhej dena", ["maggi"], ["5"], []),
        ("sabun aaya, 48 pcs jod do", ["sabun"], ["48"], []),
    ],
)
def test_left_over(text: str, goods: list[str], quantities: list[str], unread: list[str]) -> None:
    assert left_over(turn(text, product_name=goods, quantity=quantities)) == unread


@pytest.mark.parametrize(
    ("text", "refused"),
    [("chini -5 kg", True), ("-5 kg chini", True), ("chini - 5 kg", False), ("chini-5", False)],
)
def test_a_minus_touches_its_number_and_nothing_else(text: str, refused: bool) -> None:
    said = turn(text, product_name="chini", quantity="5")
    refuse_minus(said)
    assert (said.first("quantity") is None) is refused


def test_amounts_are_counted_as_they_were_meant() -> None:
    assert amounts_said(turn("500 cash 250 upi", amount=["500", "250"])) == [50_000, 25_000]
    assert amounts_said(turn("500 nahi 600", amount=["500", "600"])) == [60_000]
    assert amounts_said(turn("do hazaar paanch sau", amount=["do hazaar", "paanch sau"])) == [
        250_000
    ]
    assert amounts_said(turn("1100 ki jagah 1000", amount=["1100", "1000"])) == [100_000]
