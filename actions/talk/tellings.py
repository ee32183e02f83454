"""Notifications in words: what a command told somebody, rendered at the moment it is sent."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any
from uuid import UUID

from actions.phrasebook import Message, Phrasebook
from actions.reading.wanted_words import noted_words, wanted_words
from erp_core.catalogue import queries as catalogue
from erp_core.invoicing import links
from erp_core.invoicing import queries as invoicing
from erp_core.journal.chain import canonical
from erp_core.journal.context import Reader
from erp_core.journal.outbox import OutboxRow
from erp_core.kernel.money import inr, rupees
from erp_core.kernel.quantity import parse_quantity, plain
from erp_core.kernel.settings import Settings
from erp_core.orders import queries as orders
from erp_core.parties import queries as parties
from erp_core.parties.queries import Business
from erp_core.purchases import ordering

MONEY = frozenset(
    {
        "amount",
        "balance",
        "balance_after",
        "balance_before",
        "total",
        "subtotal",
        "tax",
        "due",
        "paise",
    }
)
QUANTITIES = frozenset({"available", "quantity", "on_hand", "level", "reorder_level", "stock"})
STATUSES = frozenset({"status", "before", "after"})


class Words:
    """What a shop's tellings say, as long as one transaction lasts: an order that seven people hear
    of is read once for each of their languages.

    Beside `customer_id`, `product_id`, `order_id` and `invoice_id` stand the facts customer,
    product, unit, order, invoice and its link; `shop` is the shop's name, `upi` where it is paid.
    """

    def __init__(self, reader: Reader, phrasebook: Phrasebook, *, shop: Business) -> None:
        self._reader = reader
        self._phrasebook = phrasebook
        self._shop = shop
        self._facts: dict[tuple[str, str, bool], Mapping[str, Any]] = {}

    def of(self, row: OutboxRow, language: str) -> Message:
        """The words of a telling in its reader's language: names for ids, rupees for paise."""
        told_to_shop = row.to.kind == "user"
        known = (canonical(row.facts), language, told_to_shop)
        if known not in self._facts:
            self._facts[known] = self._read(row.facts, language, told_to_shop)
        return self._phrasebook.render(row.response, language, **self._facts[known])

    def _read(
        self, given: Mapping[str, Any], language: str, told_to_shop: bool
    ) -> Mapping[str, Any]:
        facts = facts_of(self._reader, given, self._phrasebook, language, shop=self._shop)
        if told_to_shop and given.get("customer_id"):
            facts |= _told_apart(self._reader, UUID(str(given["customer_id"])), facts)
        return facts


def _told_apart(reader: Reader, customer_id: UUID, facts: Mapping[str, Any]) -> dict[str, str]:
    """A name that two customers share, with the end of this one's number."""
    if not parties.has_namesake(reader, customer_id):
        return {}
    told = f"{facts['customer']} ({_end_of_number(reader, customer_id)})"
    return {"customer": told, "name": told}


def _end_of_number(reader: Reader, customer_id: UUID) -> str:
    phone = parties.customer(reader, customer_id).phone
    return f"…{phone[-4:]}" if phone else "-"


def facts_of(
    reader: Reader,
    given: Mapping[str, Any],
    phrasebook: Phrasebook,
    language: str,
    *,
    shop: Business,
) -> dict[str, Any]:
    """The facts of a telling as its response puts them in."""
    facts: dict[str, Any] = {"business": shop.name, "shop": shop.name, "upi": shop.upi_vpa or "-"}
    for name, value in given.items():
        facts[name] = _readable(name, value, phrasebook, language)
        if name == "amount":
            facts["rupees"] = rupees(value)
        if name == "method":
            facts["method_code"] = value or ""
            facts["by"] = f" ({facts[name]})" if value else ""
        if name in _NAMES and value:
            facts |= _NAMES[name](reader, UUID(str(value)), phrasebook, language)
    return facts


def _readable(name: str, value: Any, phrasebook: Phrasebook, language: str) -> Any:
    base = name.removesuffix("_paise")
    if isinstance(value, int) and not isinstance(value, bool) and base in MONEY:
        if value < 0 and base.startswith("balance"):
            return phrasebook.line("word_advance", language, amount=inr(-value))
        return inr(value)
    if name == "ways":
        return " + ".join(
            f"{inr(paise)} {phrasebook.line(f'method_{way}', language)}" for paise, way in value
        )
    if name in QUANTITIES and isinstance(value, str):
        return plain(parse_quantity(value))
    if name in STATUSES and phrasebook.has(f"status_{value}"):
        return phrasebook.line(f"status_{value}", language)
    if name == "why" and isinstance(value, str):
        known = f"line_portal_{value}"
        if phrasebook.has(known):
            return phrasebook.line(known, language)
        return phrasebook.line("line_portal_other", language, code=value)
    if name == "method" and phrasebook.has(f"method_{value}"):
        return phrasebook.line(f"method_{value}", language)
    return value


def _customer(reader: Reader, party_id: UUID, *_: Any) -> dict[str, str]:
    name = parties.customers_named(reader, [party_id]).get(party_id, "")
    return {"customer": name, "name": name, "phone": _end_of_number(reader, party_id)}


def _product(
    reader: Reader, product_id: UUID, phrasebook: Phrasebook, language: str
) -> dict[str, str]:
    product = catalogue.product(reader, product_id)
    return {
        "product": product.name,
        "unit": phrasebook.unit(product.unit, language),
        "price": inr(product.price_paise),
    }


def _order(reader: Reader, order_id: UUID, phrasebook: Phrasebook, language: str) -> dict[str, str]:
    order = orders.order(reader, order_id)
    rows = [
        phrasebook.line(
            "line_order",
            language,
            product=line.product,
            quantity=plain(line.quantity),
            unit=phrasebook.unit(line.unit, language, line.quantity),
            price=inr(line.unit_price_paise),
            total=inr(line.taxable_paise),
        )
        for line in order.lines
    ]
    when = wanted_words(phrasebook, language, order.wanted_on, order.wanted_at)
    beside = [phrasebook.line("line_wanted", language, when=when)] if when else []
    if order.note:
        beside.append(noted_words(order.note))
    return {
        "order": order.number,
        "order_number": order.number,
        "rows": "\n".join(rows),
        "order_total": inr(order.total_paise),
        "customer": order.customer,
        "name": order.customer,
        "wanted": "".join(f" {one}." for one in beside),
    }


def _invoice(reader: Reader, invoice_id: UUID, *_: Any) -> dict[str, str]:
    invoice = invoicing.invoice(reader, invoice_id)
    settings = _settings()
    return {
        "invoice": invoice.number,
        "invoice_number": invoice.number,
        "customer": invoice.customer_name,
        "link": links.url(settings.public_url, settings.secret_key, reader.business_id, invoice_id),
    }


def _purchase_order(
    reader: Reader, order_id: UUID, phrasebook: Phrasebook, language: str
) -> dict[str, str]:
    placed = ordering.order(reader, order_id)
    rows = [
        phrasebook.line(
            "line_goods",
            language,
            product=line.product,
            quantity=plain(line.quantity),
            unit=phrasebook.unit(line.unit, language, line.quantity),
        )
        for line in placed.lines
    ]
    return {"number": placed.number, "vendor": placed.vendor, "rows": "\n".join(rows)}


@lru_cache(maxsize=1)
def _settings() -> Settings:
    return Settings.load()


_NAMES: Mapping[str, Callable[[Reader, UUID, Phrasebook, str], dict[str, str]]] = {
    "customer_id": _customer,
    "product_id": _product,
    "order_id": _order,
    "invoice_id": _invoice,
    "purchase_order_id": _purchase_order,
}
