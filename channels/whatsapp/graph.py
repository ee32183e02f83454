"""The Graph API: messages, read receipts, files. And what its errors mean for us."""

from __future__ import annotations

import asyncio
import re
from enum import Enum
from typing import Any

import aiohttp
import orjson

from erp_core.kernel.settings import Settings
from transport.posts import CONNECT_SECONDS, MOST, NotSent, Poster, Unanswered

VERSION = "v25.0"
TIMEOUT = 30.0
DOWNLOAD_LIMIT = 20 * 1024 * 1024
"""Bytes of a received file that are taken."""

_VERSIONED = re.compile(r"/v\d+\.\d+/?$")


class Failure(Enum):
    """What to do about a refusal."""

    THROTTLED = "throttled"
    """Wait and try again; it does not count as a failure."""
    PAIR_THROTTLED = "pair_throttled"
    """The same, for this person only, four times longer each time."""
    TRANSIENT = "transient"
    """Try again a few times."""
    UNCERTAIN = "uncertain"
    """It may have been sent: look for a status first."""
    WINDOW = "window"
    """More than 24 hours since the person wrote: wait until they do."""
    UNREACHABLE = "unreachable"
    """This person cannot get it."""
    STOPPED = "stopped"
    """The number is in trouble: stop what can wait."""
    UNAUTHORISED = "unauthorised"
    """The token does not hold: stop everything of this number."""
    MEDIA = "media"
    """The file was not taken: upload it anew, once."""
    REFUSED = "refused"
    """Our mistake: put it aside."""


CODES: dict[int, Failure] = {
    **dict.fromkeys((130429, 4, 80007, 133016, 131064), Failure.THROTTLED),
    131056: Failure.PAIR_THROTTLED,
    **dict.fromkeys((1, 2, 131000, 131016, 131057, 133004), Failure.TRANSIENT),
    131047: Failure.WINDOW,
    **dict.fromkeys((131026, 130472, 131049, 131050), Failure.UNREACHABLE),
    **dict.fromkeys((131048, 368, 131031, 131037, 131042, 130497), Failure.STOPPED),
    **dict.fromkeys((190, 0, 3, 10, *range(200, 300)), Failure.UNAUTHORISED),
    **dict.fromkeys((131052, 131053), Failure.MEDIA),
    **dict.fromkeys(
        (100, 131008, 131009, 131021, 131030, 131051, 131045, 133010, 131062, 131063),
        Failure.REFUSED,
    ),
}
"""Meta's error codes as of Graph v25.0 (November 2026). Their texts change; the codes do not."""


class GraphError(Exception):
    """A call that did not succeed. code: Meta's, or None where there was no readable answer."""

    def __init__(
        self, failure: Failure, code: int | None = None, status: int | None = None
    ) -> None:
        super().__init__(f"{failure.value} code={code} status={status}")
        self.failure = failure
        self.code = code
        self.status = status


def classify(status: int, code: int | None) -> Failure:
    """What a refused call means. An unknown code goes by the HTTP status."""
    if code is not None and code in CODES:
        known = CODES[code]
        # A gateway's timeout says nothing about whether Graph took the message.
        return Failure.UNCERTAIN if known is Failure.TRANSIENT and status == 504 else known
    if status == 429:
        return Failure.THROTTLED
    if status >= 500:
        return Failure.UNCERTAIN if status == 504 else Failure.TRANSIENT
    return Failure.UNAUTHORISED if status in (401, 403) else Failure.REFUSED


class GraphClient:
    """Calls Graph for any of our numbers."""

    def __init__(self, settings: Settings, *, timeout: float = TIMEOUT) -> None:
        base = settings.whatsapp_api_url.rstrip("/")
        self._base = base if _VERSIONED.search(base) else f"{base}/{VERSION}"
        self._seconds = timeout
        self._headers = {
            "Authorization": f"Bearer {settings.whatsapp_access_token}",
            "User-Agent": "Bahi/1.0",
        }
        self._posts: Poster | None = None
        self._session: aiohttp.ClientSession | None = None
        """For files, which are sent in parts and read in pieces."""

    async def send(self, phone_number_id: str, payload: dict[str, Any]) -> str:
        """Post one message; gives its wamid. Raises GraphError."""
        answer = await self._post_json(f"{phone_number_id}/messages", payload)
        try:
            return str(answer["messages"][0]["id"])
        except (KeyError, IndexError, TypeError):
            raise GraphError(Failure.UNCERTAIN) from None

    async def mark_read(self, phone_number_id: str, wamid: str) -> None:
        """Blue ticks on what the person wrote, and "typing…". Raises GraphError."""
        await self._post_json(
            f"{phone_number_id}/messages",
            {
                "messaging_product": "whatsapp",
                "status": "read",
                "message_id": wamid,
                "typing_indicator": {"type": "text"},
            },
        )

    async def upload(self, phone_number_id: str, data: bytes, *, mime: str, filename: str) -> str:
        """Give Meta a file for 30 days; its media id. Raises GraphError."""
        form = aiohttp.FormData()
        form.add_field("messaging_product", "whatsapp")
        form.add_field("type", mime)
        form.add_field("file", data, filename=filename, content_type=mime)
        answer = await self._call("POST", f"{self._base}/{phone_number_id}/media", data=form)
        return str(answer["id"])

    async def download(self, media_id: str) -> tuple[bytes, str]:
        """A file that somebody sent, and its type. Raises GraphError."""
        about = await self._call("GET", f"{self._base}/{media_id}")
        try:
            async with self._http().get(about["url"]) as response:
                if response.status != 200:
                    raise GraphError(classify(response.status, None), status=response.status)
                data = await response.content.read(DOWNLOAD_LIMIT + 1)
                while len(data) <= DOWNLOAD_LIMIT:
                    more = await response.content.read(1 << 16)
                    if not more:
                        return data, str(about.get("mime_type") or "")
                    data += more
        except (aiohttp.ClientError, asyncio.TimeoutError, OSError, KeyError) as error:
            raise GraphError(Failure.TRANSIENT) from error
        raise GraphError(Failure.MEDIA)

    async def close(self) -> None:
        """Let go of the connections."""
        if self._posts is not None:
            self._posts.close()
        if self._session is not None:
            await self._session.close()

    async def _post_json(self, path: str, payload: dict[str, Any]) -> dict[str, Any]:
        try:
            status, body = await self._poster().post(path, orjson.dumps(payload))
        except NotSent as error:
            raise GraphError(Failure.TRANSIENT) from error
        except Unanswered as error:
            raise GraphError(Failure.UNCERTAIN) from error
        return _accepted(status, body)

    async def _call(self, method: str, url: str, *, data: Any = None) -> dict[str, Any]:
        try:
            async with self._http().request(method, url, data=data) as response:
                return _accepted(response.status, await response.read())
        except aiohttp.ClientConnectorError as error:
            raise GraphError(Failure.TRANSIENT) from error
        except (aiohttp.ClientError, asyncio.TimeoutError, OSError) as error:
            raise GraphError(Failure.UNCERTAIN) from error

    def _poster(self) -> Poster:
        if self._posts is None:
            headers = {**self._headers, "Content-Type": "application/json"}
            self._posts = Poster(self._base, headers, seconds=self._seconds)
        return self._posts

    def _http(self) -> aiohttp.ClientSession:
        if self._session is None:
            connector = aiohttp.TCPConnector(limit=MOST, keepalive_timeout=60)
            self._session = aiohttp.ClientSession(
                connector=connector,
                timeout=aiohttp.ClientTimeout(total=self._seconds, connect=CONNECT_SECONDS),
                headers=self._headers,
                cookie_jar=aiohttp.DummyCookieJar(),
            )
        return self._session


def _accepted(status: int, body: bytes) -> dict[str, Any]:
    """The answer to a call that succeeded. Raises GraphError for one that did not."""
    answer = _json_object(body)
    if status < 300:
        return answer
    code = _code(answer)
    raise GraphError(classify(status, code), code, status)


def _json_object(body: bytes) -> dict[str, Any]:
    try:
        answer = orjson.loads(body)
    except orjson.JSONDecodeError:
        return {}
    return answer if isinstance(answer, dict) else {}


def _code(answer: dict[str, Any]) -> int | None:
    error = answer.get("error")
    code = error.get("code") if isinstance(error, dict) else None
    return code if isinstance(code, int) else None
