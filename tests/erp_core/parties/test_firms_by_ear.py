"""Customers and vendors with an English name are found as it is heard in Devanagari."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from erp_core.kernel.matching import CERTAIN
from erp_core.parties import queries, service

FIRMS = yaml.safe_load(Path(__file__).with_name("firms_in_devanagari.yml").read_text("utf-8"))


def surely(matches):
    return [one.item.name for one in matches if one.score >= CERTAIN]


def test_firms_are_found_by_how_their_english_is_heard(ctx):
    for name in FIRMS:
        service.add_customer(ctx, name=name)
    said = [(name, one) for name in FIRMS for one in FIRMS[name]]
    found = {one: surely(queries.find_customers(ctx, one)) for _, one in said}
    assert found == {one: [name] for name, one in said}


def test_a_vendor_is_found_so_too(ctx):
    service.add_vendor(ctx, name="Malwa Rubber Agency")
    assert surely(queries.find_vendors(ctx, "मलवा रबर")) == ["Malwa Rubber Agency"]


@pytest.mark.parametrize("said", ["सोनल", "मोना", "रानी", "कुमुद", "नीलिमा", "सुनैना"])
def test_a_name_of_the_same_consonants_is_another_s(ctx, said):
    for name in ("Sunil Yadav", "Meena Sharma", "Reena", "Kamod", "Neelam Parlour"):
        service.add_customer(ctx, name=name)
    assert surely(queries.find_customers(ctx, said)) == []
