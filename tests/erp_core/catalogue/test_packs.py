"""How much a box or carton of a product holds is the product's own affair."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

import pytest

from erp_core.catalogue import queries, service
from erp_core.kernel.errors import Forbidden, Invalid, NotFound


@pytest.fixture
def maggi(ctx) -> UUID:
    added = service.add_product(ctx, name="Maggi", price_paise=14_00, unit="packet")
    return UUID(added["product_id"])


def in_own_unit(ctx, product_id, quantity, unit):
    return queries.product(ctx, product_id).in_own_unit(Decimal(quantity), unit)


def test_a_box_holds_what_was_said(ctx, maggi):
    assert in_own_unit(ctx, maggi, "2", "box") is None
    service.set_pack(ctx, product_id=maggi, unit="peti", holds=Decimal(24))
    service.set_pack(ctx, product_id=maggi, unit="carton", holds=Decimal(96))
    assert in_own_unit(ctx, maggi, "2", "box") == 48
    assert in_own_unit(ctx, maggi, "0.5", "carton") == 48
    service.set_pack(ctx, product_id=maggi, unit="box", holds=Decimal(12))
    assert queries.product(ctx, maggi).packs == {"box": "12", "carton": "96"}


def test_fixed_ratios_need_no_pack(ctx):
    eggs = service.add_product(ctx, name="Ande", price_paise=7_00, unit="piece")["product_id"]
    sugar = service.add_product(ctx, name="Chini", price_paise=45_00, unit="kg")["product_id"]
    assert in_own_unit(ctx, UUID(eggs), "2", "dozen") == 24
    assert in_own_unit(ctx, UUID(sugar), "2", "quintal") == 200
    assert in_own_unit(ctx, UUID(sugar), "250", "gram") == Decimal("0.25")
    with pytest.raises(Invalid):
        service.set_pack(ctx, product_id=UUID(eggs), unit="dozen", holds=Decimal(10))


@pytest.mark.parametrize("holds", ["0", "-3", "2.5"])
def test_a_pack_holds_whole_packets(ctx, maggi, holds):
    with pytest.raises(Invalid, match="bad_quantity"):
        service.set_pack(ctx, product_id=maggi, unit="box", holds=Decimal(holds))


def test_who_may_say_it(ctx, as_staff, maggi):
    with pytest.raises(Forbidden):
        service.set_pack(as_staff, product_id=maggi, unit="box", holds=Decimal(24))
    with pytest.raises(NotFound):
        service.set_pack(ctx, product_id=UUID(int=9), unit="box", holds=Decimal(24))


def test_an_alias_is_forgotten(ctx, as_staff, maggi):
    service.add_alias(ctx, product_id=maggi, alias="हरा पैकेट")
    assert queries.alias_owner(ctx, "hara packet") == (maggi, "हरा पैकेट")
    with pytest.raises(Forbidden):
        service.drop_alias(as_staff, alias="hara packet")
    service.drop_alias(ctx, alias="hara packet")
    assert queries.alias_owner(ctx, "hara packet") is None
    with pytest.raises(NotFound):
        service.drop_alias(ctx, alias="hara packet")
