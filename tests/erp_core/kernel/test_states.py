"""A life cycle allows what its table says and nothing else."""

from __future__ import annotations

import itertools

import pytest

from erp_core.kernel.actor import SYSTEM, Actor
from erp_core.kernel.errors import Conflict
from erp_core.kernel.states import Transitions

DOOR = Transitions(
    {"open": frozenset({"closed"}), "closed": frozenset({"open", "sold"}), "sold": frozenset()}
)


def test_every_pair_is_decided_by_the_table() -> None:
    allowed = set()
    for before, after in itertools.product(DOOR.states, repeat=2):
        try:
            DOOR.check(before, after)
            allowed.add((before, after))
        except Conflict:
            pass
    assert allowed == {("open", "closed"), ("closed", "open"), ("closed", "sold")}


def test_a_refusal_says_what_would_be_allowed() -> None:
    with pytest.raises(Conflict) as refusal:
        DOOR.check("closed", "closed")
    assert refusal.value.code == "illegal_transition"
    assert refusal.value.facts == {
        "before": "closed",
        "after": "closed",
        "allowed": ["open", "sold"],
    }


def test_an_actor_stands_by_role_or_by_kind() -> None:
    assert Actor("user", role="staff").standing == "staff"
    assert Actor("customer").standing == "customer"
    assert SYSTEM.standing == "system"
