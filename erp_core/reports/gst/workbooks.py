"""The returns for people, in Excel: every table on a sheet of its own.

A sum leads to the rows of the documents behind it (behind.py).
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from typing import TypeVar

from erp_core.portals.shipping import ShippingBill
from erp_core.reports.gst import behind
from erp_core.reports.gst.behind import Cells, Document, Sold
from erp_core.reports.gst.codes import CodeKey
from erp_core.reports.gst.composition import Cmp08, Gstr4
from erp_core.reports.gst.figures import (
    CMP08_ROWS,
    percent_of,
    rows_of,
    rupees,
    taxed_parts,
    type_of,
)
from erp_core.reports.gst.filing import Filed, SmallKey, filed, parts_of
from erp_core.reports.gst.gstr1 import Gstr1
from erp_core.reports.gst.gstr3b import Gstr3b
from erp_core.reports.gst.parts import Part
from erp_core.reports.paper import kind_label
from erp_core.reports.xlsx import Lead, Sheet, Value, workbook

Key = TypeVar("Key", bound=Hashable)
Row = list[Value]

HEADS = ("Rate %", "Taxable value", "IGST", "CGST", "SGST/UTGST", "Cess")
BILL = ("GSTIN", "Name", "Number", "Date", "Value", "Place of supply")
NOTE = ("GSTIN", "Name", "Note", "Kind", "Date", "Value", "Invoice")
SUM = ("Type", "Place of supply")
SHIPPING = ("Shipping bill", "Port", "Shipped")
DOCUMENT = ("Document", "Number", "Date", "Party")
BEHIND = " bills"
"""How the sheets end that stand behind those of sums, and after them all."""
DOCUMENTS = "Documents"
"""The sheet of what stands behind the cells of a form."""

EXEMPT_INWARD = (
    ("5 Inter", "Composition, exempt and nil rated: inter-State", True),
    ("5 Intra", "Composition, exempt and nil rated: intra-State", False),
)

NO_OPERATOR = "None: no sale through an e-commerce operator is written in these books."
"""Tables 14 and 15 (SUPECO) are of sales on marketplaces that collect tax or pay it under section
9(5). Bahi sells through none; whoever does beside it adds them on the portal."""


def gstr1_excel(found: Gstr1) -> bytes:
    """Every table on a sheet of its own, amounts as numbers that can be added up; behind a table
    of sums another of its documents."""
    tables = (_bills, _notes, _amended, _advances, _nil, _codes, _documents)
    sheets = [sheet for table in tables for sheet in table(found)]
    return workbook(sorted(sheets, key=lambda sheet: sheet.title.endswith(BEHIND)))


def gstr3b_excel(found: Gstr3b, cells: Cells) -> bytes:
    """The tables of the form, amounts as numbers; each leads to what stands behind it."""
    documents, leads = _documents_behind(cells)
    heads = ["IGST", "CGST", "SGST/UTGST", "Cess"]

    def table(rows: Iterable[tuple[str, str, Part]], first: int) -> Iterator[Row]:
        for cell, name, part in rows:
            label = cell.split()[0]
            yield [leads.get(cell, label), name, *_cells(part)[first:]]

    return workbook(
        [
            Sheet(
                "3 Supplies",
                ["Table", "Nature of supplies", "Taxable value", *heads],
                table(_supplies(found), 1),
            ),
            Sheet("4 ITC", ["Table", "Details", *heads], table(_credit(found), 2)),
            Sheet(
                "5 Inward",
                ["Table", "Nature of supplies", "Value"],
                [
                    [leads.get(cell, "5"), name, rupees(found.exempt_inward.get(inter, 0))]
                    for cell, name, inter in EXEMPT_INWARD
                ],
            ),
            Sheet(
                "5.1 Interest",
                ["Table", "Details", *heads],
                table(
                    [("5.1", "Interest", found.interest), ("5.1", "Late fee", found.late_fee)], 2
                ),
            ),
            documents,
        ]
    )


def _supplies(found: Gstr3b) -> list[tuple[str, str, Part]]:
    return [
        (
            "3.1(a)",
            "Outward taxable supplies (other than zero rated, nil rated, exempt)",
            found.taxable,
        ),
        ("3.1(b)", "Outward taxable supplies (zero rated)", found.zero_rated),
        ("3.1(c)", "Other outward supplies (nil rated, exempt)", Part(0, found.nil)),
        ("3.1(d)", "Inward supplies (liable to reverse charge)", found.reverse_charge),
        ("3.1(e)", "Non-GST outward supplies", Part(0)),
        *(
            (f"3.2 {place}", f"To unregistered persons in {place}", part)
            for place, part in sorted(found.inter_unregistered.items())
        ),
    ]


def _credit(found: Gstr3b) -> list[tuple[str, str, Part]]:
    return [
        ("4(A)(3)", "Inward supplies liable to reverse charge", found.input_reverse),
        ("4(A)(5)", "All other ITC", found.available.plus(found.input_reverse, -1)),
        ("4(B)(1)", "Reversed by rules 38, 42, 43 and section 17(5)", found.given_back),
        ("4(B)(2)", "Reversed otherwise (rule 37)", found.reversed),
        ("4(C)", "Net ITC available", found.input_tax),
        ("4(D)(1)", "Reclaimed of what was reversed in 4(B)(2)", found.reclaimed),
    ]


def cmp08_excel(found: Cmp08, cells: Cells) -> bytes:
    """Table 3 of the form, amounts as numbers; the first two rows lead to their documents."""
    documents, leads = _documents_behind(cells)
    rows: list[Row] = [
        [
            _named(leads.get(name), str(number)),
            CMP08_ROWS[name],
            rupees(part.taxable),
            *_cells(part)[2:],
        ]
        for number, (name, part) in enumerate(rows_of(found), start=1)
    ]
    head = ["Sr", "Description", "Value", "IGST", "CGST", "SGST/UTGST", "Cess"]
    return workbook([Sheet("CMP-08", head, rows), documents])


def _named(lead: Lead | None, label: str) -> Value:
    return lead._replace(value=label) if lead else label


def _documents_behind(cells: Cells) -> tuple[Sheet, dict[str, Lead]]:
    """The sheet of all documents, and by cell what leads there."""
    rows: list[Row] = []
    leads: dict[str, Lead] = {}
    for cell, documents in cells.items():
        label = cell.split()[0]
        if documents:
            leads[cell] = Lead(label, DOCUMENTS, len(rows) + 2, len(rows) + len(documents) + 1)
        rows += [[cell, *_document(one), *_cells(one.part)[1:]] for one in documents]
    head = ("Table", *DOCUMENT, *HEADS[1:])
    return Sheet(DOCUMENTS, head, rows), leads


def _document(one: Document) -> Row:
    return [kind_label(one.kind, "english"), one.number or "", one.on, one.party or ""]


def gstr4_excel(found: Gstr4) -> bytes:
    """Tables 4, 5 and 6 of the form, amounts as numbers."""
    heads = ["Rate %", "Value", "IGST", "CGST", "SGST/UTGST", "Cess"]
    inward = [
        [one.part, one.gstin, "Inter" if one.inter_state else "Intra", *_cells(one.bought)]
        for one in found.inward
    ]
    quarters = [
        [f"{one.start:%b}-{one.end:%b %Y}", rupees(one.turnover), *_cells(one.payable)[2:]]
        for one in found.quarters
    ]
    outward = [["Outward", *_cells(part)] for part in found.outward]
    outward += [["Reverse charge", *_cells(part)] for part in found.reverse_charge]
    return workbook(
        [
            Sheet("4 Inward", ["Table", "GSTIN", "Supply", *heads], inward),
            Sheet("5 CMP-08", ["Quarter", "Turnover", *heads[2:]], quarters),
            Sheet("6 By rate", ["Type", *heads], outward),
        ]
    )


def _bills(found: Gstr1) -> Iterator[Sheet]:
    of_buyers = [
        [*_bill_cells(one), type_of(one.document), *_cells(part)]
        for one in found.b2b
        for part in taxed_parts(one)
    ]
    yield Sheet("b2b", (*BILL, "Type", *HEADS), of_buyers)
    large = [[*_bill_cells(one), *_cells(part)] for one in found.b2cl for part in taxed_parts(one)]
    yield Sheet("b2cl", (*BILL, *HEADS), large)
    yield from _sums("b2cs", found.b2cs, behind.small_behind(found))
    exported = [
        [*_bill_cells(one), *_shipping(found.shipping.get(one.document.id)), *_cells(part)]
        for one in found.exports
        for part in one.parts
    ]
    yield Sheet("exp", (*BILL, *SHIPPING, *HEADS), exported)


def _notes(found: Gstr1) -> Iterator[Sheet]:
    for title, table in (("cdnr", found.notes_registered), ("cdnur", found.notes_unregistered)):
        rows = [[*_note_cells(one), *_cells(part)] for one in table for part in taxed_parts(one)]
        yield Sheet(title, (*NOTE, *HEADS), rows)


def _amended(found: Gstr1) -> Iterator[Sheet]:
    head = ("Table", "Number", "Date", "GSTIN before", "Place before", BILL[0], BILL[-1], *HEADS)
    rows: list[Row] = [
        [
            one.table, one.before.number, one.before.on_date,
            one.before.customer_gstin or "", one.before.place_of_supply,
            one.after.customer_gstin or "", one.after.place_of_supply, *_cells(part),
        ]
        for one in found.amended
        for part in parts_of(one.after)
        if part.rate
    ]  # fmt: skip
    yield Sheet("amended", head, rows)
    shipped: list[Row] = [
        [
            *_bill_cells(filed(one.document)), *_shipping(one.before), *_shipping(one.after),
            *_cells(part),
        ]
        for one in found.shipped_later
        for part in parts_of(one.document)
    ]  # fmt: skip
    was = tuple(f"{name} before" for name in SHIPPING)
    yield Sheet("expa", (*BILL, *was, *SHIPPING, *HEADS), shipped)


def _shipping(shipping: ShippingBill | None) -> Row:
    return [shipping.number, shipping.port, shipping.on] if shipping else ["", "", ""]


def _advances(found: Gstr1) -> Iterator[Sheet]:
    received, adjusted = behind.advances_behind(found)
    yield from _sums("at", found.advances, received)
    yield from _sums("txpd", found.adjusted, adjusted)


def _nil(found: Gstr1) -> Iterator[Sheet]:
    documents = behind.nil_behind(found)
    sheet, leads = _grouped(
        f"nil{BEHIND}",
        ("Supply", *DOCUMENT, "Nil, exempt"),
        {
            kind: [[kind, *_document(one), rupees(one.part.taxable)] for one in documents[kind]]
            for kind in found.nil
        },
    )
    rows = [[_named(leads.get(kind), kind), rupees(paise)] for kind, paise in found.nil.items()]
    yield Sheet("nil", ("Supply", "Nil, exempt"), rows)
    yield sheet


def _codes(found: Gstr1) -> Iterator[Sheet]:
    for title, codes, registered in (
        ("hsn_b2b", found.hsn_b2b, True),
        ("hsn_b2c", found.hsn_b2c, False),
    ):
        documents = behind.codes_behind(found, registered=registered)
        keys = [(one.hsn, one.uqc, one.rate) for one in codes]
        sheet, leads = _grouped(
            f"{title}{BEHIND}",
            ("HSN", "UQC", "Quantity", *DOCUMENT, *HEADS),
            {key: [_sold(key, one) for one in documents[key]] for key in keys},
        )
        rows = [
            [
                _named(leads.get(key), one.hsn), one.description, one.uqc, float(one.quantity),
                *_cells(one.part),
            ]
            for key, one in zip(keys, codes, strict=True)
        ]  # fmt: skip
        yield Sheet(title, ("HSN", "Description", "UQC", "Quantity", *HEADS), rows)
        yield sheet


def _sold(key: CodeKey, one: Sold) -> Row:
    hsn, uqc, rate = key
    return [
        hsn, uqc, float(one.quantity), *_document(one.document), percent_of(rate),
        *_amounts(one.document.part),
    ]  # fmt: skip


def _documents(found: Gstr1) -> Iterator[Sheet]:
    yield Sheet("eco", ("Tables 14 and 15",), [[NO_OPERATOR]])
    issued: list[Row] = [
        [one.kind, one.first, one.last, one.count, one.cancelled, one.count - one.cancelled]
        for one in found.ranges
    ]
    yield Sheet("docs", ("Kind", "From", "To", "Total", "Cancelled", "Net"), issued)
    problems = [[one.number, one.code, one.what] for one in found.problems]
    yield Sheet("check", ("Number", "Problem", "Line"), problems)


def _sums(
    title: str, table: Mapping[SmallKey, Part], documents: Mapping[SmallKey, Sequence[Document]]
) -> Iterator[Sheet]:
    """A table of sums, and the one of the documents behind them."""
    behind_it, leads = _grouped(
        f"{title}{BEHIND}",
        (*SUM, *DOCUMENT, *HEADS),
        {
            key: [
                [*key[:2], *_document(one), percent_of(key[2]), *_amounts(one.part)]
                for one in documents[key]
            ]
            for key in table
        },
    )
    rows = [[_named(leads.get(key), key[0]), key[1], *_cells(part)] for key, part in table.items()]
    yield Sheet(title, (*SUM, *HEADS), rows)
    yield behind_it


def _grouped(
    title: str, head: Sequence[str], groups: Mapping[Key, Sequence[Row]]
) -> tuple[Sheet, dict[Key, Lead]]:
    """A sheet of rows that stand together, and what leads to each group."""
    rows: list[Row] = []
    leads = {}
    for key, group in groups.items():
        if group:
            leads[key] = Lead("", title, len(rows) + 2, len(rows) + len(group) + 1)
        rows += group
    return Sheet(title, head, rows), leads


def _bill_cells(one: Filed) -> Row:
    document = one.document
    return [
        document.customer_gstin or "",
        document.customer_name,
        document.number,
        document.on_date,
        rupees(document.total_paise),
        document.place_of_supply,
    ]


def _note_cells(one: Filed) -> Row:
    document, noted = one.document, one.note
    if noted is None:
        raise ValueError("a note is filed with itself")
    return [
        document.customer_gstin or "",
        document.customer_name,
        noted.number,
        "Credit" if noted.kind == "credit_note" else "Debit",
        noted.on_date,
        rupees(noted.total_paise),
        document.number,
    ]


def _cells(part: Part) -> Row:
    return [percent_of(part.rate), *_amounts(part)]


def _amounts(part: Part) -> Row:
    _, taxable, cgst, sgst, igst, cess = part
    return [rupees(taxable), rupees(igst), rupees(cgst), rupees(sgst), rupees(cess)]
