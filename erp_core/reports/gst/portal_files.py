"""The returns as the portal takes them, in JSON."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from erp_core.invoicing.queries import Invoice
from erp_core.kernel.quantity import plain
from erp_core.portals.shipping import ShippingBill
from erp_core.reports.gst.codes import HSN_SPLIT_FROM, Code
from erp_core.reports.gst.composition import Cmp08, Gstr4
from erp_core.reports.gst.figures import percent_of, rows_of, rupees, taxed_parts, type_of
from erp_core.reports.gst.filing import Filed, SmallKey, filed
from erp_core.reports.gst.gstr1 import Gstr1
from erp_core.reports.gst.gstr3b import Gstr3b
from erp_core.reports.gst.parts import Part
from erp_core.tax.rules import UNDER_LUT

Row = dict[str, Any]
NOTHING = {"iamt": 0, "camt": 0, "samt": 0, "csamt": 0}


def gstr1_json(found: Gstr1) -> bytes:
    """The file to upload. Tables without a row are left out, but for HSN and documents."""
    content: Row = {"gstin": found.gstin, "fp": f"{found.month:%m%Y}", "version": "GST3.2.2"}
    tables = {
        "b2b": _by_buyer(found.b2b, "inv", _invoice),
        "b2cl": _by_place(found.b2cl),
        "b2cs": [_small(key, part) for key, part in found.b2cs.items()],
        "cdnr": _by_buyer(found.notes_registered, "nt", _note),
        "cdnur": [_unregistered_note(one) for one in found.notes_unregistered],
        "exp": _exports(
            (one, _shipped(found.shipping.get(one.document.id))) for one in found.exports
        ),
        "expa": _exports(
            (
                filed(one.document),
                {**_original(one.document), **_shipped(one.after)},
            )
            for one in found.shipped_later
        ),
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
    content = {
        "gstin": gstin,
        "ret_period": f"{found.month:%m%Y}",
        "sup_details": _supplies(found),
        "eco_dtls": {"eco_sup": {"txval": 0, **NOTHING}, "eco_reg_sup": {"txval": 0}},
        "inter_sup": {
            "unreg_details": [
                {"pos": place, "txval": rupees(part.taxable), "iamt": rupees(part.igst)}
                for place, part in sorted(found.inter_unregistered.items())
            ],
            "comp_details": [],
            "uin_details": [],
        },
        "itc_elg": _credit(found),
        "inward_sup": {
            "isup_details": [
                {
                    "ty": "GST",
                    "inter": rupees(found.exempt_inward.get(True, 0)),
                    "intra": rupees(found.exempt_inward.get(False, 0)),
                },
                {"ty": "NONGST", "inter": 0, "intra": 0},
            ]
        },
        "intr_ltfee": {
            "intr_details": _heads(found.interest),
            "ltfee_details": {
                "camt": rupees(found.late_fee.cgst),
                "samt": rupees(found.late_fee.sgst),
            },
        },
    }
    return json.dumps(content, indent=1).encode()


def _supplies(found: Gstr3b) -> Row:
    """Table 3.1."""
    return {
        "osup_det": {"txval": rupees(found.taxable.taxable), **_heads(found.taxable)},
        "osup_zero": {
            "txval": rupees(found.zero_rated.taxable),
            "iamt": rupees(found.zero_rated.igst),
            "csamt": rupees(found.zero_rated.cess),
        },
        "osup_nil_exmp": {"txval": rupees(found.nil)},
        "isup_rev": {
            "txval": rupees(found.reverse_charge.taxable),
            **_heads(found.reverse_charge),
        },
        "osup_nongst": {"txval": 0},
    }


def _credit(found: Gstr3b) -> Row:
    """Table 4."""
    return {
        "itc_avl": [
            {"ty": "IMPG", **NOTHING},
            {"ty": "IMPS", **NOTHING},
            {"ty": "ISRC", **_heads(found.input_reverse)},
            {"ty": "ISD", **NOTHING},
            {"ty": "OTH", **_heads(found.available.plus(found.input_reverse, -1))},
        ],
        "itc_rev": [
            {"ty": "RUL", **_heads(found.given_back)},
            {"ty": "OTH", **_heads(found.reversed)},
        ],
        "itc_net": _heads(found.input_tax),
        "itc_inelg": [{"ty": "RUL", **_heads(found.reclaimed)}, {"ty": "OTH", **NOTHING}],
    }


def cmp08_json(found: Cmp08) -> bytes:
    """The statement, row by row of table 3 of the form. The portal takes CMP-08 on the screen and
    has published no file for it: the names of the fields are those of its other returns."""
    content = {
        "gstin": found.gstin,
        "ret_period": f"{found.end:%m%Y}",
        **{name: {"txval": rupees(part.taxable), **_heads(part)} for name, part in rows_of(found)},
    }
    return json.dumps(content, indent=1).encode()


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
            {"ret_period": f"{one.end:%m%Y}", "txval": rupees(one.turnover), **_heads(one.payable)}
            for one in found.quarters
        ],
        "outward": [_at_rate(part) for part in found.outward],
        "isup_rev": [_at_rate(part) for part in found.reverse_charge],
    }
    return json.dumps(content, indent=1).encode()


def _at_rate(part: Part) -> Row:
    return {"rt": percent_of(part.rate), "txval": rupees(part.taxable), **_heads(part)}


def _by_buyer(table: Sequence[Filed], name: str, row: Any) -> list[Row]:
    groups: dict[str, list[Row]] = defaultdict(list)
    for one in table:
        groups[one.document.customer_gstin or ""].append(row(one))
    return [{"ctin": gstin, name: rows} for gstin, rows in groups.items()]


def _by_place(table: Sequence[Filed]) -> list[Row]:
    groups: dict[str, list[Row]] = defaultdict(list)
    for one in table:
        bill = {**_number(one), "val": rupees(one.document.total_paise)}
        groups[one.document.place_of_supply].append({**bill, "itms": _items(one, inter=True)})
    return [{"pos": place, "inv": rows} for place, rows in groups.items()]


def _invoice(one: Filed) -> Row:
    document = one.document
    return {
        **_number(one),
        "val": rupees(document.total_paise),
        "pos": document.place_of_supply,
        "rchrg": "Y" if document.reverse_charge else "N",
        "inv_typ": type_of(document),
        "itms": _items(one, inter=document.inter_state),
    }


def _note(one: Filed) -> Row:
    document = one.document
    return {
        **_note_number(one),
        "pos": document.place_of_supply,
        "rchrg": "Y" if document.reverse_charge else "N",
        "inv_typ": type_of(document),
        "itms": _items(one, inter=document.inter_state),
    }


def _unregistered_note(one: Filed) -> Row:
    document = one.document
    kinds = {"export": "EXPWP", "export_lut": "EXPWOP"}
    kind = kinds.get(document.treatment or "", "B2CL")
    place = {"pos": document.place_of_supply} if kind == "B2CL" else {}
    return {**_note_number(one), "typ": kind, **place, "itms": _items(one, inter=True)}


def _exports(table: Iterable[tuple[Filed, Row]]) -> list[Row]:
    """Tables 6A and 9A of exports, each with what is known beside the bill itself."""
    groups: dict[str, list[Row]] = defaultdict(list)
    for one, beside in table:
        kind = "WOPAY" if one.document.treatment in UNDER_LUT else "WPAY"
        items = [
            {
                "rt": percent_of(part.rate),
                "txval": rupees(part.taxable),
                "iamt": rupees(part.igst),
                "csamt": rupees(part.cess),
            }
            for part in one.parts
        ]
        bill = {**_number(one), "val": rupees(one.document.total_paise)}
        groups[kind].append({**bill, **beside, "itms": items})
    return [{"exp_typ": kind, "inv": rows} for kind, rows in groups.items()]


def _shipped(shipping: ShippingBill | None) -> Row:
    if shipping is None:
        return {}
    return {"sbpcode": shipping.port, "sbnum": shipping.number, "sbdt": _day(shipping.on)}


def _original(document: Invoice) -> Row:
    return {"oinum": document.number, "oidt": _day(document.on_date)}


def _small(key: SmallKey, part: Part) -> Row:
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
        "rt": percent_of(rate),
        "txval": rupees(part.taxable),
        **heads,
        "csamt": rupees(part.cess),
    }


def _amended_bills(found: Gstr1) -> list[Row]:
    """Table 9A: a bill under its own number, and what it has become."""
    groups: dict[str, list[Row]] = defaultdict(list)
    for one in found.amended:
        if one.table == "9A":
            amended = filed(one.after)
            own = {**_original(one.before), **_invoice(amended)}
            groups[one.after.customer_gstin or ""].append(own)
    return [{"ctin": gstin, "inv": rows} for gstin, rows in groups.items()]


def _amended_notes(found: Gstr1) -> list[Row]:
    """Table 9C: the notes on such bills, one anew with their buyer."""
    groups: dict[str, list[Row]] = defaultdict(list)
    for change in found.amended:
        for one in change.notes:
            if one.note:
                own = {"ont_num": one.note.number, "ont_dt": _day(one.note.on_date)}
                groups[change.after.customer_gstin or ""].append({**own, **_note(one)})
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
                "rt": percent_of(part.rate),
                "txval": rupees(part.taxable),
                **{head: _heads(part)[head] for head in kept},
                "csamt": rupees(part.cess),
            }
            for part in parts
        ],
    }


def _advances(table: Mapping[SmallKey, Part]) -> list[Row]:
    """Advances by place; the amount is without its tax."""
    groups: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for (kind, place, rate), part in table.items():
        heads = _heads(part)
        kept = ("iamt",) if kind == "INTER" else ("camt", "samt")
        groups[kind, place].append(
            {
                "rt": percent_of(rate),
                "ad_amt": rupees(part.taxable),
                **{head: heads[head] for head in kept},
                "csamt": 0,
            }
        )
    return [
        {"pos": place, "sply_ty": kind, "itms": items} for (kind, place), items in groups.items()
    ]


def _nil_row(kind: str, paise: int) -> Row:
    return {"sply_ty": kind, "nil_amt": 0, "expt_amt": rupees(paise), "ngsup_amt": 0}


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
            "rt": percent_of(one.rate),
            "txval": rupees(one.part.taxable),
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
    for number, part in enumerate(taxed_parts(one), start=1):
        heads = _heads(part)
        kept = {"iamt": heads["iamt"]} if inter else {"camt": heads["camt"], "samt": heads["samt"]}
        rows.append(
            {
                "num": number,
                "itm_det": {
                    "rt": percent_of(part.rate),
                    "txval": rupees(part.taxable),
                    **kept,
                    "csamt": rupees(part.cess),
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
        "val": rupees(noted.total_paise),
    }


def _heads(part: Part) -> Mapping[str, Any]:
    heads = {"iamt": part.igst, "camt": part.cgst, "samt": part.sgst, "csamt": part.cess}
    return {name: rupees(paise) for name, paise in heads.items()}


def _day(on: date) -> str:
    return f"{on:%d-%m-%Y}"
