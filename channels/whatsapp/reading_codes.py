"""Barcodes and QR codes in a picture: of goods, of UPI, of e-invoices.

The QR code of an e-invoice (rule 48(4)) is a signed token; it is read here, not verified, so that
what it says is shown and confirmed like anything else that was read.
"""

from __future__ import annotations

import base64
import binascii
import io
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import parse_qs, urlsplit

import numpy as np
import orjson
import zxingcpp
from PIL import Image

from erp_core.tax import gstin as gstins

MOST_CODES = 8
LONGEST_CODE = 4_000
LONGEST_SIDE = 2_000
LONGEST_NAME = 60
BILLS_OWN = ("number", "vendor_gstin", "buyer_gstin")
"""What stands on a bill, and on no pack."""

GOODS = frozenset({"EAN13", "EAN8", "UPCA", "UPCE"})


def codes_in(data: bytes) -> list[tuple[str, str]]:
    """The codes of a picture: (format, text)."""
    with Image.open(io.BytesIO(data)) as image:
        grey = image.convert("L")
        grey.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    found = zxingcpp.read_barcodes(np.asarray(grey))
    return [
        (one.format.name, one.text[:LONGEST_CODE]) for one in found[:MOST_CODES] if one.text.strip()
    ]


def with_codes(facts: dict[str, Any], codes: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """What was read of a page, together with what its codes say."""
    if facts["kind"] == "receipt":
        signed = next(filter(None, (e_invoice(text) for _, text in codes)), None)
        if signed:
            return {**facts, **signed_facts(facts, signed)}
    if not _gives_way(facts):
        return facts
    for form, text in codes:
        if text.lower().startswith("upi://") and facts["kind"] != "receipt":
            return {**facts, "kind": "upi_qr", **payee_of(text)}
        if form in GOODS:
            return {**facts, "kind": "barcode", "code": text}
    return facts


def _gives_way(facts: Mapping[str, Any]) -> bool:
    """Whether a code tells more of a page than its words do.

    A pack has its price, batch and tax printed on it, and a code for payments the names of all who
    take them: they look like a bill without a sure total, and like a payment without an amount. The
    code for payments on a bill is the bill's.
    """
    if facts["kind"] == "payment_screenshot":
        return facts["total_paise"][0] is None
    if facts["kind"] == "receipt":
        sure = any(facts.get(one) and not facts[one][1] for one in ("total_paise", "on"))
        named = any(facts.get(one) and facts[one][0] for one in BILLS_OWN)
        return not (sure or named)
    return facts["kind"] in ("no_receipt", "unreadable")


def payee_of(text: str) -> dict[str, str]:
    """Whom a UPI code pays."""
    asked = parse_qs(urlsplit(text).query)
    return {
        "payee": asked.get("pn", [""])[0][:LONGEST_NAME],
        "vpa": asked.get("pa", [""])[0][:LONGEST_NAME],
    }


def e_invoice(text: str) -> dict[str, Any] | None:
    """The facts in an e-invoice's token; None for any other text."""
    parts = text.split(".")
    if len(parts) != 3:
        return None
    try:
        body = base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4))
        data = orjson.loads(orjson.loads(body)["data"])
    except (binascii.Error, ValueError, KeyError, TypeError):
        return None
    return data if isinstance(data, dict) and data.get("Irn") else None


def signed_facts(facts: Mapping[str, Any], signed: Mapping[str, Any]) -> dict[str, Any]:
    """What the token says in place of what was read; a total that differs from print is asked."""
    found: dict[str, Any] = {}
    for name, key in (("vendor_gstin", "SellerGstin"), ("buyer_gstin", "BuyerGstin")):
        gstin = str(signed.get(key) or "")
        if gstins.is_valid(gstin):
            found[name] = [gstin, False]
    if signed.get("DocNo"):
        found["number"] = [str(signed["DocNo"])[:40], False]
    if (on := _day(signed.get("DocDt"))) is not None:
        found["on"] = [on.isoformat(), False]
    if (total := _paise(signed.get("TotInvVal"))) is not None:
        printed, unsure = facts["total_paise"]
        found["total_paise"] = [total, printed not in (None, total) and not unsure]
    return found


def _day(text: Any) -> date | None:
    """The day that is written as 18/11/2026."""
    try:
        return date.fromisoformat("-".join(reversed(str(text).split("/"))))
    except ValueError:
        return None


def _paise(rupees: Any) -> int | None:
    try:
        paise = Decimal(str(rupees)) * 100
    except InvalidOperation:
        return None
    return int(paise) if paise.is_finite() and paise > 0 and paise == int(paise) else None
