"""Goods that one part of a message takes off a list, while another adds to it."""

from __future__ import annotations

from rasa_sdk.executor import CollectingDispatcher

from actions.context import Turn
from actions.entities import Entity
from actions.taken_off import without_taken_off
from erp_core.kernel.actor import Actor


def turn(text: str, *goods: str) -> Turn:
    """An owner's turn that names goods, in this order."""
    entities, at = [], 0
    for one in goods:
        at = text.index(one, at)
        entities.append(Entity("product_name", one, start=at, end=at + len(one)))
        at += len(one)
    owner = Actor("user", None, "owner")
    return Turn(
        1, owner, "hinglish", text, "order_modify", entities, {}, {}, "w", CollectingDispatcher()
    )


def test_what_is_taken_off_leaves_the_list_and_the_rest_is_read():
    lines = [{"said": "surf"}, {"said": "maggi"}]
    left = without_taken_off(turn("surf hata do, colgate daal do", "surf", "colgate"), lines)
    assert lines == [{"said": "maggi"}]
    assert [one.value for one in left.entities] == ["colgate"]


def test_what_is_named_twice_is_taken_off_once():
    lines = [{"said": "surf excel"}, {"said": "maggi"}]
    text = "surf matlab surf excel hata do, colgate daal do"
    without_taken_off(turn(text, "surf", "surf excel", "colgate"), lines)
    assert lines == [{"said": "maggi"}]


def test_goods_that_are_only_taken_off_are_left_to_others():
    lines = [{"said": "surf"}, {"said": "maggi"}]
    without_taken_off(turn("surf hata do", "surf"), lines)
    assert lines == [{"said": "surf"}, {"said": "maggi"}]
