"""Who charges tax, and where a supply takes place."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from erp_core.kernel.errors import Invalid
from erp_core.tax import rules, states


@dataclass(frozen=True)
class SomeParty:
    state: str | None = None
    gstin: str | None = None


SHOP = SomeParty("27", "27AAPFU0939F1ZV")


@pytest.mark.parametrize(
    ("customer", "place"),
    [
        (None, "27"),
        (SomeParty(), "27"),
        (SomeParty("27"), "27"),
        (SomeParty("29"), "29"),
        (SomeParty("27", "29AAGCB7383J1Z4"), "29"),
        (SomeParty("25"), "26"),
    ],
)
def test_place_of_supply(customer, place):
    assert rules.place_of_supply(SHOP, customer) == place


def test_only_a_registered_business_charges_tax():
    assert rules.charges_tax(SHOP)
    assert not rules.charges_tax(SomeParty("27"))


@pytest.mark.parametrize(
    ("code", "name", "head"),
    [
        ("27", "Maharashtra", "SGST"),
        ("04", "Chandigarh", "UTGST"),
        ("07", "Delhi", "SGST"),
        ("38", "Ladakh", "UTGST"),
    ],
)
def test_states(code, name, head):
    assert states.state_name(code) == name
    assert states.second_head(code) == head


@pytest.mark.parametrize("code", ["00", "39", "", "MH", "7"])
def test_what_is_no_state_is_refused(code):
    with pytest.raises(Invalid, match="bad_state"):
        states.state_name(code)
