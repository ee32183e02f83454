"""The returns as the portal takes them (JSON), and for people (Excel)."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from io import BytesIO
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Font

from erp_core.kernel.quantity import plain
from erp_core.reports.gst_returns import (
    HSN_SPLIT_FROM,
    INVOICE_TYPES,
    Cmp08,
    Code,
    Filed,
    Gstr1,
    Gstr3b,
    Gstr4,
    Part,
    parts_of,
)
from erp_core.tax.gst import percent
from erp_core.tax.rules import UNDER_LUT

Row = dict[str, Any]


def gstr1_json(found: Gstr1) -> bytes:
    """The file to upload. Tables without a row are left out, but for HSN and documents."""
    content: Row = {"gstin": found.gstin, "fp": f"{found.month:%m%Y}", "version": "GST3.2.2"}
    tables = {
        "b2b": _by_buyer(found.b2b, "inv", _invoice),
        "b2cl": _by_place(found.b2cl),
        "b2cs": [_small(key, part) for key, part in found.b2cs.items()],
        "cdnr": _by_buyer(found.notes_registered, "nt", _note),
        "cdnur": [_unregistered_note(one) for one in found.notes_unregistered],
        "exp": _exports(found.exports),
        "b2ba": _amended_bills(found),
        "cdnra": _amended_notes(found),
        "b2csa": [_small_amended(key, parts) for key, parts in found.b2csa.items()],
        "at": _advances(found.advances),
        "txpd": _advances(found.adjusted),
    }
    content |= {name: rows for name, rows in tables.items() if rows}
    if found.nil:
        content["nil"] = {"inv": [_nil_row(kind, paise) for kind, paise in found.nil.items()]}
    content["hsn"] = _hsn(found)
    content["doc_issue"] = {"doc_det": _documents(found)}
    return json.dumps(content, ensure_ascii=False, indent=1).encode()


def gstr3b_json(gstin: str, found: Gstr3b) -> bytes:
    """The preview in the portal's own form."""
    nothing = {"iamt": 0, "camt": 0, "samt": 0, "csamt": 0}
    content = {
        "gstin": gstin,
        "ret_period": f"{found.month:%m%Y}",
        "sup_details": {
            "osup_det": {"txval": _r(found.taxable.taxable), **_heads(found.taxable)},
            "osup_zero": {
                "txval": _r(found.zero_rated.taxable),
                "iamt": _r(found.zero_rated.igst),
                "csamt": _r(found.zero_rated.cess),
            },
            "osup_nil_exmp": {"txval": _r(found.nil)},
            "isup_rev": {
                "txval": _r(found.reverse_charge.taxable),
                **_heads(found.reverse_charge),
            },
            "osup_nongst": {"txval": 0},
        },
        "eco_dtls": {"eco_sup": {"txval": 0, **nothing}, "eco_reg_sup": {"txval": 0}},
        "inter_sup": {
            "unreg_details": [
                {"pos": place, "txval": _r(part.taxable), "iamt": _r(part.igst)}
                for place, part in sorted(found.inter_unregistered.items())
            ],
            "comp_details": [],
            "uin_details": [],
        },
        "itc_elg": {
            "itc_avl": [
                {"ty": "IMPG", **nothing},
                {"ty": "IMPS", **nothing},
                {"ty": "ISRC", **_heads(found.input_reverse)},
                {"ty": "ISD", **nothing},
                {"ty": "OTH", **_heads(found.available.plus(found.input_reverse, -1))},
            ],
            "itc_rev": [
                {"ty": "RUL", **_heads(found.given_back)},
                {"ty": "OTH", **_heads(found.reversed)},
            ],
            "itc_net": _itc(found),
            "itc_inelg": [{"ty": "RUL", **_heads(found.reclaimed)}, {"ty": "OTH", **nothing}],
        },
        "inward_sup": {
            "isup_details": [
                {
                    "ty": "GST",
                    "inter": _r(found.exempt_inward.get(True, 0)),
                    "intra": _r(found.exempt_inward.get(False, 0)),
                },
                {"ty": "NONGST", "inter": 0, "intra": 0},
            ]
        },
        "intr_ltfee": {
            "intr_details": _heads(found.interest),
            "ltfee_details": {"camt": _r(found.late_fee.cgst), "samt": _r(found.late_fee.sgst)},
        },
    }
    return json.dumps(content, indent=1).encode()


def gstr3b_excel(found: Gstr3b) -> bytes:
    """The tables of the form, amounts as numbers."""
    nil = Part(0, found.nil)
    supplies = [
        (
            "3.1(a)",
            "Outward taxable supplies (other than zero rated, nil rated, exempt)",
            found.taxable,
        ),
        ("3.1(b)", "Outward taxable supplies (zero rated)", found.zero_rated),
        ("3.1(c)", "Other outward supplies (nil rated, exempt)", nil),
        ("3.1(d)", "Inward supplies (liable to reverse charge)", found.reverse_charge),
        ("3.1(e)", "Non-GST outward supplies", Part(0)),
        *(
            ("3.2", f"To unregistered persons in {place}", part)
            for place, part in sorted(found.inter_unregistered.items())
        ),
    ]
    credit = [
        ("4(A)(3)", "Inward supplies liable to reverse charge", found.input_reverse),
        ("4(A)(5)", "All other ITC", found.available.plus(found.input_reverse, -1)),
        ("4(B)(1)", "Reversed by rules 38, 42, 43 and section 17(5)", found.given_back),
        ("4(B)(2)", "Reversed otherwise (rule 37)", found.reversed),
        ("4(C)", "Net ITC available", found.input_tax),
        ("4(D)(1)", "Reclaimed of what was reversed in 4(B)(2)", found.reclaimed),
    ]
    inward = [
        [
            "5",
            "Composition, exempt and nil rated: inter-State",
            _r(found.exempt_inward.get(True, 0)),
        ],
        [
            "5",
            "Composition, exempt and nil rated: intra-State",
            _r(found.exempt_inward.get(False, 0)),
        ],
    ]
    paid_late = [("5.1", "Interest", found.interest), ("5.1", "Late fee", found.late_fee)]
    heads = ["IGST", "CGST", "SGST/UTGST", "Cess"]
    return _workbook(
        [
            (
                "3 Supplies",
                ["Table", "Nature of supplies", "Taxable value", *heads],
                [[table, name, *_cells(part)[1:]] for table, name, part in supplies],
            ),
            (
                "4 ITC",
                ["Table", "Details", *heads],
                [[table, name, *_cells(part)[2:]] for table, name, part in credit],
            ),
            ("5 Inward", ["Table", "Nature of supplies", "Value"], inward),
            (
                "5.1 Interest",
                ["Table", "Details", *heads],
                [[table, name, *_cells(part)[2:]] for table, name, part in paid_late],
            ),
        ]
    )


def cmp08_json(found: Cmp08) -> bytes:
    """The statement, row by row of table 3 of the form. The portal takes CMP-08 on the screen and
    has published no file for it: the names of the fields are those of its other returns."""
    content = {
        "gstin": found.gstin,
        "ret_period": f"{found.end:%m%Y}",
        **{name: {"txval": _r(part.taxable), **_heads(part)} for name, part in _rows_of(found)},
    }
    return json.dumps(content, indent=1).encode()


def cmp08_excel(found: Cmp08) -> bytes:
    """Table 3 of the form, amounts as numbers."""
    rows = [
        [str(number), CMP08_ROWS[name], _r(part.taxable), *_cells(part)[2:]]
        for number, (name, part) in enumerate(_rows_of(found), start=1)
    ]
    head = ["Sr", "Description", "Value", "IGST", "CGST", "SGST/UTGST", "Cess"]
    return _workbook([("CMP-08", head, rows)])


def gstr4_json(found: Gstr4) -> bytes:
    """The return, table by table of the form; its fields are named as those of `cmp08_json`."""
    content = {
        "gstin": found.gstin,
        "fy": found.year,
        "inward": [
            {
                "table": one.part,
                "ctin": one.gstin,
                "sply_ty": "INTER" if one.inter_state else "INTRA",
                **_at_rate(one.bought),
            }
            for one in found.inward
        ],
        "cmp08": [
            {"ret_period": f"{one.end:%m%Y}", "txval": _r(one.turnover), **_heads(one.payable)}
            for one in found.quarters
        ],
        "outward": [_at_rate(part) for part in found.outward],
        "isup_rev": [_at_rate(part) for part in found.reverse_charge],
    }
    return json.dumps(content, indent=1).encode()


def gstr4_excel(found: Gstr4) -> bytes:
    """Tables 4, 5 and 6 of the form, amounts as numbers."""
    heads = ["Rate %", "Value", "IGST", "CGST", "SGST/UTGST", "Cess"]
    inward = [
        [one.part, one.gstin, "Inter" if one.inter_state else "Intra", *_cells(one.bought)]
        for one in found.inward
    ]
    quarters = [
        [f"{one.start:%b}-{one.end:%b %Y}", _r(one.turnover), *_cells(one.payable)[2:]]
        for one in found.quarters
    ]
    outward = [["Outward", *_cells(part)] for part in found.outward]
    outward += [["Reverse charge", *_cells(part)] for part in found.reverse_charge]
    return _workbook(
        [
            ("4 Inward", ["Table", "GSTIN", "Supply", *heads], inward),
            ("5 CMP-08", ["Quarter", "Turnover", *heads[2:]], quarters),
            ("6 By rate", ["Type", *heads], outward),
        ]
    )


def _at_rate(part: Part) -> Row:
    return {"rt": _rate(part.rate), "txval": _r(part.taxable), **_heads(part)}


NO_OPERATOR = "None: no sale through an e-commerce operator is written in these books."
"""Tables 14 and 15 (SUPECO) are of sales on marketplaces that collect tax or pay it under section
9(5). Bahi sells through none; whoever does beside it adds them on the portal."""

CMP08_ROWS = {
    "osup": "Outward supplies (including exempt supplies)",
    "isup_rev": "Inward supplies attracting reverse charge, including import of services",
    "tax_pay": "Tax payable (1 + 2)",
    "intr": "Interest payable, if any",
}


def _rows_of(found: Cmp08) -> list[tuple[str, Part]]:
    parts = (found.outward, found.inward, found.payable._replace(taxable=0), found.interest)
    return list(zip(CMP08_ROWS, parts, strict=True))


def gstr1_excel(found: Gstr1) -> bytes:
    """Every table on a sheet of its own, amounts as numbers that can be added up."""
    return _workbook(_sheets(found))


def _workbook(sheets: Iterable[tuple[str, list[str], list[list[Any]]]]) -> bytes:
    book = Workbook()
    book.remove(book.active)
    for title, head, rows in sheets:
        sheet = book.create_sheet(title)
        sheet.append(head)
        for cell in sheet[1]:
            cell.font = Font(bold=True)
        for row in rows:
            sheet.append(row)
        sheet.freeze_panes = "A2"
        for index, name in enumerate(head):
            sheet.column_dimensions[chr(ord("A") + index)].width = max(12, len(name) + 3)
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def _sheets(found: Gstr1) -> Iterable[tuple[str, list[str], list[list[Any]]]]:
    heads = ["Rate %", "Taxable value", "IGST", "CGST", "SGST/UTGST", "Cess"]
    bill = ["GSTIN", "Name", "Number", "Date", "Value", "Place of supply"]
    note = ["GSTIN", "Name", "Note", "Kind", "Date", "Value", "Invoice", *heads]
    yield (
        "b2b",
        [*bill, "Type", *heads],
        [
            [*_bill_cells(one), INVOICE_TYPES.get(one.document.treatment or "", "R"), *_cells(part)]
            for one in found.b2b
            for part in _taxable(one)
        ],
    )
    yield (
        "b2cl",
        [*bill, *heads],
        [[*_bill_cells(one), *_cells(part)] for one in found.b2cl for part in _taxable(one)],
    )
    yield (
        "b2cs",
        ["Type", "Place of supply", *heads],
        [[kind, place, *_cells(part)] for (kind, place, _), part in found.b2cs.items()],
    )
    yield (
        "exp",
        [*bill, *heads],
        [[*_bill_cells(one), *_cells(part)] for one in found.exports for part in one.parts],
    )
    for title, table in (("cdnr", found.notes_registered), ("cdnur", found.notes_unregistered)):
        yield (
            title,
            note,
            [[*_note_cells(one), *_cells(part)] for one in table for part in _taxable(one)],
        )
    yield (
        "amended",
        ["Table", "Number", "Date", "GSTIN before", "Place before", *bill[:1], bill[-1], *heads],
        [
            [
                one.table, one.before.number, one.before.on_date,
                one.before.customer_gstin or "", one.before.place_of_supply,
                one.after.customer_gstin or "", one.after.place_of_supply, *_cells(part),
            ]
            for one in found.amended
            for part in parts_of(one.after)
            if part.rate
        ],
    )  # fmt: skip
    for title, advances in (("at", found.advances), ("txpd", found.adjusted)):
        yield (
            title,
            ["Type", "Place of supply", *heads],
            [[kind, place, *_cells(part)] for (kind, place, _), part in advances.items()],
        )
    yield "nil", ["Supply", "Nil, exempt"], [[kind, _r(p)] for kind, p in found.nil.items()]
    for title, codes in (("hsn_b2b", found.hsn_b2b), ("hsn_b2c", found.hsn_b2c)):
        yield (
            title,
            ["HSN", "Description", "UQC", "Quantity", *heads],
            [
                [one.hsn, one.description, one.uqc, float(one.quantity), *_cells(one.part)]
                for one in codes
            ],
        )
    yield "eco", ["Tables 14 and 15"], [[NO_OPERATOR]]
    yield (
        "docs",
        ["Kind", "From", "To", "Total", "Cancelled", "Net"],
        [
            [one.kind, one.first, one.last, one.count, one.cancelled, one.count - one.cancelled]
            for one in found.ranges
        ],
    )
    yield (
        "check",
        ["Number", "Problem", "Line"],
        [[one.number, one.code, one.what] for one in found.problems],
    )


def _taxable(filed: Filed) -> list[Part]:
    """The parts that stand in a table of taxed supplies; under LUT all of them do."""
    if filed.document.treatment in UNDER_LUT:
        return list(filed.parts)
    return [part for part in filed.parts if part.rate]


def _by_buyer(table: Sequence[Filed], name: str, row: Any) -> list[Row]:
    groups: dict[str, list[Row]] = defaultdict(list)
    for one in table:
        groups[one.document.customer_gstin or ""].append(row(one))
    return [{"ctin": gstin, name: rows} for gstin, rows in groups.items()]


def _by_place(table: Sequence[Filed]) -> list[Row]:
    groups: dict[str, list[Row]] = defaultdict(list)
    for one in table:
        groups[one.document.place_of_supply].append(
            {**_number(one), "val": _r(one.document.total_paise), "itms": _items(one, inter=True)}
        )
    return [{"pos": place, "inv": rows} for place, rows in groups.items()]


def _invoice(one: Filed) -> Row:
    document = one.document
    return {
        **_number(one),
        "val": _r(document.total_paise),
        "pos": document.place_of_supply,
        "rchrg": "Y" if document.reverse_charge else "N",
        "inv_typ": INVOICE_TYPES.get(document.treatment or "", "R"),
        "itms": _items(one, inter=document.inter_state),
    }


def _note(one: Filed) -> Row:
    document = one.document
    return {
        **_note_number(one),
        "pos": document.place_of_supply,
        "rchrg": "Y" if document.reverse_charge else "N",
        "inv_typ": INVOICE_TYPES.get(document.treatment or "", "R"),
        "itms": _items(one, inter=document.inter_state),
    }


def _unregistered_note(one: Filed) -> Row:
    document = one.document
    kinds = {"export": "EXPWP", "export_lut": "EXPWOP"}
    kind = kinds.get(document.treatment or "", "B2CL")
    place = {"pos": document.place_of_supply} if kind == "B2CL" else {}
    return {**_note_number(one), "typ": kind, **place, "itms": _items(one, inter=True)}


def _exports(table: Sequence[Filed]) -> list[Row]:
    groups: dict[str, list[Row]] = defaultdict(list)
    for one in table:
        kind = "WOPAY" if one.document.treatment in UNDER_LUT else "WPAY"
        items = [
            {
                "rt": _rate(part.rate),
                "txval": _r(part.taxable),
                "iamt": _r(part.igst),
                "csamt": _r(part.cess),
            }
            for part in one.parts
        ]
        groups[kind].append({**_number(one), "val": _r(one.document.total_paise), "itms": items})
    return [{"exp_typ": kind, "inv": rows} for kind, rows in groups.items()]


def _small(key: tuple[str, str, int], part: Part) -> Row:
    kind, place, rate = key
    heads = _heads(part)
    if kind == "INTER":
        heads = {"iamt": heads["iamt"]}
    else:
        heads = {"camt": heads["camt"], "samt": heads["samt"]}
    return {
        "sply_ty": kind,
        "pos": place,
        "typ": "OE",
        "rt": _rate(rate),
        "txval": _r(part.taxable),
        **heads,
        "csamt": _r(part.cess),
    }


def _amended_bills(found: Gstr1) -> list[Row]:
    """Table 9A: a bill under its own number, and what it has become."""
    groups: dict[str, list[Row]] = defaultdict(list)
    for one in found.amended:
        if one.table == "9A":
            filed = Filed(one.after, tuple(parts_of(one.after)))
            own = {"oinum": one.before.number, "oidt": _day(one.before.on_date)}
            groups[one.after.customer_gstin or ""].append({**own, **_invoice(filed)})
    return [{"ctin": gstin, "inv": rows} for gstin, rows in groups.items()]


def _amended_notes(found: Gstr1) -> list[Row]:
    """Table 9C: the notes on such bills, filed anew with their buyer."""
    groups: dict[str, list[Row]] = defaultdict(list)
    for one in found.amended:
        for filed in one.notes:
            if filed.note:
                own = {"ont_num": filed.note.number, "ont_dt": _day(filed.note.on_date)}
                groups[one.after.customer_gstin or ""].append({**own, **_note(filed)})
    return [{"ctin": gstin, "nt": rows} for gstin, rows in groups.items()]


def _small_amended(key: tuple[date, str, str], parts: Sequence[Part]) -> Row:
    """Table 10: what the sums of a month and place have become."""
    month, kind, place = key
    kept = ("iamt",) if kind == "INTER" else ("camt", "samt")
    return {
        "omon": f"{month:%m%Y}",
        "sply_ty": kind,
        "pos": place,
        "typ": "OE",
        "itms": [
            {
                "rt": _rate(part.rate),
                "txval": _r(part.taxable),
                **{head: _heads(part)[head] for head in kept},
                "csamt": _r(part.cess),
            }
            for part in parts
        ],
    }


def _advances(table: Mapping[tuple[str, str, int], Part]) -> list[Row]:
    """Advances by place; the amount is without its tax."""
    groups: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for (kind, place, rate), part in table.items():
        heads = _heads(part)
        kept = ("iamt",) if kind == "INTER" else ("camt", "samt")
        groups[kind, place].append(
            {
                "rt": _rate(rate),
                "ad_amt": _r(part.taxable),
                **{head: heads[head] for head in kept},
                "csamt": 0,
            }
        )
    return [
        {"pos": place, "sply_ty": kind, "itms": items} for (kind, place), items in groups.items()
    ]


def _nil_row(kind: str, paise: int) -> Row:
    return {"sply_ty": kind, "nil_amt": 0, "expt_amt": _r(paise), "ngsup_amt": 0}


def _hsn(found: Gstr1) -> Row:
    if found.month < HSN_SPLIT_FROM:
        return {"data": _code_rows([*found.hsn_b2b, *found.hsn_b2c])}
    return {"hsn_b2b": _code_rows(found.hsn_b2b), "hsn_b2c": _code_rows(found.hsn_b2c)}


def _code_rows(codes: Sequence[Code]) -> list[Row]:
    return [
        {
            "num": number,
            "hsn_sc": one.hsn,
            "desc": one.description,
            "uqc": one.uqc,
            "qty": float(plain(one.quantity)),
            "rt": _rate(one.rate),
            "txval": _r(one.part.taxable),
            **_heads(one.part),
        }
        for number, one in enumerate(codes, start=1)
    ]


def _documents(found: Gstr1) -> list[Row]:
    groups: dict[int, list[Row]] = defaultdict(list)
    for one in found.ranges:
        groups[one.kind].append(
            {
                "num": len(groups[one.kind]) + 1,
                "from": one.first,
                "to": one.last,
                "totnum": one.count,
                "cancel": one.cancelled,
                "net_issue": one.count - one.cancelled,
            }
        )
    return [{"doc_num": kind, "docs": rows} for kind, rows in sorted(groups.items())]


def _items(one: Filed, *, inter: bool) -> list[Row]:
    rows = []
    for number, part in enumerate(_taxable(one), start=1):
        heads = _heads(part)
        kept = {"iamt": heads["iamt"]} if inter else {"camt": heads["camt"], "samt": heads["samt"]}
        rows.append(
            {
                "num": number,
                "itm_det": {
                    "rt": _rate(part.rate),
                    "txval": _r(part.taxable),
                    **kept,
                    "csamt": _r(part.cess),
                },
            }
        )
    return rows


def _number(one: Filed) -> Row:
    return {"inum": one.document.number, "idt": _day(one.document.on_date)}


def _note_number(one: Filed) -> Row:
    noted = one.note
    if noted is None:
        raise ValueError("a note is filed with itself")
    return {
        "ntty": "C" if noted.kind == "credit_note" else "D",
        "nt_num": noted.number,
        "nt_dt": _day(noted.on_date),
        "val": _r(noted.total_paise),
    }


def _bill_cells(one: Filed) -> list[Any]:
    document = one.document
    return [
        document.customer_gstin or "",
        document.customer_name,
        document.number,
        document.on_date,
        _r(document.total_paise),
        document.place_of_supply,
    ]


def _note_cells(one: Filed) -> list[Any]:
    document, noted = one.document, one.note
    if noted is None:
        raise ValueError("a note is filed with itself")
    return [
        document.customer_gstin or "",
        document.customer_name,
        noted.number,
        "Credit" if noted.kind == "credit_note" else "Debit",
        noted.on_date,
        _r(noted.total_paise),
        document.number,
    ]


def _cells(part: Part) -> list[Any]:
    return [
        _rate(part.rate), _r(part.taxable), _r(part.igst), _r(part.cgst), _r(part.sgst),
        _r(part.cess),
    ]  # fmt: skip


def _heads(part: Part) -> Mapping[str, Any]:
    return {
        "iamt": _r(part.igst), "camt": _r(part.cgst), "samt": _r(part.sgst), "csamt": _r(part.cess)
    }  # fmt: skip


def _itc(found: Gstr3b) -> Mapping[str, Any]:
    return _heads(found.input_tax)


def _day(on: date) -> str:
    return f"{on:%d-%m-%Y}"


def _rate(rate: int) -> float | int:
    text = percent(rate)
    return float(text) if "." in text else int(text)


def _r(paise: int) -> float | int:
    """Rupees as a JSON number: a float of two decimals is exact enough to print itself again."""
    return paise // 100 if paise % 100 == 0 else round(paise / 100, 2)
