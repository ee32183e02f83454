"""Putting products in the catalogue and changing them."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from erp_core.catalogue import queries, service
from erp_core.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from erp_core.kernel.ids import new_id


@pytest.fixture
def iphone(ctx) -> UUID:
    added = service.add_product(
        ctx,
        name="iPhone 15",
        price_paise=79_900_00,
        sku="IPH15",
        cost_paise=71_000_00,
        hsn="8517",
        gst_rate="18",
        reorder_level=Decimal(5),
    )
    return UUID(added["product_id"])


def test_a_product_is_added_and_read(ctx, iphone):
    assert queries.product(ctx, iphone) == queries.Product(
        id=iphone,
        name="iPhone 15",
        sku="IPH15",
        unit="piece",
        price_paise=79_900_00,
        cost_paise=71_000_00,
        hsn="8517",
        gst_rate=1800,
        reorder_level=Decimal(5),
        active=True,
    )


def test_an_sku_is_made_from_the_name(ctx):
    def sku(name):
        return service.add_product(ctx, name=name, price_paise=1)["sku"]

    assert [sku("Dove sabun"), sku("Dove sabun!"), sku("मैगी")] == [
        "DOVESABUN",
        "DOVESABUN-2",
        "MAGI",
    ]


def test_a_unit_is_read_in_any_usual_spelling(ctx):
    added = service.add_product(ctx, name="Chini", price_paise=44_00, unit="kilo")
    assert added["unit"] == "kg"


def test_one_name_is_one_product(ctx, iphone):
    with pytest.raises(Conflict) as refused:
        service.add_product(ctx, name="IPHONE  15", price_paise=1)
    assert refused.value.code == "product_exists"
    assert refused.value.facts == {"product_id": str(iphone)}


def test_an_sku_is_one_products(ctx, iphone):
    with pytest.raises(Conflict, match="sku_taken"):
        service.add_product(ctx, name="Something else", price_paise=1, sku="iph15")


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"name": " "}, "bad_name"),
        ({"name": "!?"}, "bad_name"),
        ({"price_paise": -1}, "bad_amount"),
        ({"price_paise": 10**16}, "bad_amount"),
        ({"cost_paise": -1}, "bad_amount"),
        ({"unit": "stone"}, "bad_unit"),
        ({"hsn": "85x7"}, "bad_hsn"),
        ({"hsn": "851"}, "bad_hsn"),
        ({"gst_rate": "lots"}, "bad_rate"),
        ({"gst_rate": "101"}, "bad_rate"),
        ({"gst_rate": "NaN"}, "bad_rate"),
        ({"reorder_level": Decimal(-1)}, "bad_quantity"),
        ({"sku": "x" * 41}, "bad_sku"),
    ],
)
def test_what_makes_no_sense_is_refused(ctx, wrong, code):
    with pytest.raises(Invalid, match=code):
        service.add_product(ctx, **{"name": "Dove", "price_paise": 45_00, **wrong})


def test_a_price_changes(ctx, iphone):
    result = service.change_price(ctx, product_id=iphone, price_paise=74_900_00)
    assert result == {"product_id": str(iphone), "before": 79_900_00, "after": 74_900_00}
    assert queries.product(ctx, iphone).price_paise == 74_900_00
    assert ctx.events[-1].payload == {"before": 79_900_00, "after": 74_900_00}


def test_the_same_price_again_is_no_event(ctx, iphone):
    events = len(ctx.events)
    service.change_price(ctx, product_id=iphone, price_paise=79_900_00)
    assert len(ctx.events) == events


def test_staff_set_no_prices(as_staff, iphone):
    with pytest.raises(Forbidden):
        service.change_price(as_staff, product_id=iphone, price_paise=1)
    with pytest.raises(Forbidden):
        service.add_product(as_staff, name="Dove", price_paise=1)


def test_an_unknown_product_is_not_found(ctx):
    for call in (
        lambda: queries.product(ctx, new_id()),
        lambda: service.change_price(ctx, product_id=new_id(), price_paise=1),
        lambda: service.add_alias(ctx, product_id=new_id(), alias="x"),
    ):
        with pytest.raises(NotFound, match="product"):
            call()


def test_details_change(ctx, iphone):
    changed = service.change_product(
        ctx, product_id=iphone, name="iPhone 15 128GB", gst_rate="12", unit="piece"
    )
    assert changed["changed"] == ["gst_rate", "name"]
    assert [m.item.name for m in queries.find_products(ctx, "iphone 15 128 gb")] == [
        "iPhone 15 128GB"
    ]


def test_products_come_in_pages(ctx):
    new = [service.NewProduct(f"Item {n}", n) for n in range(120)]
    ids = service.add_products(ctx, new)
    pages = [queries.all_products(ctx)]
    while len(pages[-1]) == queries.PAGE:
        pages.append(queries.all_products(ctx, after=pages[-1][-1].id))
    assert [len(page) for page in pages] == [50, 50, 20]
    assert [one.id for page in pages for one in page] == ids


@given(st.decimals(0, 100, places=2))
def test_a_rate_is_kept_in_basis_points(rate):
    assert service.parse_rate(str(rate)) == int(rate * 100)


def test_no_two_products_come_to_have_the_same_name(ctx, iphone):
    other = UUID(service.add_product(ctx, name="iPhone 16", price_paise=89_900_00)["product_id"])

    with pytest.raises(Conflict) as refused:
        service.change_product(ctx, product_id=other, name="IPHONE 15")

    assert (refused.value.code, refused.value.facts) == (
        "product_exists",
        {"product_id": str(iphone)},
    )
    assert queries.product(ctx, other).name == "iPhone 16"
    same = service.change_product(ctx, product_id=iphone, name="IPhone 15")
    assert same["changed"] == ["name"]


def test_what_left_the_catalogue_is_found_apart_and_comes_back_under_a_free_name(ctx, iphone):
    service.change_product(ctx, product_id=iphone, active=False)
    assert queries.find_products(ctx, "iphone") == []
    assert [one.id for one in queries.no_longer_sold(ctx, "iphone")] == [iphone]
    assert queries.no_longer_sold(ctx, "maggi") == []

    newer = UUID(service.add_product(ctx, name="iPhone 15", price_paise=1_00)["product_id"])
    with pytest.raises(Conflict) as refused:
        service.change_product(ctx, product_id=iphone, active=True)
    assert refused.value.code == "product_exists"

    service.change_product(ctx, product_id=newer, name="iPhone 15 old box")
    service.change_product(ctx, product_id=iphone, active=True)
    assert queries.no_longer_sold(ctx, "iphone") == []
