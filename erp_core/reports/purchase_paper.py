"""A purchase order on paper: what a vendor is asked to bring, and what it cost last."""

from __future__ import annotations

from uuid import UUID

from erp_core.journal.context import Reader
from erp_core.kernel.quantity import plain
from erp_core.parties.queries import business, vendor
from erp_core.purchases.ordering import order
from erp_core.reports.paper import Column, Paper, Row, day, labels_in


def order_paper(reader: Reader, order_id: UUID, language: str) -> Paper:
    """The paper of an order in "hindi", else in English. Raises NotFound("purchase_order")."""
    placed = order(reader, order_id)
    seller = vendor(reader, placed.vendor_id)
    spoken = "hindi" if language == "hindi" else "english"
    words = labels_in(spoken)
    gstin = f" ({words['gstin']} {seller.gstin})" if seller.gstin else ""
    return Paper(
        name=placed.number,
        title=f"{words['purchase_order']} {placed.number}",
        subtitle=f"{words['to']} {seller.name}{gstin}, {day(placed.on)}",
        shop=business(reader),
        on=placed.on,
        language=spoken,
        columns=(
            Column(words["product"], 100),
            Column(words["quantity"], 42),
            Column(words["unit_price"], 40, "money"),
        ),
        rows=tuple(
            Row((line.product, f"{plain(line.quantity)} {line.unit}", line.unit_price))
            for line in placed.lines
        ),
        labels=words,
    )
