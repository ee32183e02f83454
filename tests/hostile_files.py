"""Files that are made to harm whoever opens them, and why each is refused."""

from __future__ import annotations

import io
import os
import struct
import zlib
from typing import Any

from PIL import Image


def picture(kind: str = "JPEG", size: tuple[int, int] = (600, 800), **options: Any) -> bytes:
    """A picture of noise."""
    output = io.BytesIO()
    Image.effect_noise(size, 40).convert("RGB").save(output, kind, **options)
    return output.getvalue()


def moving(kind: str) -> bytes:
    frames = [Image.new("RGB", (100, 100), (shade, 0, 0)) for shade in (0, 90, 180)]
    output = io.BytesIO()
    frames[0].save(output, kind, save_all=True, append_images=frames[1:])
    return output.getvalue()


def chunk(name: bytes, data: bytes) -> bytes:
    check = struct.pack(">I", zlib.crc32(name + data) & 0xFFFFFFFF)
    return struct.pack(">I", len(data)) + name + data + check


def png(width: int, height: int, *extra: bytes) -> bytes:
    """A PNG that claims a size."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    rows = zlib.compress(b"\0" * 1_000_000, 9)
    return b"".join(
        [
            b"\x89PNG\r\n\x1a\n",
            chunk(b"IHDR", head),
            *extra,
            chunk(b"IDAT", rows),
            chunk(b"IEND", b""),
        ]
    )


LOCKED = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
    b"2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]>>endobj\n"
    b"4 0 obj<</Filter/Standard/V 1/R 2/P -44/O<"
    + b"41" * 32
    + b">/U<"
    + b"42" * 32
    + b">>>endobj\n"
    b"trailer<</Root 1 0 R/Encrypt 4 0 R/ID[<00><00>]/Size 5>>\n%%EOF"
)
TEXT_BOMB = chunk(b"zTXt", b"a\0\0" + zlib.compress(b"\0" * 100_000_000, 9))
HOSTILE = {
    "a picture that says to be 900 megapixels": (png(30_000, 30_000), "too_large"),
    "text in a picture that unpacks to 100 MB": (png(100, 100, TEXT_BOMB), "damaged"),
    "too large a file": (picture() + b"\0" * 21_000_000, "too_large"),
    "a photo cut short": (picture()[:3_000], "damaged"),
    "only the first bytes of a photo": (b"\xff\xd8\xff\xe0", "damaged"),
    "a moving WebP": (moving("WEBP"), "animated"),
    "a GIF": (moving("GIF"), "wrong_type"),
    "a drawing that runs scripts": (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "wrong_type"),
    "a page of HTML": (b"<html><script>alert(1)</script></html>", "wrong_type"),
    "a program": (b"\x7fELF" + b"\0" * 100, "wrong_type"),
    "nothing": (b"", "wrong_type"),
    "a PDF with a password": (LOCKED, "locked"),
    "a PDF of rubbish": (b"%PDF-1.7\n" + os.urandom(2_000), "damaged"),
    "a thread a pixel wide": (picture("PNG", (2, 4_000)), "damaged"),
}
"""By what it is: the file, and the code by which it is refused."""
