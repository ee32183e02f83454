"""Making the database agree with a shop's file, in one transaction.

Whoever is known by phone number, and whatever by SKU (or name, without one), is updated where the
file differs; what the file leaves out stays. Stock and balances of the file are what the business
began with: what has happened since is never undone by loading it again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict
from decimal import Decimal
from typing import Any, TypedDict, cast
from uuid import UUID

from sqlalchemy.exc import IntegrityError

from erp_core.catalogue import queries as catalogue
from erp_core.catalogue.queries import Product, sku_key
from erp_core.catalogue.service import (
    NewProduct,
    add_alias,
    add_products,
    change_price,
    change_product,
    parse_rate,
    set_pack,
)
from erp_core.cli.shop_file import CustomerRow, ProductRow, ShopFile
from erp_core.inventory.queries import openings
from erp_core.inventory.service import Opening, correct_opening, open_stock
from erp_core.journal.context import Context
from erp_core.kernel.actor import SYSTEM, Actor
from erp_core.kernel.errors import BahiError, Conflict, Invalid
from erp_core.kernel.ids import new_id
from erp_core.kernel.quantity import plain
from erp_core.ledger import chart
from erp_core.ledger.queries import entries_of
from erp_core.parties import queries as parties
from erp_core.parties.bootstrap import create_business, next_business_id
from erp_core.parties.queries import Customer
from erp_core.parties.service import (
    NewCustomer,
    add_customers,
    add_nickname,
    add_user,
    change_business,
    change_customer,
    change_language,
    change_user,
)
from erp_core.payments.service import open_balance
from erp_core.runtime import Bahi

BUSINESS_FIELDS = (
    "name",
    "state",
    "gstin",
    "upi_vpa",
    "upi_verified",
    "address",
    "language",
    "prices_include_tax",
    "gst_scheme",
    "colour",
    "drug_licence",
    "fssai",
)
SECTIONS = {"shop": "shop", "users": "user", "products": "product", "customers": "customer"}


class Loaded(TypedDict):
    """How many rows were added, changed or left alone, by section; whose balance was left alone."""

    added: Mapping[str, int]
    changed: Mapping[str, int]
    balances_kept: list[int]


def load(bahi: Bahi, shop: ShopFile) -> Loaded:
    """Create or update the shop, or change nothing and raise what `sentence` explains."""
    number = shop.business.phone_number_id
    known = bahi.business_for_number(number)
    try:
        return _run(bahi, known or next_business_id(bahi.database), shop)
    except (IntegrityError, Invalid):
        # Somebody created this shop in the same moment; it exists now, so update it.
        created = bahi.business_for_number(number)
        if known is not None or created is None:
            raise
        return _run(bahi, created, shop)


def sentence(error: BahiError) -> str:
    """What stands in the way of a file that is sound in itself."""
    facts = error.facts
    if error.code == "phone_taken":
        return (
            "A phone number of the file belongs to somebody else of this shop: "
            f"{facts.get('party_kind')} {facts.get('party_id')}."
        )
    if error.code in ("out_of_stock", "stock_reserved"):
        line = facts.get("line")
        return (
            f"Line {line}: the stock is lowered by more than is left; "
            f"{facts['available']} are available."
        )
    if error.code == "last_owner":
        return "The file leaves the shop without an owner."
    return f"The shop could not be loaded: {error.code}."


def warnings(loaded: Loaded) -> list[str]:
    """What in the file could not be followed."""
    return [
        f"line {line}: the opening balance is in the books already and stays; "
        "record a payment or credit instead."
        for line in loaded["balances_kept"]
    ]


def summary(loaded: Loaded) -> str:
    """What was done, in a few words."""
    parts = [
        f"{counts[section]} {one if counts[section] == 1 else section} {verb}"
        for verb, counts in (("added", loaded["added"]), ("changed", loaded["changed"]))
        for section, one in SECTIONS.items()
        if section in counts
    ]
    return ", ".join(parts) or "nothing to change"


def load_shop(ctx: Context, *, shop: ShopFile) -> Loaded:
    """The command behind `load`."""
    added: Counter[str] = Counter()
    changed: Counter[str] = Counter()
    _business(ctx, shop, added, changed)
    _users(ctx, shop, added, changed)
    _products(ctx, shop, added, changed)
    kept = _customers(ctx, shop, added, changed)
    return {"added": dict(+added), "changed": dict(+changed), "balances_kept": kept}


def _run(bahi: Bahi, business_id: int, shop: ShopFile) -> Loaded:
    key = f"shop-load:{new_id()}"
    return cast(Loaded, bahi.run(business_id, SYSTEM, key, load_shop, shop=shop))


def _business(ctx: Context, shop: ShopFile, added: Counter[str], changed: Counter[str]) -> None:
    number = shop.business.phone_number_id
    if not parties.exists(ctx):
        create_business(ctx.connection, ctx.business_id, shop.business, now=ctx.now)
        added["shop"] += 1
        return
    wanted = asdict(shop.business)
    before = parties.business(ctx)
    if before.phone_number_id != number:
        raise Conflict("number_taken")
    different = {
        name: wanted[name]
        for name in BUSINESS_FIELDS
        if wanted[name] is not None and wanted[name] != getattr(before, name)
    }
    if different:
        change_business(ctx, **different)
        changed["shop"] += 1


def _users(ctx: Context, shop: ShopFile, added: Counter[str], changed: Counter[str]) -> None:
    known = {one.phone: one for one in parties.all_users(ctx, active_only=False)}
    for row in shop.users:
        user = known.get(row.phone)
        if user is None:
            add_user(ctx, name=row.name, phone=row.phone, role=row.role, language=row.language)
            added["users"] += 1
            continue
        if (user.name, user.role) != (row.name, row.role):
            change_user(ctx, user_id=user.id, name=row.name, role=row.role)
            changed["users"] += 1
        if row.language and user.language != row.language:
            change_language(ctx, party=Actor("user", user.id), language=row.language)


def _products(ctx: Context, shop: ShopFile, added: Counter[str], changed: Counter[str]) -> None:
    by_sku: dict[str, Product] = {}
    by_name: dict[str, Product] = {}
    for product in catalogue.all_products(ctx, limit=None, active=False):
        by_sku[sku_key(product.sku)] = product
        by_name.setdefault(product.name.casefold(), product)
    opened = openings(ctx)
    new: list[ProductRow] = []
    for row in shop.products:
        known = by_sku.get(sku_key(row.sku)) if row.sku else by_name.get(row.name.casefold())
        if known is None:
            new.append(row)
            continue
        differs = _change_product(ctx, known, row)
        differs |= _change_opening(ctx, known, row, opened.get(known.id, Decimal(0)))
        differs |= _add_aliases(ctx, known.id, row)
        differs |= _set_packs(ctx, known, row)
        changed["products"] += differs
    _add_products(ctx, new)
    added["products"] += len(new)


def _add_products(ctx: Context, rows: list[ProductRow]) -> None:
    ids = add_products(
        ctx,
        [
            NewProduct(
                name=row.name,
                price_paise=row.price,
                unit=row.unit,
                sku=row.sku,
                cost_paise=row.cost,
                hsn=row.hsn,
                gst_rate=row.gst_rate,
                reorder_level=row.reorder_level,
                packs=row.packs,
                mrp_paise=row.mrp,
                packing=row.packing,
            )
            for row in rows
        ],
    )
    pairs = list(zip(ids, rows, strict=True))
    open_stock(ctx, [Opening(i, row.stock, row.cost or 0) for i, row in pairs if row.stock])
    for product_id, row in pairs:
        _add_aliases(ctx, product_id, row)


def _change_product(ctx: Context, known: Product, row: ProductRow) -> bool:
    differs = known.price_paise != row.price
    if differs:
        change_price(ctx, product_id=known.id, price_paise=row.price)
    wanted: dict[str, Any] = {
        "name": row.name,
        "unit": row.unit,
        "cost_paise": row.cost,
        "hsn": row.hsn,
        "gst_rate": None if row.gst_rate is None else parse_rate(row.gst_rate),
        "reorder_level": row.reorder_level,
        "mrp_paise": row.mrp,
        "packing": row.packing,
    }
    different = {
        name: value
        for name, value in wanted.items()
        if value is not None and value != getattr(known, name)
    }
    if "gst_rate" in different:
        different["gst_rate"] = row.gst_rate
    if different or not known.active:
        change_product(ctx, product_id=known.id, active=True, **different)
        differs = True
    return differs


def _change_opening(ctx: Context, known: Product, row: ProductRow, before: Decimal) -> bool:
    delta = row.stock - before
    if not delta:
        return False
    try:
        correct_opening(
            ctx, product_id=known.id, delta=delta, unit_cost_paise=row.cost or known.cost_paise or 0
        )
    except Conflict as error:
        raise Conflict(error.code, **error.facts, line=row.line) from None
    return True


def _add_aliases(ctx: Context, product_id: UUID, row: ProductRow) -> bool:
    known = catalogue.aliases_of(ctx, product_id) if row.aliases else []
    missing = [alias for alias in row.aliases if alias not in known]
    for alias in missing:
        add_alias(ctx, product_id=product_id, alias=alias)
    return bool(missing)


def _set_packs(ctx: Context, known: Product, row: ProductRow) -> bool:
    different = {
        unit: holds for unit, holds in row.packs.items() if known.packs.get(unit) != plain(holds)
    }
    for unit, holds in different.items():
        set_pack(ctx, product_id=known.id, unit=unit, holds=holds)
    return bool(different)


def _add_nicknames(ctx: Context, customer_id: UUID, row: CustomerRow) -> bool:
    missing = [one for one in row.nicknames if parties.nickname_owner(ctx, one) is None]
    for alias in missing:
        add_nickname(ctx, customer_id=customer_id, alias=alias)
    return bool(missing)


def _customers(
    ctx: Context, shop: ShopFile, added: Counter[str], changed: Counter[str]
) -> list[int]:
    """The lines whose balance differs from the one that the books began with."""
    by_phone: dict[str, Customer] = {}
    by_name: dict[str, Customer] = {}
    for customer in parties.all_customers(ctx):
        if customer.phone:
            by_phone[customer.phone] = customer
        else:
            by_name.setdefault(customer.name.casefold(), customer)
    new: list[CustomerRow] = []
    kept: list[int] = []
    for row in shop.customers:
        known = by_phone.get(row.phone) if row.phone else by_name.get(row.name.casefold())
        if known is None:
            new.append(row)
            continue
        differs = _change_customer(ctx, known, row)
        changed["customers"] += _add_nicknames(ctx, known.id, row) or differs
        opened = _opened(ctx, known.id)
        if opened is None and row.balance:
            open_balance(ctx, customer_id=known.id, balance_paise=row.balance)
        elif opened is not None and opened != row.balance:
            kept.append(row.line)
    _add_customers(ctx, new)
    added["customers"] += len(new)
    return kept


def _add_customers(ctx: Context, rows: list[CustomerRow]) -> None:
    ids = add_customers(
        ctx,
        [
            NewCustomer(
                name=row.name,
                phone=row.phone,
                state=row.state,
                gstin=row.gstin,
                address=row.address,
                language=row.language,
                treatment=row.treatment,
            )
            for row in rows
        ],
    )
    for customer_id, row in zip(ids, rows, strict=True):
        open_balance(ctx, customer_id=customer_id, balance_paise=row.balance)
        _add_nicknames(ctx, customer_id, row)


def _change_customer(ctx: Context, known: Customer, row: CustomerRow) -> bool:
    wanted = {
        name: getattr(row, name) for name in ("name", "state", "gstin", "address", "treatment")
    }
    different = {
        name: value
        for name, value in wanted.items()
        if value is not None and value != getattr(known, name)
    }
    if different:
        change_customer(ctx, customer_id=known.id, **different)
    if row.language and row.language != known.language:
        change_language(ctx, party=Actor("customer", known.id), language=row.language)
        return True
    return bool(different)


def _opened(ctx: Context, customer_id: UUID) -> int | None:
    """The balance that a customer's account began with, None if it began with nothing."""
    entries = entries_of(ctx, "opening", customer_id)
    if not entries:
        return None
    return sum(
        posting.paise
        for entry in entries
        for posting in entry.postings
        if posting.account == chart.RECEIVABLE
    )
