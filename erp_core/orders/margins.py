"""What is left of the price of one unit of a product, when its tax and its cost are taken off."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from erp_core.catalogue.queries import Product, products_by_id
from erp_core.inventory.queries import stock
from erp_core.journal.context import Reader
from erp_core.kernel.money import half_up
from erp_core.orders.pricing import LineWanted, draft, draft_lines, terms_for
from erp_core.parties.permissions import Permission, require


@dataclass(frozen=True)
class Margin:
    """Paise of one unit. `price` is without tax; `cost` is the average of what is there, else what
    was last said, and None where nobody has said it."""

    price: int
    cost: int | None

    @property
    def gained(self) -> int | None:
        return None if self.cost is None else self.price - self.cost

    @property
    def percent(self) -> Decimal | None:
        """Of the price, to a tenth."""
        if self.gained is None or not self.price:
            return None
        return (Decimal(100 * self.gained) / self.price).quantize(Decimal("0.1"))


def margin(reader: Reader, product: Product, *, rate: int | None = None) -> Margin:
    """What one unit brings at a rate in paise, else at the list's, sold to somebody of the shop's
    own state. Raises Forbidden."""
    require(reader, Permission.VIEW_COSTS)
    wanted = LineWanted(product_id=str(product.id), quantity="1", unit_price_paise=rate)
    one = draft_lines(reader, [wanted])
    made = draft(one, terms_for(reader, None))
    average = stock(reader, product.id).average_cost_paise
    value = made.assessment.lines[0].value
    return Margin(price=value, cost=average if average else product.cost_paise)


def gain(reader: Reader, sold: Iterable[tuple[UUID | None, Decimal, int]]) -> Margin:
    """What goods that were sold brought together: each with how many, and for how many paise
    without tax. The cost is None where nobody has said that of some. Raises Forbidden."""
    require(reader, Permission.VIEW_COSTS)
    rows = list(sold)
    known = products_by_id(reader, [one for one, _, _ in rows if one])
    costs: list[int | None] = []
    for product_id, quantity, _ in rows:
        product = known.get(product_id) if product_id else None
        average = stock(reader, product.id).average_cost_paise if product else None
        each = average or (product.cost_paise if product else None)
        costs.append(None if each is None else half_up(each * quantity))
    price = sum(value for _, _, value in rows)
    said = [one for one in costs if one is not None]
    return Margin(price=price, cost=sum(said) if len(said) == len(rows) else None)
