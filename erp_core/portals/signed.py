"""What the Invoice Registration Portal signs: JSON web tokens (RS256) with a JSON text inside."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from erp_core.kernel.clock import INDIA
from erp_core.kernel.errors import Invalid


@dataclass(frozen=True)
class SignedQr:
    """What stands in the signed QR code of a document; the total in paise."""

    seller: str
    buyer: str
    number: str
    kind: str
    on: date
    total_paise: int
    items: int
    main_hsn: str
    irn: str
    irn_at: datetime | None


def verified(token: str, keys: Iterable[bytes]) -> dict[str, Any]:
    """The data of a token that one of the public keys (PEM) has signed.

    Raises Invalid("bad_signature") also where the token is none.
    """
    head, signature = _parts(token)
    if _json(head.partition(".")[0]).get("alg") != "RS256":
        raise Invalid("bad_signature")
    if not any(_has_signed(key, head.encode(), signature) for key in keys):
        raise Invalid("bad_signature")
    return data_of(token)


def data_of(token: str) -> dict[str, Any]:
    """The data of a token, whoever signed it. Raises Invalid("bad_signature")."""
    head, _ = _parts(token)
    inside = _json(head.partition(".")[2]).get("data")
    try:
        found = json.loads(inside) if isinstance(inside, str) else inside
    except ValueError:
        raise Invalid("bad_signature") from None
    if not isinstance(found, dict):
        raise Invalid("bad_signature")
    return found


def read_qr(data: Mapping[str, Any]) -> SignedQr:
    """The parts of a signed QR code's data. Raises Invalid("bad_signature")."""
    try:
        stamp = data.get("IrnDt")
        return SignedQr(
            seller=str(data["SellerGstin"]),
            buyer=str(data["BuyerGstin"]),
            number=str(data["DocNo"]),
            kind=str(data["DocTyp"]),
            on=_moment(str(data["DocDt"]), "%d/%m/%Y").date(),
            total_paise=round(float(data["TotInvVal"]) * 100),
            items=int(data["ItemCnt"]),
            main_hsn=str(data["MainHsnCode"]),
            irn=str(data["Irn"]),
            irn_at=_moment(str(stamp), "%Y-%m-%d %H:%M:%S") if stamp else None,
        )
    except (KeyError, ValueError, TypeError):
        raise Invalid("bad_signature") from None


def _moment(text: str, form: str) -> datetime:
    return datetime.strptime(text, form).replace(tzinfo=ZoneInfo(INDIA))


def _parts(token: str) -> tuple[str, bytes]:
    head, _, signature = token.rpartition(".")
    if head.count(".") != 1:
        raise Invalid("bad_signature")
    return head, _bytes(signature)


def _json(part: str) -> dict[str, Any]:
    try:
        found = json.loads(_bytes(part))
    except ValueError:
        raise Invalid("bad_signature") from None
    return found if isinstance(found, dict) else {}


def _bytes(part: str) -> bytes:
    try:
        return urlsafe_b64decode(part + "=" * (-len(part) % 4))
    except ValueError:
        raise Invalid("bad_signature") from None


def _has_signed(pem: bytes, message: bytes, signature: bytes) -> bool:
    key = load_pem_public_key(pem)
    if not isinstance(key, RSAPublicKey):
        return False
    try:
        key.verify(signature, message, PKCS1v15(), SHA256())
    except InvalidSignature:
        return False
    return True
