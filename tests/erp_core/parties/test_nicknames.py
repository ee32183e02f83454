"""Customers are found by what the shop calls them, and by where they live."""

from __future__ import annotations

from uuid import UUID

import pytest

from erp_core.kernel.errors import Conflict, Forbidden, NotFound
from erp_core.kernel.matching import CERTAIN, EXACT
from erp_core.parties import queries, service


def add(ctx, name, **more) -> UUID:
    return UUID(service.add_customer(ctx, name=name, **more)["customer_id"])


def found(ctx, text):
    return [(one.item.name, one.score >= CERTAIN) for one in queries.find_customers(ctx, text)]


def test_a_nickname_names_its_customer_alone(ctx):
    mohan = add(ctx, "Mohan Lal")
    add(ctx, "Motilal")
    service.add_nickname(ctx, customer_id=mohan, alias="Mota bhai")
    assert queries.find_customers(ctx, "मोटा भाई")[0].score == EXACT
    assert found(ctx, "mota") == [("Mohan Lal", True)]
    service.drop_nickname(ctx, alias="mota bhai")
    assert ("Mohan Lal", True) not in found(ctx, "mota")
    with pytest.raises(NotFound):
        service.drop_nickname(ctx, alias="mota bhai")


def test_a_nickname_means_one_customer(ctx, acting):
    mohan, sita = add(ctx, "Mohan Lal"), add(ctx, "Sita Devi")
    service.add_nickname(acting("staff"), customer_id=mohan, alias="Chhotu")
    service.add_nickname(ctx, customer_id=mohan, alias="chotu")
    with pytest.raises(Conflict, match="nickname_taken"):
        service.add_nickname(ctx, customer_id=sita, alias="Chhotu")
    with pytest.raises(Forbidden):
        service.add_nickname(acting("viewer"), customer_id=sita, alias="Didi jaan")


def test_two_of_a_name_are_told_apart_by_their_village(ctx):
    add(ctx, "Ravi Kumar", address="H.No. 12, Main Road, Rampur")
    add(ctx, "Ravi Kumar", address="Sitapur, near bus stand")
    assert [name for name, _ in found(ctx, "Ravi Kumar")] == ["Ravi Kumar", "Ravi Kumar"]
    for said in ("ravi rampur wala", "Rampur wale Ravi ji", "रवि रामपुर"):
        one = queries.find_customers(ctx, said)
        assert [match.item.address for match in one] == ["H.No. 12, Main Road, Rampur"], said
    assert found(ctx, "main road") == []


def test_whoever_moves_is_found_where_they_live_now(ctx):
    ravi = add(ctx, "Ravi Kumar", address="Rampur")
    service.change_customer(ctx, customer_id=ravi, address="Kothrud")
    assert found(ctx, "kothrud wale ravi") == [("Ravi Kumar", True)]
    assert ("Ravi Kumar", True) not in found(ctx, "rampur")


def test_four_last_digits_name_a_customer(ctx):
    add(ctx, "Ravi Kumar", phone="9123456789")
    add(ctx, "Ravi Shankar", phone="9123451234")
    assert found(ctx, "6789 wala") == [("Ravi Kumar", True)]
    assert found(ctx, "ravi 1234") == [("Ravi Shankar", True)]
