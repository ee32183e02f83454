"""Pictures, bills and voice notes, kept in memory while there is room."""

from __future__ import annotations

import base64
import hashlib
import io
import secrets
from collections import OrderedDict
from dataclasses import dataclass, field

from simulator.ids import new_media_id

ROOM = 256 * 1024 * 1024
URL_SECONDS = 300
MB = 1024 * 1024

DOCUMENTS = {
    "application/pdf",
    "text/plain",
    "text/csv",
    "application/msword",
    "application/vnd.ms-excel",
    "application/vnd.ms-powerpoint",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation",
}
LARGEST: dict[str, int] = {
    **dict.fromkeys(DOCUMENTS, 100 * MB),
    **dict.fromkeys(("image/jpeg", "image/png"), 5 * MB),
    **dict.fromkeys(("audio/aac", "audio/amr", "audio/mpeg", "audio/mp4", "audio/ogg"), 16 * MB),
    **dict.fromkeys(("video/mp4", "video/3gpp"), 16 * MB),
    "image/webp": MB // 2,
}


@dataclass
class Media:
    """One file, as sent."""

    id: str
    mime_type: str
    filename: str
    data: bytes
    tokens: dict[str, float] = field(default_factory=dict)
    thumbnail: bytes | None = None
    pages: int | None = None

    @property
    def sha256_hex(self) -> str:
        """As the media endpoint gives it."""
        return hashlib.sha256(self.data).hexdigest()

    @property
    def sha256_base64(self) -> str:
        """As webhooks give it."""
        return base64.b64encode(hashlib.sha256(self.data).digest()).decode("ascii")


class MediaShelf:
    """Keeps what fits; the oldest makes room."""

    def __init__(self, room: int = ROOM) -> None:
        self._room = room
        self._held = 0
        self._shelf: OrderedDict[str, Media] = OrderedDict()

    def add(self, data: bytes, mime_type: str, filename: str) -> Media:
        """Keep a file under a new id."""
        media = Media(new_media_id(), mime_type, filename, data)
        self._shelf[media.id] = media
        self._held += len(data)
        while self._held > self._room and len(self._shelf) > 1:
            _, oldest = self._shelf.popitem(last=False)
            self._held -= len(oldest.data)
        return media

    def get(self, media_id: str) -> Media | None:
        """The file, if it is still kept."""
        return self._shelf.get(media_id)

    def remove(self, media_id: str) -> bool:
        """Forget a file."""
        media = self._shelf.pop(media_id, None)
        if media:
            self._held -= len(media.data)
        return media is not None

    def clear(self) -> None:
        """Forget every file."""
        self._shelf.clear()
        self._held = 0


def new_url_token(media: Media, *, now: float) -> str:
    """A token for one download address, which lives five minutes."""
    media.tokens = {token: end for token, end in media.tokens.items() if end > now}
    token = secrets.token_urlsafe(12)
    media.tokens[token] = now + URL_SECONDS
    return token


def too_large(mime_type: str, size: int) -> bool:
    """Whether Meta would refuse a file of this type for its size."""
    return size > LARGEST.get(mime_type, 0)


def base_type(mime_type: str) -> str:
    """The type without its parameters: "audio/ogg; codecs=opus" → "audio/ogg"."""
    return mime_type.split(";")[0].strip().lower()


def preview(media: Media) -> tuple[bytes, int] | None:
    """The first page of a PDF as PNG, and its number of pages; None if it cannot be drawn."""
    if base_type(media.mime_type) != "application/pdf":
        return None
    if media.thumbnail is None:
        try:
            media.thumbnail, media.pages = _draw_first_page(media.data)
        except Exception:  # a damaged PDF, or no renderer: the card shows without a picture
            return None
    return media.thumbnail, media.pages or 0


def _draw_first_page(data: bytes) -> tuple[bytes, int]:
    import pypdfium2

    document = pypdfium2.PdfDocument(data)
    try:
        page = document[0]
        picture = page.render(scale=680 / max(page.get_width(), 1)).to_pil()
        output = io.BytesIO()
        picture.convert("RGB").save(output, "PNG")
        return output.getvalue(), len(document)
    finally:
        document.close()
