"""A product by the SKU that a shop file gave it."""

from __future__ import annotations

from erp_core.catalogue.queries import Product, all_products
from erp_core.journal.context import Reader


def product_by_sku(reader: Reader, sku: str) -> Product:
    """The one product with this SKU."""
    (found,) = [one for one in all_products(reader) if one.sku == sku]
    return found
