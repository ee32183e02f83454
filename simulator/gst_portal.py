"""A stand-in for the NIC's portals: it registers and signs e-invoices and gives e-way bills.

Run `python -m simulator.gst_portal`, set BAHI_GST_URL to its address, and connect a shop with any
user name. It logs in and encrypts as the real ones do, signs with a key of its own, refuses with
their codes, and can be down, late, or answer after its effect. In tests it is started in a thread.
"""

from __future__ import annotations

import argparse
import itertools
import json
import re
import secrets
import threading
import time
from base64 import b64decode, b64encode, urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from functools import lru_cache
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.padding import PKCS7
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

Json = dict[str, Any]

INDIA = timezone(timedelta(hours=5, minutes=30))
REPORT_WITHIN = timedelta(days=30)
CANCEL_WITHIN = timedelta(hours=24)
RETRIEVE_WITHIN = timedelta(days=2)
GSTIN = re.compile(r"[0-9]{2}[0-9A-Z]{13}")
LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
KM_A_DAY = 200
EWAY_REASONS = (1, 2, 3, 4)
SLACK = 1.0
"""Rupees by which a sum may differ."""


class Refusal(Exception):
    """A request that the portal says no to, with its code."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(code)
        self.code, self.message = code, message


@dataclass
class Mood:
    """What goes wrong. fails: so many requests get 503; lost: the next effect is not answered."""

    fails: int = 0
    lost: bool = False


@dataclass
class World:
    """What exists: tokens, registered documents, e-way bills."""

    now: Callable[[], datetime] = lambda: datetime.now(timezone.utc)
    mood: Mood = field(default_factory=Mood)
    inactive: set[str] = field(default_factory=set)
    """GSTINs that are cancelled or suspended."""
    tokens: dict[str, bytes] = field(default_factory=dict)
    documents: dict[str, Json] = field(default_factory=dict)
    eway_bills: dict[str, Json] = field(default_factory=dict)
    _numbers: Any = field(default_factory=lambda: itertools.count(1))
    _lock: Any = field(default_factory=threading.RLock)

    def log_in(self, sealed: str) -> Json:
        """A token, and a session key under the caller's key."""
        plain = keys()[0].decrypt(b64decode(sealed), PKCS1v15())
        asked = json.loads(b64decode(plain))
        token, session_key = secrets.token_hex(12), secrets.token_bytes(32)
        self.tokens[token] = session_key
        sek = _encrypted(b64decode(asked["AppKey"]), session_key)
        return {
            "AuthToken": token,
            "Sek": b64encode(sek).decode(),
            "UserName": asked["UserName"],
            "TokenExpiry": _stamp(self.now() + timedelta(hours=6)),
        }

    def register(self, document: Json) -> Json:
        """POST Invoice."""
        with self._lock:
            now = self.now()
            irn = irn_of(document)
            if irn in self.documents:
                raise Refusal("2150", "Duplicate IRN")
            _check(document, now, self.inactive)
            ack = f"1{now:%y%m%d}{next(self._numbers):08d}"
            stamp = _stamp(now)
            signed = {**document, "AckNo": int(ack), "AckDt": stamp, "Irn": irn}
            self.documents[irn] = {
                "AckNo": int(ack),
                "AckDt": stamp,
                "Irn": irn,
                "SignedInvoice": sign(signed),
                "SignedQRCode": sign(_qr(document, irn, stamp)),
                "Status": "ACT",
                "EwbNo": None,
            }
            return self.documents[irn]

    def by_irn(self, irn: str) -> Json:
        """GET Invoice/irn/…"""
        known = self.documents.get(irn)
        if known is None:
            raise Refusal("2148", "Requested IRN data is not available")
        if self.now() > _read(known["AckDt"]) + RETRIEVE_WITHIN:
            raise Refusal("2283", "IRN details cannot be provided as it is older than 2 days")
        return known

    def cancel(self, asked: Json) -> Json:
        """POST Invoice/Cancel."""
        with self._lock:
            known = self.documents.get(asked["Irn"])
            if known is None:
                raise Refusal("2148", "Requested IRN data is not available")
            if known["Status"] == "CNL":
                raise Refusal("9999", "Invoice is not active")
            if any(self._active_on(known, bill) for bill in self.eway_bills.values()):
                raise Refusal("2230", "This IRN cannot be cancelled: e-way bill is generated")
            if self.now() > _read(known["AckDt"]) + CANCEL_WITHIN:
                raise Refusal("2270", "The allowed cancellation time limit is crossed")
            known["Status"] = "CNL"
            return {"Irn": asked["Irn"], "CancelDate": _stamp(self.now())}

    def eway(self, action: str, asked: Json) -> Json:
        """POST ewayapi."""
        if action == "GENEWAYBILL":
            return self._generate(asked)
        if action == "CANEWB":
            return self._cancel_eway(asked)
        raise Refusal("239", "Invalid action")

    def _generate(self, asked: Json) -> Json:
        with self._lock:
            now = self.now().astimezone(INDIA)
            _check_eway(asked, now)
            same = [one for one in self.eway_bills.values() if one["docNo"] == asked["docNo"]]
            if any(one["status"] == "ACT" and one["gstin"] == asked["fromGstin"] for one in same):
                raise Refusal("604", "E-way bill(s) are already generated for the document number")
            number = f"18{now:%y%m}{next(self._numbers):06d}"
            days = max(1, -(-int(asked["transDistance"]) // KM_A_DAY))
            until = now.replace(hour=23, minute=59, second=0, microsecond=0) + timedelta(days=days)
            self.eway_bills[number] = {
                "docNo": asked["docNo"],
                "gstin": asked["fromGstin"],
                "status": "ACT",
                "at": now,
            }
            moving = asked.get("vehicleNo")
            return {
                "ewayBillNo": int(number),
                "ewayBillDate": _eway_stamp(now),
                "validUpto": _eway_stamp(until) if moving else None,
            }

    def _cancel_eway(self, asked: Json) -> Json:
        with self._lock:
            known = self.eway_bills.get(str(asked["ewbNo"]))
            if known is None:
                raise Refusal("325", "Could not retrieve data")
            if known["status"] != "ACT":
                raise Refusal("312", "This eway bill is either not generated by you or cancelled")
            if self.now() > known["at"] + CANCEL_WITHIN:
                raise Refusal("315", "Validity period lapsed, you cannot cancel this e-way bill")
            if asked["cancelRsnCode"] not in EWAY_REASONS:
                raise Refusal("313", "Invalid cancel reason")
            known["status"] = "CNL"
            stamp = _eway_stamp(self.now().astimezone(INDIA))
            return {"ewayBillNo": asked["ewbNo"], "cancelDate": stamp}

    def _active_on(self, document: Json, bill: Json) -> bool:
        qr = json.loads(_claims(document["SignedQRCode"])["data"])
        mine = bill["docNo"] == qr["DocNo"] and bill["gstin"] == qr["SellerGstin"]
        return bool(mine and bill["status"] == "ACT")


def irn_of(document: Json) -> str:
    """The number of a document, from its seller, financial year, kind and number."""
    day = datetime.strptime(document["DocDtls"]["Dt"], "%d/%m/%Y").replace(tzinfo=INDIA)
    first = day.year - (day.month < 4)
    text = (
        document["SellerDtls"]["Gstin"]
        + f"{first}-{(first + 1) % 100:02d}"
        + document["DocDtls"]["Typ"]
        + document["DocDtls"]["No"].upper()
    )
    return sha256(text.encode()).hexdigest()


def sign(data: Json) -> str:
    """A token over data."""
    head = {"alg": "RS256", "kid": "STAND-IN", "typ": "JWT", "x5t": "STAND-IN"}
    claims = {"data": json.dumps(data, separators=(",", ":")), "iss": "NIC"}
    text = f"{_url64(json.dumps(head).encode())}.{_url64(json.dumps(claims).encode())}"
    return f"{text}.{_url64(keys()[1].sign(text.encode(), PKCS1v15(), SHA256()))}"


@lru_cache(maxsize=1)
def keys() -> tuple[RSAPrivateKey, RSAPrivateKey]:
    """The keys for logging in and for signing, made when first needed."""
    return generate_private_key(65537, 2048), generate_private_key(65537, 2048)


def public_pem(purpose: str) -> bytes:
    """The public key for "auth" or "sign"."""
    key = keys()[0 if purpose == "auth" else 1].public_key()
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def _qr(document: Json, irn: str, stamp: str) -> Json:
    items = document["ItemList"]
    main = max(items, key=lambda item: item["AssAmt"])
    return {
        "SellerGstin": document["SellerDtls"]["Gstin"],
        "BuyerGstin": document["BuyerDtls"]["Gstin"],
        "DocNo": document["DocDtls"]["No"].upper(),
        "DocTyp": document["DocDtls"]["Typ"],
        "DocDt": document["DocDtls"]["Dt"],
        "TotInvVal": document["ValDtls"]["TotInvVal"],
        "ItemCnt": len(items),
        "MainHsnCode": main["HsnCd"],
        "Irn": irn,
        "IrnDt": stamp,
    }


def _check(document: Json, now: datetime, inactive: set[str]) -> None:
    """The portal's own rules, as far as a shop can break them."""
    seller, buyer = document["SellerDtls"], document["BuyerDtls"]
    day = datetime.strptime(document["DocDtls"]["Dt"], "%d/%m/%Y").replace(tzinfo=INDIA)
    if now - day > REPORT_WITHIN + timedelta(days=1):
        raise Refusal("2305", "The document is older than the allowed days")
    if day > now:
        raise Refusal("2143", "Document date cannot be in the future")
    for party, unknown, gone in ((seller, "3028", "3029"), (buyer, "3028", "3029")):
        if party["Gstin"] == "URP":
            continue
        if not GSTIN.fullmatch(party["Gstin"]) or not _checks(party["Gstin"]):
            raise Refusal(unknown, "GSTIN is not present in invoice system")
        if party["Gstin"] in inactive:
            raise Refusal(gone, "GSTIN is not active")
        if party["Gstin"][:2] != party["Stcd"]:
            raise Refusal("2265", "GSTIN state code does not match")
    _check_sums(document)


def _check_sums(document: Json) -> None:
    inter = document["SellerDtls"]["Stcd"] != document["BuyerDtls"]["Pos"]
    zone = document["TranDtls"]["SupTyp"] not in ("B2B", "DEXP")
    for item in document["ItemList"]:
        heads = item["IgstAmt"], item["CgstAmt"], item["SgstAmt"]
        cess = item.get("CesAmt", 0) + item.get("CesNonAdvlAmt", 0)
        if abs(item["AssAmt"] + sum(heads) + cess - item["TotItemVal"]) > SLACK:
            raise Refusal("2189", "Invalid total item value")
        if "Qty" in item and abs(item["Qty"] * item["UnitPrice"] - item["TotAmt"]) > SLACK:
            raise Refusal("2188", "Invalid gross amount")
        if (inter or zone) and (heads[1] or heads[2]):
            raise Refusal("2172", "CGST and SGST are not applicable to inter-state transactions")
        if not (inter or zone) and heads[0]:
            raise Refusal("2174", "IGST is not applicable to intra-state transactions")
    values = document["ValDtls"]
    parts = ("AssVal", "CgstVal", "SgstVal", "IgstVal", "CesVal", "RndOffAmt")
    summed = sum(values[name] for name in parts)
    if abs(summed - values["TotInvVal"]) > SLACK:
        raise Refusal("2189", "Invalid total invoice value")


def _check_eway(asked: Json, now: datetime) -> None:
    day = datetime.strptime(asked["docDate"], "%d/%m/%Y").replace(tzinfo=INDIA)
    if now - day > timedelta(days=181):
        raise Refusal("820", "The document is older than 180 days")
    if not asked.get("vehicleNo") and not asked.get("transporterId"):
        raise Refusal("4008", "A vehicle or a transporter is needed")
    distance = int(asked["transDistance"])
    if not 0 <= distance <= 4000:
        raise Refusal("4005", "Invalid distance")
    if not asked["itemList"] or len(asked["itemList"]) > 250:
        raise Refusal("219", "Invalid number of items")
    parts = ("totalValue", "cgstValue", "sgstValue", "igstValue", "cessValue", "otherValue")
    if abs(sum(asked[name] for name in parts) - asked["totInvValue"]) > 2 * SLACK:
        raise Refusal("229", "Total invoice value is less than the sum of its parts")


def _checks(gstin: str) -> bool:
    total = 0
    for index, letter in enumerate(gstin[:14]):
        product = LETTERS.index(letter) * (1 + index % 2)
        total += product // 36 + product % 36
    return LETTERS[-total % 36] == gstin[14]


def _stamp(at: datetime) -> str:
    return f"{at.astimezone(INDIA):%Y-%m-%d %H:%M:%S}"


def _read(stamp: str) -> datetime:
    return datetime.strptime(stamp, "%Y-%m-%d %H:%M:%S").replace(tzinfo=INDIA)


def _eway_stamp(at: datetime) -> str:
    return f"{at:%d/%m/%Y %I:%M:%S %p}"


def _url64(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def _claims(token: str) -> Json:
    part = token.split(".")[1]
    claims: Json = json.loads(b64decode(part.replace("-", "+").replace("_", "/") + "==="))
    return claims


def _encrypted(key: bytes, plain: bytes) -> bytes:
    padder = PKCS7(128).padder()
    encryptor = Cipher(algorithms.AES(key), modes.ECB()).encryptor()  # noqa: S305
    return encryptor.update(padder.update(plain) + padder.finalize()) + encryptor.finalize()


def _decrypted(key: bytes, sealed: bytes) -> bytes:
    decryptor = Cipher(algorithms.AES(key), modes.ECB()).decryptor()  # noqa: S305
    unpadder = PKCS7(128).unpadder()
    padded = decryptor.update(sealed) + decryptor.finalize()
    return unpadder.update(padded) + unpadder.finalize()


class Server(ThreadingHTTPServer):
    """The stand-in's HTTP side."""

    daemon_threads = True

    def __init__(self, world: World, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.world = world
        self.address = f"http://127.0.0.1:{self.server_address[1]}"


class _Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        world = self.server.world
        if self.path in ("/keys/auth.pem", "/keys/sign.pem"):
            self._send(200, public_pem(self.path[6:10]))
        elif not self._away():
            self._do(lambda _: world.by_irn(self.path.rpartition("/")[2]), None)

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)) or b"{}")
        world = self.server.world
        if self._away():
            return
        if self.path.endswith("/auth"):
            self._answer({"Status": 1, "Data": world.log_in(body["Data"])})
        elif self.path.endswith("/ewayapi"):
            self._do(lambda asked: world.eway(body["action"], asked), body["data"], eway=True)
        elif self.path.endswith("/Cancel"):
            self._do(world.cancel, body["Data"])
        else:
            self._do(world.register, body["Data"])

    def _do(self, act: Callable[[Json], Json], sealed: str | None, *, eway: bool = False) -> None:
        key = self.server.world.tokens.get(self.headers.get("AuthToken", ""))
        try:
            if key is None:
                raise Refusal("238" if eway else "1005", "Invalid token")
            asked = json.loads(_decrypted(key, b64decode(sealed))) if sealed else {}
            done = b64encode(_encrypted(key, json.dumps(act(asked)).encode())).decode()
        except Refusal as refusal:
            self._answer(_refused(refusal, eway=eway))
            return
        mood = self.server.world.mood
        if mood.lost:
            mood.lost = False
            time.sleep(0.01)
            self._send(504, b"{}")
            return
        self._answer({"status": "1", "data": done} if eway else {"Status": 1, "Data": done})

    def _away(self) -> bool:
        mood = self.server.world.mood
        if mood.fails > 0:
            mood.fails -= 1
            self._send(503, b"{}")
            return True
        return False

    def _answer(self, content: Json) -> None:
        self._send(200, json.dumps(content).encode())

    def _send(self, status: int, body: bytes) -> None:
        try:
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
        except OSError:
            return

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


def _refused(refusal: Refusal, *, eway: bool) -> Json:
    if eway:
        told = json.dumps({"errorCodes": refusal.code})
        return {"status": "0", "error": b64encode(told.encode()).decode()}
    details = [{"ErrorCode": refusal.code, "ErrorMessage": refusal.message}]
    return {"Status": 0, "ErrorDetails": details, "Data": None}


def main() -> None:
    """Serve until told to stop."""
    parser = argparse.ArgumentParser(prog="python -m simulator.gst_portal")
    parser.add_argument("--port", type=int, default=8003)
    server = Server(World(), parser.parse_args().port)
    print(f"BAHI_GST_URL={server.address}")  # noqa: T201
    server.serve_forever()


if __name__ == "__main__":
    main()
