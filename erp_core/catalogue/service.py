"""Commands on the catalogue."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any, TypedDict
from uuid import UUID

from sqlalchemy import delete, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.exc import IntegrityError

from erp_core.catalogue.models import product_aliases, products
from erp_core.catalogue.queries import sku_key
from erp_core.journal.context import Context, Fact
from erp_core.kernel.errors import Conflict, Invalid, NotFound
from erp_core.kernel.ids import new_id
from erp_core.kernel.matching import search_key
from erp_core.kernel.money import LARGEST_AMOUNT
from erp_core.kernel.quantity import Packing, checked, convert, parse_unit, plain, positive
from erp_core.kernel.visible import visible
from erp_core.parties.name_search import renew
from erp_core.parties.permissions import Permission, require

LONGEST_NAME = 160
LONGEST_SKU = 40
LONGEST_AUTOMATIC_SKU = 12

_HSN = re.compile(r"\d{2}|\d{4}|\d{6}|\d{8}")
_SPACES = re.compile(r"\s+")


@dataclass(frozen=True)
class NewProduct:
    """A product to add. `gst_rate` is in percent ("18"), None where nobody has said it; an SKU left
    out is made from the name; `mrp_paise` is the retail price printed on one unit.
    `packing` is how it is put up; `packs` says how many units a bigger one holds: {"box": 24}."""

    name: str
    price_paise: int
    unit: str = "piece"
    sku: str | None = None
    cost_paise: int | None = None
    hsn: str | None = None
    gst_rate: str | None = "0"
    reorder_level: Decimal | None = None
    packs: Mapping[str, Decimal] = field(default_factory=dict)
    mrp_paise: int | None = None
    packing: Packing | None = None


class ProductAdded(TypedDict):
    product_id: str
    sku: str
    unit: str
    price: int


class ProductChanged(TypedDict):
    product_id: str
    changed: list[str]


class PriceChanged(TypedDict):
    product_id: str
    before: int
    after: int


class PricesChanged(TypedDict):
    changes: list[PriceChanged]


class AliasAdded(TypedDict):
    product_id: str


def add_product(
    ctx: Context,
    *,
    name: str,
    price_paise: int,
    unit: str = "piece",
    sku: str | None = None,
    cost_paise: int | None = None,
    hsn: str | None = None,
    gst_rate: str | None = "0",
    reorder_level: Decimal | None = None,
    mrp_paise: int | None = None,
    packing: Packing | None = None,
) -> ProductAdded:
    """Put a product in the catalogue, without stock (see inventory.add_stocked_product).

    Raises Conflict("product_exists", product_id) when one has this name, Conflict("sku_taken"),
    Invalid("bad_name", "bad_sku", "bad_amount", "bad_unit", "bad_hsn", "bad_rate", "bad_quantity").
    """
    require(ctx, Permission.ADD_PRODUCT)
    _refuse_same_name(ctx, name)
    new = NewProduct(
        name, price_paise, unit, sku, cost_paise, hsn, gst_rate, reorder_level,
        mrp_paise=mrp_paise, packing=packing,
    )  # fmt: skip
    row = _insert(ctx, [new])[0]
    return {
        "product_id": str(row["id"]),
        "sku": row["sku"],
        "unit": row["unit"],
        "price": row["price_paise"],
    }


def add_products(ctx: Context, new: Sequence[NewProduct]) -> list[UUID]:
    """Add many products at once; their ids in the same order. Two of them may have one name."""
    require(ctx, Permission.ADD_PRODUCT)
    return [row["id"] for row in _insert(ctx, new)] if new else []


def change_price(ctx: Context, *, product_id: UUID, price_paise: int) -> PriceChanged:
    """Change what one unit sells for. Orders that exist keep theirs. Raises NotFound("product")."""
    require(ctx, Permission.CHANGE_PRICE)
    before = _lock(ctx, product_id)["price_paise"]
    if before != _amount(price_paise):
        _update(ctx, product_id, {"price_paise": price_paise})
        ctx.record("price.changed", entity=product_id, before=before, after=price_paise)
    return {"product_id": str(product_id), "before": before, "after": price_paise}


def change_prices(ctx: Context, *, prices: Sequence[Mapping[str, Any]]) -> PricesChanged:
    """Change what several products sell for, all or none; answers in the order of `prices`.

    A price is {"product_id", "price_paise"}. Raises as `change_price`.
    """
    in_order_of_locks = sorted(range(len(prices)), key=lambda at: UUID(prices[at]["product_id"]))
    done = {
        at: change_price(
            ctx,
            product_id=UUID(prices[at]["product_id"]),
            price_paise=int(prices[at]["price_paise"]),
        )
        for at in in_order_of_locks
    }
    return {"changes": [done[at] for at in range(len(prices))]}


def change_product(
    ctx: Context,
    *,
    product_id: UUID,
    name: str | None = None,
    unit: str | None = None,
    cost_paise: int | None = None,
    hsn: str | None = None,
    gst_rate: str | None = None,
    reorder_level: Decimal | None = None,
    active: bool | None = None,
    mrp_paise: int | None = None,
    packing: Packing | None = None,
) -> ProductChanged:
    """Change what is given; what is None stays. Raises NotFound("product") and as `add_product`."""
    require(ctx, Permission.CHANGE_PRICE)
    before = _lock(ctx, product_id)
    if name is not None or (active and not before["active"]):
        _refuse_same_name(ctx, name or before["name"], but=product_id)
    wanted: dict[str, Any] = {}
    if name is not None:
        wanted |= {"name": check_name(name), "search_key": search_key(name)}
    if unit is not None:
        wanted["unit"] = _unit(unit)
    if cost_paise is not None:
        wanted["cost_paise"] = _amount(cost_paise)
    if hsn is not None:
        wanted["hsn"] = check_hsn(hsn)
    if gst_rate is not None:
        wanted |= {"gst_rate": parse_rate(gst_rate), "rate_known": True}
    if reorder_level is not None:
        wanted["reorder_level"] = _level(reorder_level)
    if active is not None:
        wanted["active"] = active
    if mrp_paise is not None:
        wanted["mrp_paise"] = _printed(mrp_paise)
    if packing is not None:
        wanted["packing"] = packing
    different = {key: value for key, value in wanted.items() if before[key] != value}
    changed = sorted(different.keys() - {"search_key", "rate_known"})
    if different:
        _update(ctx, product_id, different)
        if different.keys() & {"search_key", "active"}:
            renew(ctx, "products")
        ctx.record("product.changed", entity=product_id, changed=changed)
    return {"product_id": str(product_id), "changed": changed}


def add_alias(ctx: Context, *, product_id: UUID, alias: str) -> AliasAdded:
    """Remember what else a product is called. Raises Conflict("alias_taken", product_id)."""
    require(ctx, Permission.ADD_PRODUCT)
    _lock(ctx, product_id)
    key = search_key(check_name(alias))
    ctx.connection.execute(
        upsert(product_aliases)
        .values(
            business_id=ctx.business_id,
            search_key=key,
            product_id=product_id,
            alias=check_name(alias),
        )
        .on_conflict_do_nothing()
    )
    owner = ctx.connection.execute(
        select(product_aliases.c.product_id).where(
            product_aliases.c.business_id == ctx.business_id, product_aliases.c.search_key == key
        )
    ).scalar_one()
    if owner != product_id:
        raise Conflict("alias_taken", product_id=str(owner))
    renew(ctx, "products")
    ctx.record("product.alias_added", entity=product_id)
    return {"product_id": str(product_id)}


def drop_alias(ctx: Context, *, alias: str) -> AliasAdded:
    """Forget what a product is also called. Raises NotFound("alias")."""
    require(ctx, Permission.ADD_PRODUCT)
    row = ctx.connection.execute(
        delete(product_aliases)
        .where(
            product_aliases.c.business_id == ctx.business_id,
            product_aliases.c.search_key == search_key(alias),
        )
        .returning(product_aliases.c.product_id)
    ).one_or_none()
    if row is None:
        raise NotFound("alias")
    renew(ctx, "products")
    ctx.record("product.alias_dropped", entity=row.product_id)
    return {"product_id": str(row.product_id)}


def set_pack(ctx: Context, *, product_id: UUID, unit: str, holds: Decimal) -> ProductChanged:
    """Say how many of a product's own units a bigger unit holds: a "box" of Maggi holds 24.

    Raises NotFound("product"), Invalid("bad_unit") for a unit of fixed size or the product's own,
    Invalid("bad_quantity").
    """
    require(ctx, Permission.ADD_PRODUCT)
    before = _lock(ctx, product_id)
    packs = {**before["packs"], **check_packs({unit: holds}, before["unit"])}
    if packs != before["packs"]:
        _update(ctx, product_id, {"packs": packs})
        ctx.record("product.packed", entity=product_id, packs=packs)
    return {"product_id": str(product_id), "changed": ["packs"]}


def check_packs(packs: Mapping[str, Decimal], own_unit: str) -> dict[str, str]:
    """Pack sizes as they are kept. Raises Invalid("bad_unit", "bad_quantity")."""
    checked_packs = {}
    for name, holds in packs.items():
        unit = _unit(name)
        if convert(Decimal(1), unit, own_unit) is not None:
            raise Invalid("bad_unit")
        checked_packs[unit] = plain(positive(holds, own_unit))
    return checked_packs


def parse_rate(percent: str) -> int:
    """A GST rate in percent as basis points: "18" → 1800. Raises Invalid("bad_rate")."""
    try:
        points = Decimal(percent) * 100
        whole = points.to_integral_value()
    except InvalidOperation:
        raise Invalid("bad_rate") from None
    if points != whole or not 0 <= whole <= 10_000:
        raise Invalid("bad_rate")
    return int(whole)


def check_name(text: str) -> str:
    """A product's name on one line without stray spaces. Raises Invalid("bad_name")."""
    name = _SPACES.sub(" ", visible(text)).strip()
    if not name or len(name) > LONGEST_NAME or not search_key(name):
        raise Invalid("bad_name")
    return name


def check_hsn(text: str) -> str:
    """An HSN code of 2, 4, 6 or 8 digits. Raises Invalid("bad_hsn")."""
    hsn = text.replace(" ", "")
    if not _HSN.fullmatch(hsn):
        raise Invalid("bad_hsn")
    return hsn


def _insert(ctx: Context, new: Sequence[NewProduct]) -> list[dict[str, Any]]:
    taken = _taken_skus(ctx)
    rows = [_row(ctx, one, taken) for one in new]
    try:
        ctx.connection.execute(insert(products), rows)
    except IntegrityError as error:
        # Somebody added it in this moment: SKUs are unique, also those made from the name.
        raise Conflict("sku_taken" if new[0].sku else "product_exists") from error
    renew(ctx, "products")
    for row in rows:
        ctx.record("product.added", entity=row["id"], **_facts(row))
    return rows


def _row(ctx: Context, new: NewProduct, taken: set[str]) -> dict[str, Any]:
    sku = _sku(new, taken)
    return {
        "business_id": ctx.business_id,
        "id": new_id(),
        "name": check_name(new.name),
        "search_key": search_key(new.name),
        "sku": sku,
        "sku_key": sku_key(sku),
        "unit": _unit(new.unit),
        "price_paise": _amount(new.price_paise),
        "cost_paise": None if new.cost_paise is None else _amount(new.cost_paise),
        "mrp_paise": None if new.mrp_paise is None else _printed(new.mrp_paise),
        "hsn": check_hsn(new.hsn) if new.hsn else None,
        "gst_rate": parse_rate(new.gst_rate or "0"),
        "rate_known": new.gst_rate is not None,
        "packing": new.packing,
        "reorder_level": None if new.reorder_level is None else _level(new.reorder_level),
        "active": True,
        "packs": check_packs(new.packs, _unit(new.unit)),
        "created_at": ctx.now,
    }


def _facts(row: dict[str, Any]) -> dict[str, Fact]:
    return {
        "sku": row["sku"],
        "unit": row["unit"],
        "price": row["price_paise"],
        "cost": row["cost_paise"],
        "gst_rate": row["gst_rate"],
        "reorder_level": None if row["reorder_level"] is None else plain(row["reorder_level"]),
    }


def _taken_skus(ctx: Context) -> set[str]:
    rows = ctx.connection.execute(
        select(products.c.sku_key).where(products.c.business_id == ctx.business_id)
    )
    return {row.sku_key for row in rows}


def _sku(new: NewProduct, taken: set[str]) -> str:
    """The given SKU, or one made from the name; adds it to those taken."""
    if new.sku:
        sku = new.sku.strip()
        if not sku or len(sku) > LONGEST_SKU:
            raise Invalid("bad_sku")
        if sku_key(sku) in taken:
            raise Conflict("sku_taken")
    else:
        sku = _free_sku(search_key(new.name), taken)
    taken.add(sku_key(sku))
    return sku


def _free_sku(key: str, taken: set[str]) -> str:
    stem = key.replace(" ", "").upper()[:LONGEST_AUTOMATIC_SKU]
    if stem not in taken:
        return stem
    number = 2
    while f"{stem}-{number}" in taken:
        number += 1
    return f"{stem}-{number}"


def _refuse_same_name(ctx: Context, name: str, but: UUID | None = None) -> None:
    wanted = check_name(name).casefold()
    rows = ctx.connection.execute(
        select(products.c.id, products.c.name).where(
            products.c.business_id == ctx.business_id,
            products.c.search_key == search_key(name),
            products.c.active,
        )
    )
    for row in rows:
        if row.name.casefold() == wanted and row.id != but:
            raise Conflict("product_exists", product_id=str(row.id))


def _lock(ctx: Context, product_id: UUID) -> dict[str, Any]:
    row = ctx.connection.execute(
        select(products)
        .where(products.c.business_id == ctx.business_id, products.c.id == product_id)
        .with_for_update(key_share=True)
    ).one_or_none()
    if row is None:
        raise NotFound("product", product_id=str(product_id))
    return dict(row._mapping)


def _update(ctx: Context, product_id: UUID, values: dict[str, Any]) -> None:
    ctx.connection.execute(
        update(products)
        .where(products.c.business_id == ctx.business_id, products.c.id == product_id)
        .values(**values)
    )


def _unit(text: str) -> str:
    unit = parse_unit(text)
    if unit is None:
        raise Invalid("bad_unit")
    return unit


def _amount(paise: int) -> int:
    if not 0 <= paise <= LARGEST_AMOUNT:
        raise Invalid("bad_amount")
    return paise


def _printed(paise: int) -> int:
    """A retail price as it is printed on goods: something, and more than nothing."""
    if not 0 < paise <= LARGEST_AMOUNT:
        raise Invalid("bad_amount")
    return paise


def _level(quantity: Decimal) -> Decimal:
    if quantity < 0:
        raise Invalid("bad_quantity")
    return checked(quantity)
