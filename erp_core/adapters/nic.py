"""A session with the portals of the NIC: one log-in for e-invoices and e-way bills.

Who logs in makes a key of its own and sends it under the portal's public key; the portal answers
with a session key under that one, and all bodies travel under the session key (AES-256, ECB, as
the portals prescribe). BAHI_GST_URL names the portal, BAHI_GST_KEYS the folder of its public keys:
`auth.pem`, and `sign.pem` or several `sign*.pem`.
"""

from __future__ import annotations

import json
import os
import secrets
import threading
import urllib.error
import urllib.request
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import yaml
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.padding import PKCS7
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from erp_core.journal.context import Reader
from erp_core.kernel.clock import INDIA
from erp_core.kernel.errors import Conflict, Unavailable
from erp_core.kernel.sealing import seal, unseal
from erp_core.portals.ports import PortalRefused
from erp_core.portals.profile import sealed_account

CONFIGURATION = Path(__file__).with_name("gst_portals.yml")
URL, KEYS = "BAHI_GST_URL", "BAHI_GST_KEYS"
PURPOSE = "bahi gst portal account"
SECONDS = 20.0
APP_KEY = 32
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})

Json = dict[str, Any]


@dataclass(frozen=True)
class Account:
    """A shop's own access to a portal."""

    gstin: str
    username: str
    password: str
    client_id: str
    client_secret: str

    def sealed(self, secret_key: str, business_id: int) -> bytes:
        """Encrypted for the row of one business."""
        plain = json.dumps(vars(self)).encode()
        return seal(secret_key, PURPOSE, plain, place=str(business_id))

    @classmethod
    def unsealed(cls, secret_key: str, business_id: int, sealed: bytes) -> Account:
        """From a row. Raises Unsealable."""
        return cls(**json.loads(unseal(secret_key, PURPOSE, sealed, place=str(business_id))))


@dataclass(frozen=True)
class _Token:
    text: str
    key: bytes


_tokens: dict[tuple[str, str, str], _Token] = {}
_lock = threading.Lock()


def open_session(
    reader: Reader, secret_key: str, portal: str = "irp", *, url: str | None = None
) -> Session:
    """The session of a business. Raises Conflict("portal_not_connected")."""
    base = url or os.environ.get(URL)
    sealed = sealed_account(reader, portal) or sealed_account(reader, "irp")
    if not base or sealed is None:
        raise Conflict("portal_not_connected")
    return Session(base, Account.unsealed(secret_key, reader.business_id, sealed))


class Session:
    """Asks a portal in the name of one shop. Raises Unavailable and PortalRefused."""

    def __init__(self, url: str, account: Account, *, seconds: float = SECONDS) -> None:
        self._url = url.rstrip("/")
        self._account = account
        self._seconds = seconds

    def post(self, path: str, content: Mapping[str, Any]) -> Json:
        """Send a body under the session's key; what was answered, opened."""
        return self._patiently("POST", path, content)

    def get(self, path: str) -> Json:
        """Ask for something."""
        return self._patiently("GET", path, None)

    def act(self, action: str, content: Mapping[str, Any]) -> Json:
        """Do something at the e-way bill portal, whose bodies name what they want."""
        return self._patiently("POST", configuration()["paths"]["eway"], content, action=action)

    def signing_keys(self) -> list[bytes]:
        """The public keys (PEM) with which the portal signs."""
        return public_keys(self._url, "sign")

    def _patiently(
        self, method: str, path: str, content: Mapping[str, Any] | None, action: str | None = None
    ) -> Json:
        try:
            return self._asked(method, path, content, action, self._token())
        except PortalRefused as refused:
            if refused.code not in configuration()["stale_token"]:
                raise
        return self._asked(method, path, content, action, self._token(fresh=True))

    def _asked(
        self,
        method: str,
        path: str,
        content: Mapping[str, Any] | None,
        action: str | None,
        token: _Token,
    ) -> Json:
        body: Json | None = None
        if content is not None:
            sealed = b64encode(_encrypted(token.key, json.dumps(content).encode())).decode()
            body = {"action": action, "data": sealed} if action else {"Data": sealed}
        headers = {
            **self._headers(),
            "user_name": self._account.username,
            "AuthToken": token.text,
        }
        answer = self._sent(method, path, body, headers)
        opened: Json = json.loads(_decrypted(token.key, b64decode(_data(answer))))
        return opened

    def _token(self, *, fresh: bool = False) -> _Token:
        place = (self._url, self._account.gstin, self._account.username)
        with _lock:
            known = _tokens.get(place)
        if known is not None and not fresh:
            return known
        token = self._log_in()
        with _lock:
            _tokens[place] = token
        return token

    def _log_in(self) -> _Token:
        app_key = secrets.token_bytes(APP_KEY)
        plain = {
            "UserName": self._account.username,
            "Password": self._account.password,
            "AppKey": b64encode(app_key).decode(),
            "ForceRefreshAccessToken": False,
        }
        key = load_pem_public_key(public_keys(self._url, "auth")[0])
        if not isinstance(key, RSAPublicKey):
            raise Unavailable("portal_unreachable")
        sealed = key.encrypt(b64encode(json.dumps(plain).encode()), PKCS1v15())
        body = {"Data": b64encode(sealed).decode()}
        answer = self._sent("POST", configuration()["paths"]["auth"], body, self._headers())
        given = _data(answer)
        return _Token(str(given["AuthToken"]), _decrypted(app_key, b64decode(str(given["Sek"]))))

    def _headers(self) -> dict[str, str]:
        names = configuration()["headers"]
        return {
            "Content-Type": "application/json",
            names["client"]: self._account.client_id,
            names["secret"]: self._account.client_secret,
            "Gstin": self._account.gstin,
        }

    def _sent(self, method: str, path: str, body: Json | None, headers: Mapping[str, str]) -> Json:
        request = urllib.request.Request(  # noqa: S310 - the address is the operator's
            f"{self._url}{path}",
            method=method,
            headers=dict(headers),
            data=json.dumps(body).encode() if body is not None else None,
        )
        try:
            with urllib.request.urlopen(request, timeout=self._seconds) as answer:  # noqa: S310
                found = json.loads(answer.read())
        except (OSError, ValueError, urllib.error.HTTPError) as error:
            raise Unavailable("portal_unreachable") from error
        if not isinstance(found, dict):
            raise Unavailable("portal_unreachable")
        return found


def _data(answer: Mapping[str, Any]) -> Any:
    """What a portal gave; the two write the same things with capitals and without."""
    if str(answer.get("Status", answer.get("status"))) == "1":
        return answer.get("Data", answer.get("data"))
    code = _code(answer)
    if code in configuration()["away"]:
        raise Unavailable("portal_unreachable")
    raise PortalRefused(code)


def _code(answer: Mapping[str, Any]) -> str:
    details = answer.get("ErrorDetails")
    if isinstance(details, list) and details and isinstance(details[0], Mapping):
        return str(details[0].get("ErrorCode") or "unknown")
    try:
        told = json.loads(b64decode(str(answer.get("error") or "")))
        return str(told["errorCodes"]).strip(", ").split(",")[0] or "unknown"
    except (ValueError, KeyError, TypeError):
        return "unknown"


def public_keys(url: str, purpose: str) -> list[bytes]:
    """The portal's public keys (PEM) for "auth" or "sign".

    A stand-in on this machine hands out its own; a real portal's keys are the operator's to give.
    """
    folder = os.environ.get(KEYS)
    if folder:
        found = [path.read_bytes() for path in sorted(Path(folder).glob(f"{purpose}*.pem"))]
    elif urlsplit(url).hostname in LOOPBACK:
        found = [_fetched(f"{url}/keys/{purpose}.pem")]
    else:
        found = []
    if not found:
        raise Conflict("portal_not_connected")
    return found


@lru_cache(maxsize=8)
def _fetched(url: str) -> bytes:
    try:
        with urllib.request.urlopen(url, timeout=SECONDS) as answer:  # noqa: S310
            return bytes(answer.read())
    except OSError as error:
        raise Unavailable("portal_unreachable") from error


def moment(text: str, form: str = "%Y-%m-%d %H:%M:%S") -> datetime:
    """A time as the portals write it, which is Indian."""
    return datetime.strptime(text, form).replace(tzinfo=ZoneInfo(INDIA))


@lru_cache(maxsize=1)
def configuration() -> dict[str, Any]:
    """How the portals are spoken to."""
    found: dict[str, Any] = yaml.safe_load(CONFIGURATION.read_text(encoding="utf-8"))
    return found


def _encrypted(key: bytes, plain: bytes) -> bytes:
    padder = PKCS7(128).padder()
    encryptor = _cipher(key).encryptor()
    return encryptor.update(padder.update(plain) + padder.finalize()) + encryptor.finalize()


def _decrypted(key: bytes, sealed: bytes) -> bytes:
    decryptor = _cipher(key).decryptor()
    unpadder = PKCS7(128).unpadder()
    try:
        padded = decryptor.update(sealed) + decryptor.finalize()
        return unpadder.update(padded) + unpadder.finalize()
    except ValueError as error:
        raise Unavailable("portal_unreachable") from error


def _cipher(key: bytes) -> Cipher[modes.ECB]:
    return Cipher(algorithms.AES(key), modes.ECB())  # noqa: S305 - as the portals prescribe
