"""Somebody who cannot read asks for answers aloud, by text and by voice, all the way."""

from __future__ import annotations

import io
import shutil
import time
import urllib.request
from typing import Any

import av
import pytest
from installation import Installation, text_of

pytestmark = [
    pytest.mark.processes,
    pytest.mark.skipif(shutil.which("espeak-ng") is None, reason="needs espeak-ng"),
]

NUMBER = "7005"
OWNER = "919876500001"
STAFF = "919876500003"
SHOP = {
    "business": {"name": "Bolti Kirana", "phone_number_id": NUMBER, "state": "27"},
    "users": [
        {"name": "Sharma", "phone": OWNER, "role": "owner"},
        {"name": "Chhotu", "phone": STAFF, "role": "staff"},
    ],
    "products": [{"name": "Maggi", "price": "14.00", "stock": "96", "unit": "packet"}],
    "customers": [],
}


def said(installation: Installation, phone: str, text: str, count: int) -> list[dict[str, Any]]:
    """Write something; all that the shop says to it."""
    sent = installation.call("/send", {"phone_number_id": NUMBER, "from": phone, "text": text})
    path = f"/chats/{NUMBER}/{phone}/messages?after={sent['seq']}&by=business"
    end = time.monotonic() + 300
    found: list[dict[str, Any]] = []
    while time.monotonic() < end and len(found) < count:
        found = installation.call(f"{path}&wait=5")["messages"]
    time.sleep(1.5)
    found = installation.call(path)["messages"]
    assert len(found) == count, found
    return found


@pytest.fixture(scope="module", autouse=True)
def shop(installation: Installation) -> None:
    installation.load_shop(SHOP)
    installation.call("/limits", {"window": False, "pair": False, "number": False})


def test_answers_come_written_and_aloud_until_it_is_enough(installation: Installation) -> None:
    (alone,) = said(installation, OWNER, "maggi kitna hai", 1)
    assert alone["type"] == "text"
    written, aloud = said(installation, OWNER, "bolkar jawab do", 2)
    assert "bol kar bhi" in text_of(written)
    assert (aloud["type"], aloud["audio"]["voice"]) == ("audio", True)
    written, aloud = said(installation, OWNER, "maggi kitna hai", 2)
    assert "96" in text_of(written)
    assert 1.0 < seconds_of(installation, aloud) < 20.0
    (others,) = said(installation, STAFF, "maggi kitna hai", 1)
    assert "96" in text_of(others)
    said(installation, OWNER, "/awaaz", 2)
    (last,) = said(installation, OWNER, "awaaz band", 1)
    assert "sirf likh kar" in text_of(last)
    (alone,) = said(installation, OWNER, "maggi kitna hai", 1)
    assert alone["type"] == "text"


def seconds_of(installation: Installation, message: dict[str, Any]) -> float:
    """How long a voice message lasts, which is OGG with Opus of one channel."""
    address = f"{installation.control}/media/{message['audio']['id']}"
    with urllib.request.urlopen(address, timeout=60) as answer:
        data = answer.read()
    assert data.startswith(b"OggS")
    with av.open(io.BytesIO(data), format="ogg") as container:
        (stream,) = container.streams.audio
        assert (stream.codec_context.name, stream.codec_context.channels) == ("opus", 1)
        return sum(frame.samples for frame in container.decode(stream)) / 48_000
