"""INV-01, the document as the Invoice Registration Portal takes it, and its number, the IRN.

Amounts in the document are rupees with two decimals; dates are dd/mm/yyyy.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from erp_core.catalogue.codes import is_service
from erp_core.invoicing.queries import Invoice, InvoiceLine
from erp_core.kernel.money import half_up
from erp_core.kernel.quantity import UNITS
from erp_core.portals import places
from erp_core.tax import gstin as gstins
from erp_core.tax.gst import percent
from erp_core.tax.rules import ABROAD, EXPORTS

if TYPE_CHECKING:
    from jsonschema import Draft7Validator  # type: ignore[import-untyped]

SCHEMA = Path(__file__).with_name("inv01.schema.json")
VERSION = "1.1"
TYPES = {"credit_note": "CRN", "debit_note": "DBN"}
SUPPLIES = {
    "sez": "SEZWP",
    "sez_lut": "SEZWOP",
    "export": "EXPWP",
    "export_lut": "EXPWOP",
    "deemed_export": "DEXP",
}
UNREGISTERED = "URP"
PIN_ABROAD = 999999
PIECES_AT = Decimal("0.001")
SLACK_PAISE = 50

Json = dict[str, Any]


@dataclass(frozen=True)
class Fault:
    """Why a document would not be registered: a code, and the line it lies in if it does."""

    code: str
    what: str = ""


def irn(gstin: str, on: date, kind: str, number: str) -> str:
    """The number of a document of a kind (INV, CRN, DBN): SHA-256 of GSTIN, year, kind, number.

    The document's number counts in upper case, as the portal has done since June 2025.
    """
    start = on.year if on.month >= 4 else on.year - 1
    year = f"{start}-{(start + 1) % 100:02d}"
    return sha256(f"{gstin}{year}{kind}{number.upper()}".encode()).hexdigest()


def irn_of(document: Invoice) -> str:
    """The number that a document of ours gets."""
    return irn(document.supplier_gstin or "", document.on_date, kind_of(document), document.number)


def kind_of(document: Invoice) -> str:
    """INV, CRN or DBN."""
    return TYPES.get(document.kind, "INV")


def is_registrable(document: Invoice) -> bool:
    """Whether documents of this kind are registered: to a registered buyer, a special economic
    zone or abroad, with tax or zero-rated; never a bill of supply, never to a consumer."""
    if document.supplier_gstin is None or document.composition or document.description_code:
        return False
    if document.kind not in ("tax_invoice", "credit_note", "debit_note"):
        return False
    if document.treatment in SUPPLIES:
        return True
    return bool(document.customer_gstin) and any(line.rate for line in document.lines)


def payload(document: Invoice) -> Json:
    """The document as it is sent."""
    content: Json = {
        "Version": VERSION,
        "TranDtls": {
            "TaxSch": "GST",
            "SupTyp": SUPPLIES.get(document.treatment or "", "B2B"),
            "RegRev": "Y" if document.reverse_charge else "N",
            "IgstOnIntra": "N",
        },
        "DocDtls": {
            "Typ": kind_of(document),
            "No": document.number,
            "Dt": _day(document.on_date),
        },
        "SellerDtls": _party(
            document.supplier_gstin or "",
            document.supplier_name,
            document.supplier_address,
            document.supplier_state,
        ),
        "BuyerDtls": _buyer(document),
        "ItemList": [_item(at, line) for at, line in enumerate(document.lines, start=1)],
        "ValDtls": _values(document),
    }
    if document.against:
        number, on = document.against
        content["RefDtls"] = {"PrecDocDtls": [{"InvNo": number, "InvDt": _day(on)}]}
    return content


def faults(content: Mapping[str, Any]) -> list[Fault]:
    """What the portal would reject, as far as that can be known here."""
    found = [*_party_faults("seller", content["SellerDtls"])]
    found += _party_faults("buyer", content["BuyerDtls"])
    for item in content["ItemList"]:
        if len(item["HsnCd"]) not in (4, 6, 8):
            found.append(Fault("no_hsn", item["PrdDesc"]))
    if not found:
        found = [
            Fault("schema", "/".join(str(part) for part in error.absolute_path))
            for error in validator().iter_errors(content)
        ]
    return found


@lru_cache(maxsize=1)
def validator() -> Draft7Validator:
    """The schema of INV-01, corrected where the published text is no schema."""
    from jsonschema import Draft7Validator  # only who sends documents needs it

    return Draft7Validator(json.loads(SCHEMA.read_text(encoding="utf-8")))


def rupees(paise: int) -> int | float:
    """Rupees as a JSON number of at most two decimals."""
    return paise // 100 if paise % 100 == 0 else round(paise / 100, 2)


def _party_faults(who: str, party: Mapping[str, Any]) -> list[Fault]:
    if party["Gstin"] != UNREGISTERED and not gstins.is_valid(party["Gstin"]):
        return [Fault(f"bad_gstin_{who}")]
    if not party["Addr1"]:
        return [Fault(f"no_address_{who}")]
    if party["Pin"] is None:
        return [Fault(f"no_pin_{who}")]
    if party["Stcd"] != ABROAD and not places.fits(party["Pin"], party["Stcd"]):
        return [Fault(f"other_pin_{who}")]
    return []


def _party(gstin: str, name: str, address: str | None, state: str) -> Json:
    place = places.read(address, state)
    return {
        "Gstin": gstin,
        "LglNm": places.plain(name)[:100],
        "Addr1": place.text,
        "Loc": place.place,
        "Pin": place.pin,
        "Stcd": state,
    }


def _buyer(document: Invoice) -> Json:
    if document.treatment in EXPORTS:
        abroad = _party(UNREGISTERED, document.customer_name, document.customer_address, ABROAD)
        return {**abroad, "Pin": PIN_ABROAD, "Pos": ABROAD}
    state = document.customer_state or document.place_of_supply
    buyer = _party(
        document.customer_gstin or UNREGISTERED,
        document.customer_name,
        document.customer_address,
        state,
    )
    return {**buyer, "Pos": document.place_of_supply}


def _item(at: int, line: InvoiceLine) -> Json:
    """A line. An inclusive price is told without its tax; what has no quantity, as one sum."""
    hsn = line.hsn or ""
    service = is_service(hsn)
    item: Json = {
        "SlNo": str(at),
        "PrdDesc": places.plain(line.name)[:300].ljust(3, "."),
        "IsServc": "Y" if service else "N",
        "HsnCd": hsn,
    }
    gross, discount = line.taxable_paise + line.discount_paise, line.discount_paise
    price: int | float = rupees(gross)
    if line.quantity > 0 and not service:
        uqc = UNITS[line.unit].uqc if line.unit in UNITS else "OTH"
        each, gross = _price(gross, line.quantity)
        item |= {"Qty": float(line.quantity), "Unit": uqc}
        price, discount = float(each), gross - line.taxable_paise
    total = line.taxable_paise + line.tax_paise
    if line.cess_paise:
        item |= {
            "CesRt": _rate(line.cess_rate),
            "CesAmt": rupees(line.cess_paise - line.cess_units_paise),
            "CesNonAdvlAmt": rupees(line.cess_units_paise),
        }
    return {
        **item,
        "UnitPrice": price,
        "TotAmt": rupees(gross),
        "Discount": rupees(discount),
        "AssAmt": rupees(line.taxable_paise),
        "GstRt": _rate(line.rate),
        "IgstAmt": rupees(line.igst_paise),
        "CgstAmt": rupees(line.cgst_paise),
        "SgstAmt": rupees(line.sgst_paise),
        "TotItemVal": rupees(total),
    }


def _price(gross: int, quantity: Decimal) -> tuple[Decimal, int]:
    """The price of one in rupees with three decimals, and what so many come to in paise.

    Where rounding makes them come to another sum than the line has, the price is rounded up and the
    difference given as a discount: the portal multiplies again.
    """
    exact = Decimal(gross) / 100 / quantity
    each = exact.quantize(PIECES_AT, ROUND_HALF_UP)
    if abs(each * quantity * 100 - gross) <= SLACK_PAISE:
        return each, gross
    each = exact.quantize(PIECES_AT, ROUND_CEILING)
    return each, half_up(each * quantity * 100)


def _values(document: Invoice) -> Json:
    return {
        "AssVal": rupees(document.subtotal_paise),
        "CgstVal": rupees(document.cgst_paise),
        "SgstVal": rupees(document.sgst_paise),
        "IgstVal": rupees(document.igst_paise),
        "CesVal": rupees(document.cess_paise),
        "StCesVal": 0,
        "Discount": 0,
        "OthChrg": 0,
        "RndOffAmt": rupees(document.round_off_paise),
        "TotInvVal": rupees(document.total_paise),
    }


def _rate(rate: int) -> int | float:
    text = percent(rate)
    return float(text) if "." in text else int(text)


def _day(on: date) -> str:
    return f"{on:%d/%m/%Y}"
