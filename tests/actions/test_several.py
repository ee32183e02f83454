"""Which clauses of a message are wishes of their own, and which belong together."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from actions import several
from actions.context import Turn
from actions.entities import Entity
from erp_core.kernel.actor import Actor

CLAUSES = YAML(typ="safe").load(Path(__file__).with_name("clauses.yml").read_text(encoding="utf-8"))


def clause(said: str) -> Turn:
    intent, _, marked = said.partition(": ")
    text, entities = "", list[Entity]()
    for piece, value, kind in re.findall(r"([^\[]*)(?:\[([^\]]+)\]\(([a-z_]+)\))?", marked):
        text += piece
        if value:
            entities.append(Entity(kind, value, start=len(text), end=len(text) + len(value)))
            text += value
    who = Actor("user", None, "owner")
    return Turn(1, who, "hinglish", text, intent, entities, {}, {}, "r", None)  # type: ignore[arg-type]


def heads(clauses: Sequence[str]) -> list[str]:
    carried = several._carrying_on([clause(one) for one in clauses])
    return [head.intent for head, _ in several._apart(carried)]


@pytest.mark.parametrize("clauses", CLAUSES["apart"])
def test_whole_wishes_come_apart(clauses: list[str]) -> None:
    assert heads(clauses) == [one.partition(":")[0] for one in clauses]


@pytest.mark.parametrize("clauses", CLAUSES["together"])
def test_what_belongs_together_stays(clauses: list[str]) -> None:
    assert len(heads(clauses)) < 2


def test_goods_that_are_left_out_are_those_before() -> None:
    said = (
        "inventory_update: [20](quantity) [dudh](product_name) aaya",
        "inventory_update: [3](quantity) kharab nikle",
    )
    came, lost = several._carrying_on([clause(one) for one in said])
    assert [one.value for one in lost.entities] == ["dudh", "3"]
    assert came.entities[1].end == len(came.text) - len(" aaya")


def test_the_period_of_one_question_is_that_of_the_next() -> None:
    said = (
        "report_request: [aaj](date) kitna [becha](report_type)",
        "report_request: kitna [kharcha](report_type) hua",
    )
    later = several._carrying_on([clause(one) for one in said])[1]
    assert [(one.name, one.value) for one in later.entities] == [
        ("date", "aaj"),
        ("report_type", "kharcha"),
    ]


def test_whoever_is_spoken_of_was_named_before() -> None:
    money = clause("payment_record: [Bhanwar](customer_name) se [1000](amount) mile")
    goods = clause("order_create: usko [2](quantity) [chai](product_name) de di")
    assert several._with_whom(goods, [money]).value("customer_name") == "Bhanwar"
