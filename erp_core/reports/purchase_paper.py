"""Papers of buying: a purchase order, and the voucher of a service under reverse charge."""

from __future__ import annotations

from uuid import UUID

from erp_core.journal.context import Reader
from erp_core.kernel.quantity import plain
from erp_core.parties.queries import business, vendor
from erp_core.portals.reverse_charge import charged
from erp_core.purchases.ordering import order
from erp_core.reports.paper import Column, Paper, Row, day, labels_in
from erp_core.tax import rules, states
from erp_core.tax.gst import percent


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


def charge_paper(reader: Reader, charge_id: UUID, language: str) -> Paper:
    """The payment voucher of a service under reverse charge (rule 52), and our own invoice where
    its supplier is not registered. Raises NotFound("purchase")."""
    found, shop = charged(reader, charge_id), business(reader)
    spoken = "hindi" if language == "hindi" else "english"
    words = labels_in(spoken)
    place = rules.home_of(shop)
    own = f" · {words['self_invoice']} {found.self_invoice}" if found.self_invoice else ""
    gstin = found.supplier_gstin or words["unregistered"]
    half = percent(found.rate // 2)
    heads = (
        (f"CGST {half} %", found.cgst),
        (f"SGST {half} %", found.sgst),
        (f"IGST {percent(found.rate)} %", found.igst),
    )
    return Paper(
        name=found.number,
        title=f"{words['payment_voucher']} {found.number}{own}",
        subtitle=f"{words['to']} {found.vendor or '–'} ({words['gstin']} {gstin}), {day(found.on)}",
        shop=shop,
        on=found.on,
        language=spoken,
        columns=(Column(words["particulars"], 130), Column(words["amount"], 52, "money")),
        rows=(
            Row((words["services"][found.service], found.taxable)),
            *(Row(cells) for cells in heads if cells[1]),
            Row((words["tax_owed"], found.tax), "total"),
            Row(
                (f"{words['place_of_supply']}: {states.state_name(place)} ({place})", None), "note"
            ),
            Row((words["under_reverse_charge"], None), "note"),
        ),
        labels=words,
    )
