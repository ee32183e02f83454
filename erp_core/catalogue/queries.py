"""Reading the catalogue."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TypedDict
from uuid import UUID

from sqlalchemy import bindparam, select
from sqlalchemy.engine import Row

from erp_core.catalogue.codes import FOOD_SERVED, is_service
from erp_core.catalogue.models import product_aliases, products
from erp_core.db.many import one_of_given
from erp_core.db.statements import Statement
from erp_core.journal.context import Reader
from erp_core.kernel.by_ear import readings
from erp_core.kernel.errors import Invalid, NotFound
from erp_core.kernel.matching import (
    CERTAIN,
    EXACT,
    FILLERS,
    GOODS_FILLERS,
    Match,
    NameIndex,
    of_size,
    search_key,
    without_size,
)
from erp_core.kernel.money import half_up
from erp_core.kernel.quantity import Packing, convert, parse_quantity, parse_unit, positive
from erp_core.parties.name_search import kept_ready

PAGE = 50


@dataclass(frozen=True)
class Product:
    """Something on sale. Prices are paise for one unit; `gst_rate` is basis points (1800 = 18 %).

    `cost_paise` is what it was last said to cost; what stock really cost is the inventory's affair.
    Where not `rate_known`, nobody has said what the rate is. `mrp_paise` is the retail sale price
    that is printed on one unit, and `packing` how it is put up, where somebody has said so. `packs`
    tells how many of its units a bigger one holds: {"box": "24"}.
    """

    id: UUID
    name: str
    sku: str
    unit: str
    price_paise: int
    cost_paise: int | None
    hsn: str | None
    gst_rate: int
    reorder_level: Decimal | None
    active: bool
    packs: Mapping[str, str] = field(default_factory=dict)
    rate_known: bool = True
    mrp_paise: int | None = None
    packing: Packing | None = None

    @property
    def is_service(self) -> bool:
        """Whether it is done rather than handed over."""
        return is_service(self.hsn)

    def in_own_unit(self, quantity: Decimal, unit: str) -> Decimal | None:
        """A quantity in the product's own unit: by fixed ratios, else by its pack sizes.

        A carton of a product sold by the piece holds what its `packs` say; None where nothing does.
        """
        fixed = convert(quantity, unit, self.unit)
        if fixed is not None:
            return fixed
        holds = self.packs.get(unit)
        return None if holds is None else quantity * Decimal(holds)

    def price_of(self, count: Decimal) -> int:
        """What so many of its own unit come to at its rate, in paise."""
        return half_up(count * self.price_paise)


def product(reader: Reader, product_id: UUID) -> Product:
    """A product, also one that is no longer sold. Raises NotFound("product")."""
    found = products_by_id(reader, [product_id]).get(product_id)
    if found is None:
        raise NotFound("product", product_id=str(product_id))
    return found


class Quantified(TypedDict):
    """So much of a product."""

    product_id: str
    quantity: str


def products_by_id(reader: Reader, ids: Sequence[UUID]) -> dict[UUID, Product]:
    """Those of some products that exist, by id."""
    if not ids:
        return {}
    rows = _BY_ID.all(reader.connection, tenant=reader.business_id, ids=sorted(set(ids)))
    return {row.id: Product(*row) for row in rows}


def quantities_of(reader: Reader, lines: Sequence[Quantified]) -> dict[UUID, Decimal]:
    """How much lines name of each product, in the order in which they name them first.

    Raises Invalid("no_lines", "bad_quantity"), NotFound("product").
    """
    if not lines:
        raise Invalid("no_lines")
    known = products_by_id(reader, [UUID(line["product_id"]) for line in lines])
    found: dict[UUID, Decimal] = {}
    for line in lines:
        product = known.get(UUID(line["product_id"]))
        if product is None:
            raise NotFound("product", product_id=line["product_id"])
        quantity = positive(parse_quantity(line["quantity"]), product.unit)
        found[product.id] = found.get(product.id, Decimal(0)) + quantity
    return found


_BY_ID = Statement(
    select(*(products.c[name] for name in Product.__dataclass_fields__)).where(
        products.c.business_id == bindparam("tenant"), one_of_given(products.c.id, "ids")
    )
)


def food_served(reader: Reader) -> tuple[str, int] | None:
    """The SAC and rate (basis points) of what a restaurant adds: those of its dishes, where all
    that has a code is food served; None elsewhere."""
    rows = reader.connection.execute(
        select(products.c.hsn, products.c.gst_rate)
        .where(
            products.c.business_id == reader.business_id,
            products.c.active,
            products.c.hsn.isnot(None),
        )
        .distinct()
    ).all()
    if not rows or not all(row.hsn.startswith(FOOD_SERVED) for row in rows):
        return None
    return min((row.hsn, row.gst_rate) for row in rows)


def all_products(
    reader: Reader, *, after: UUID | None = None, limit: int | None = PAGE, active: bool = True
) -> list[Product]:
    """A page of products in the order of being added; the next page is `after` the last id."""
    query = select(products).where(products.c.business_id == reader.business_id)
    if active:
        query = query.where(products.c.active)
    if after is not None:
        query = query.where(products.c.id > after)
    rows = reader.connection.execute(query.order_by(products.c.id).limit(limit))
    return [_product(row) for row in rows]


def find_products(reader: Reader, text: str, limit: int = 10) -> list[Match[Product]]:
    """The products that a name, a part of one, an alias or an SKU may mean, best first.

    An exact name gives that product alone (matching.EXACT). Else every product with all the words
    that were said, so a family's name gives the family (from matching.CERTAIN). Else look-alikes.
    What was written in Devanagari is an English name by its sound, too.
    """
    query = search_key(text)
    exact = _named_exactly(reader, text, query)
    if exact:
        return [Match(found, EXACT) for found in exact[:limit]]
    names = product_names(reader)
    matches = names.rank(query, limit=limit)
    for without in (GOODS_FILLERS, GOODS_FILLERS | _units_in(text)):
        bare = search_key(text, without=without)
        if bare != query and not any(match.score >= CERTAIN for match in matches):
            matches = names.rank(bare, limit=limit) or matches
    if not text.isascii():
        for heard in _as_heard(text):
            if any(match.score >= CERTAIN for match in matches):
                break
            matches = names.rank(heard, limit=limit, by_sound=True) or matches
    found = products_by_id(reader, [match.item for match in matches])
    ranked = [Match(found[match.item], match.score) for match in matches if match.item in found]
    if any(match.score >= CERTAIN for match in ranked):
        return ranked
    return _of_size(reader, text, limit) or ranked


def _as_heard(text: str) -> Iterator[str]:
    """The keys of what may be meant by a name in Devanagari, fillers last left out."""
    every = list(readings(text))
    keys = [search_key(one, without=left) for left in (FILLERS, GOODS_FILLERS) for one in every]
    yield from dict.fromkeys(keys)


def _of_size(reader: Reader, text: str, limit: int) -> list[Match[Product]]:
    """What "bada ceramic pot" means where no name holds the size that was said."""
    bare = without_size(text)
    if not bare or bare == " ".join(text.split()):
        return []
    plain = [one for one in find_products(reader, bare, limit) if one.score >= CERTAIN]
    return of_size(plain, text, lambda one: one.name)


def _units_in(text: str) -> frozenset[str]:
    """The words of a name that may only be what is counted: "bread packets"; as they are
    compared."""
    return frozenset(search_key(word) for word in text.split() if parse_unit(word))


def no_longer_sold(reader: Reader, text: str, limit: int = 10) -> list[Product]:
    """Products that have left the catalogue, all of whose words in `text` fit; best first."""
    rows = reader.connection.execute(
        select(products).where(
            products.c.business_id == reader.business_id, products.c.active.is_(False)
        )
    ).all()
    names = NameIndex((row.search_key, at) for at, row in enumerate(rows))
    matches = names.rank(search_key(text), limit=limit)
    return [_product(rows[match.item]) for match in matches if match.score >= CERTAIN]


def product_names(reader: Reader) -> NameIndex[UUID]:
    """What all products are called, aliases too; the same object until a name changes."""
    return _known(reader).names


def family(reader: Reader, text: str, limit: int = 10) -> list[Product]:
    """The products that surely are meant by a name: one, or all of a family; no look-alikes."""
    return [m.item for m in find_products(reader, text, limit=limit) if m.score >= CERTAIN]


def aliases_of(reader: Reader, product_id: UUID) -> list[str]:
    """What else a product is called."""
    rows = reader.connection.execute(
        select(product_aliases.c.alias)
        .where(
            product_aliases.c.business_id == reader.business_id,
            product_aliases.c.product_id == product_id,
        )
        .order_by(product_aliases.c.alias)
    )
    return [row.alias for row in rows]


def alias_owner(reader: Reader, alias: str) -> tuple[UUID, str] | None:
    """The product that a taught name means, and the name as it was written; None without one."""
    row = reader.connection.execute(
        select(product_aliases.c.product_id, product_aliases.c.alias).where(
            product_aliases.c.business_id == reader.business_id,
            product_aliases.c.search_key == search_key(alias),
        )
    ).one_or_none()
    return (row.product_id, row.alias) if row else None


def sku_key(sku: str) -> str:
    """SKUs are told apart regardless of capitals and surrounding space."""
    return sku.strip().upper()


@dataclass(frozen=True)
class _Known:
    """By what products that are sold are asked for."""

    names: NameIndex[UUID]
    skus: Mapping[str, UUID]
    """By their keys."""

    def __len__(self) -> int:
        return len(self.names)


def _known(reader: Reader) -> _Known:
    return kept_ready(reader, "products", lambda: _read_known(reader))


def _named_exactly(reader: Reader, text: str, key: str) -> list[Product]:
    """The product with this SKU; else those with this name or alias."""
    known = _known(reader)
    sold_as = known.skus.get(sku_key(text))
    found = products_by_id(reader, [sold_as] if sold_as else sorted(known.names.named(key)))
    return [found[one] for one in sorted(found)]


def _read_known(reader: Reader) -> _Known:
    rows = reader.connection.execute(
        select(products.c.search_key, products.c.sku_key, products.c.id).where(
            products.c.business_id == reader.business_id, products.c.active
        )
    ).all()
    aliases = reader.connection.execute(
        select(product_aliases.c.search_key, product_aliases.c.product_id)
        .join(
            products,
            (products.c.business_id == product_aliases.c.business_id)
            & (products.c.id == product_aliases.c.product_id),
        )
        .where(product_aliases.c.business_id == reader.business_id, products.c.active)
    )
    named = [(row.search_key, row.id) for row in rows]
    return _Known(
        NameIndex([*named, *((row.search_key, row.product_id) for row in aliases)]),
        {row.sku_key: row.id for row in rows},
    )


def _product(row: Row) -> Product:
    return Product(**{name: row[name] for name in Product.__dataclass_fields__})
