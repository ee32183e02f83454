"""The shop's own names are at hand while its messages are read."""

from __future__ import annotations

from uuid import uuid4

import pytest

from channels.whatsapp import shop_names
from channels.whatsapp.shop_names import ShopNames
from erp_core.catalogue.service import add_product
from erp_core.kernel.actor import SYSTEM
from erp_core.kernel.known_names import KnownNames
from erp_core.parties.service import add_customer
from erp_core.runtime import Bahi


def names_of(bahi: Bahi, business: int, names: ShopNames) -> KnownNames:
    with bahi.read(business) as reader:
        return names.of(reader)


def stock(bahi: Bahi, business: int, name: str) -> None:
    bahi.run(business, SYSTEM, str(uuid4()), add_product, name=name, price_paise=1000)


def test_goods_and_people_are_known(bahi: Bahi, business: int) -> None:
    stock(bahi, business, "Zarda Supreme 200g")
    bahi.run(business, SYSTEM, "c", add_customer, name="Ravi Kirana")
    found = names_of(bahi, business, ShopNames()).marks(["jarda", "ravi", "kirana"])
    assert found == [
        ["product_name:part1", "product_name:first"],
        ["customer_name:whole", "customer_name:first"],
        ["customer_name:whole", "customer_name:next"],
    ]


def test_names_are_built_anew_only_when_one_has_changed(
    bahi: Bahi, business: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = ShopNames()
    monkeypatch.setattr(shop_names, "FRESH", 3600)
    stock(bahi, business, "Maggi")
    first = names_of(bahi, business, names)
    assert names_of(bahi, business, names) is first
    stock(bahi, business, "Jalebi")
    assert names_of(bahi, business, names) is first, "for a while nobody looks"
    monkeypatch.setattr(shop_names, "FRESH", 0)
    assert names_of(bahi, business, names).marks(["jalebi"]) != [[]]


def test_one_shop_does_not_hear_of_another_s(bahi: Bahi, business: int) -> None:
    names = ShopNames()
    stock(bahi, business, "Maggi")
    names_of(bahi, business, names)
    with bahi.read(business + 1_000_000) as reader:
        assert names.of(reader).marks(["magi"]) == [[]]
