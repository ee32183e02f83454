"""What a shop's file says of its tax and its papers, and its logo."""

from __future__ import annotations

import pytest
from by_sku import product_by_sku
from PIL import Image

from erp_core.invoicing.dress import dress_of
from erp_core.parties.queries import all_customers, business

FILE = """\
business: {{name: Annapurna, phone_number_id: "{number}", state: "27", gstin: 27AAPFU0939F1ZV, {more}}}
users: [{{name: Owner, phone: "919876500001", role: owner}}]
products:
  - {{name: Phone, sku: P1, price: "100", hsn: "8517"}}
  - {{name: Thing, sku: P2, price: "100"}}
  - {{name: Pen, sku: P3, price: "100", hsn: "9608", gst_rate: "18"}}
  - {{name: Rice, sku: P4, price: "60", hsn: "1006", packing: loose}}
customers: [{{name: Zone Ltd, state: "27", treatment: {treatment}}}]
"""  # noqa: E501


@pytest.fixture
def load(cli, number, tmp_path):
    """Load the shop with other words in it."""

    def run(more="gst_scheme: composition", treatment="sez_lut"):
        path = tmp_path / "shop.yml"
        path.write_text(FILE.format(number=number, more=more, treatment=treatment))
        return cli("shop", "load", path)

    return run


def test_scheme_colour_and_treatment_are_read(load, bahi, number):
    assert load('gst_scheme: composition, colour: "#0A783C"').code == 0
    with bahi.read(bahi.business_for_number(number)) as reader:
        shop = business(reader)
        assert (shop.gst_scheme, shop.colour) == ("composition", "#0a783c")
        assert [one.treatment for one in all_customers(reader)] == ["sez_lut"]


def test_a_code_alone_leaves_the_rate_to_the_law_and_neither_means_nil(load, bahi, number):
    said = load()
    assert "no hsn and no gst_rate: GST 0 %" in said.err
    with bahi.read(bahi.business_for_number(number)) as reader:
        known = [product_by_sku(reader, sku).rate_known for sku in ("P1", "P2", "P3")]
    assert known == [False, True, True]


def test_how_goods_are_put_up_is_read(load, bahi, number):
    assert load().code == 0
    with bahi.read(bahi.business_for_number(number)) as reader:
        rice = product_by_sku(reader, "P4")
    assert (rice.packing, rice.rate_known) == ("loose", False)


@pytest.mark.parametrize(
    ("more", "treatment", "field"),
    [
        ("gst_scheme: lottery", "sez", "gst_scheme"),
        ("colour: red", "sez", "colour"),
        ("language: hindi", "moon", "treatment"),
    ],
)
def test_what_is_unknown_is_named(load, more, treatment, field):
    said = load(more, treatment)
    assert said.code == 1
    assert f"{field} must be" in said.err


def test_a_logo(load, cli, bahi, number, tmp_path):
    load()
    picture = tmp_path / "logo.png"
    Image.new("RGB", (600, 200), "navy").save(picture)
    said = cli("shop", "logo", number, picture)
    assert (said.code, said.out) == (0, f"{number}: the logo is 480 by 160 pixels.\n")
    with bahi.read(bahi.business_for_number(number)) as reader:
        assert dress_of(reader, business(reader)).logo[:4] == b"\x89PNG"
    picture.write_text("no picture")
    said = cli("shop", "logo", number, picture)
    assert (said.code, said.err) == (1, "That is no picture of at most 5 MB.\n")
