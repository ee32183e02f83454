"""A shop's file teaches pack sizes and nicknames, again and again to the same effect."""

from __future__ import annotations

import pytest
from by_sku import product_by_sku

from erp_core.parties.queries import nickname_owner

PACKED = """
business: {{name: Kirana, phone_number_id: "{number}", state: "27"}}
products: [{{name: Maggi, sku: MAG, price: "14", unit: packet, packs: {packs}}}]
customers: [{{name: Mohan Lal, phone: "919123456701", nicknames: [Mota bhai]}}]
"""


@pytest.fixture
def load(cli, tmp_path, number):
    def load(packs: str):
        file = tmp_path / "kirana.yml"
        file.write_text(PACKED.format(number=number, packs=packs), encoding="utf-8")
        return cli("shop", "load", file)

    return load


def test_packs_and_nicknames(load, bahi, number):
    assert load("{peti: 24, carton: 96}").code == 0
    assert "nothing to change" in load("{peti: 24, carton: 96}").out
    assert "1 product changed" in load("{peti: 48}").out
    with bahi.read(bahi.business_for_number(number)) as reader:
        assert product_by_sku(reader, "MAG").packs == {"box": "48", "carton": "96"}
        assert nickname_owner(reader, "mota bhai") is not None


@pytest.mark.parametrize("packs", ["24", "[24]", "{dozen: many}", "{packet: 2}", "{peti: 0.5}"])
def test_packs_that_cannot_be(load, packs):
    said = load(packs)
    assert said.code == 1
    assert "packs must say what bigger units hold" in said.err
