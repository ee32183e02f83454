"""UPI payment links, as UPI apps read them from a QR code."""

from __future__ import annotations

from functools import lru_cache
from urllib.parse import quote

import segno

from erp_core.kernel.money import rupees
from erp_core.kernel.spelling import roman

LONGEST_REFERENCE = 35

GALLERY_LIMIT = 2_000_00
"""Paise. So much a QR code may ask for that is opened from the phone's gallery, as one that came in
a chat is, when it pays a person or a shop that no bank has verified (NPCI circular OC-76C)."""

Matrix = tuple[tuple[int, ...], ...]
"""Rows of modules; 1 is dark. Without the quiet zone around."""


def pay_uri(*, vpa: str, name: str, amount_paise: int, reference: str) -> str:
    """The link that asks for a payment; `reference` comes back with it and names the invoice.

    A name in Devanagari is written in Latin letters: percent-encoded it would triple the QR code.
    """
    parts = {
        "pa": quote(vpa, safe="@"),
        "pn": quote(roman(name).title() if not name.isascii() else name, safe=""),
        "am": rupees(amount_paise),
        "cu": "INR",
        "tn": quote(reference, safe=""),
        "tr": quote(reference[:LONGEST_REFERENCE], safe=""),
    }
    return "upi://pay?" + "&".join(f"{key}={value}" for key, value in parts.items())


def scans_from_gallery(amount_paise: int, *, verified: bool) -> bool:
    """Whether UPI apps take the code from the gallery; else it wants another phone's camera."""
    return verified or amount_paise <= GALLERY_LIMIT


@lru_cache(maxsize=256)
def qr_matrix(text: str) -> Matrix:
    """A QR code that survives a crease or a thumb over 15 % of it."""
    code = segno.make_qr(text, error="m", boost_error=False)
    return tuple(tuple(row) for row in code.matrix)


@lru_cache(maxsize=64)
def signed_matrix(token: str) -> Matrix:
    """The QR code of a signed e-invoice: a thousand letters, so as few modules as can be.

    Its mask is a fixed one: to try all eight, as segno does, takes longer than the whole bill.
    """
    code = segno.make_qr(token, error="l", boost_error=False, mask=3)
    return tuple(tuple(row) for row in code.matrix)
