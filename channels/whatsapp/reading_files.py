"""From the bytes that somebody sent to plain pictures, or to the reason why not.

What a file is says its first bytes, never its name or the type that came with it. Everything here
runs in a process that may die (reading_child.py): decoders are what hostile files are made for.
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from PIL import Image, ImageFile, ImageOps, UnidentifiedImageError

from channels.whatsapp.media import FileKind, kind_of

LARGEST_FILE = 20 * 1024 * 1024
LARGEST_PIXELS = 50_000_000
LONGEST_SIDE = 3_200
"""Pixels of what is handed on; a phone's photo has more than a bill needs."""

SHORTEST_SIDE = 40
NARROWEST = 40
"""So many times as long as wide is no bill any more: the longest roll has its end somewhere."""

MOST_PAGES = 10
PDF_SCALE = 200 / 72
"""200 dots to the inch, which is what Tesseract wants of print."""

HASH_SIDE = 16

_DECODERS = {"jpeg": ("JPEG", "MPO"), "png": ("PNG",), "webp": ("WEBP",)}


class Refused(Exception):
    """This file will not be read: "wrong_type", "too_large", "damaged", "animated", "locked"."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Page:
    """A picture ready to be read (JPEG, upright, without any metadata), and how it looks.

    look: 64 hexadecimal digits; near-identical pictures differ in few bits.
    """

    data: bytes
    look: str


def count_pages(data: bytes) -> int:
    """How many pages a file has; 1 for a picture. Raises Refused."""
    if kind_of(data) != "pdf":
        return 1
    document = _open_pdf(data)
    try:
        return len(document)
    finally:
        document.close()


def pages(data: bytes) -> Iterator[Page]:
    """The pictures of a file, MOST_PAGES at most, each made when it is asked for.

    Raises Refused.
    """
    if len(data) > LARGEST_FILE:
        raise Refused("too_large")
    kind = kind_of(data)
    if kind == "other":
        raise Refused("wrong_type")
    if kind == "pdf":
        yield from _pages_of_pdf(data)
    else:
        yield _page(_decoded(data, kind))


def look_of(image: Image.Image) -> str:
    """How a picture looks, in 256 bits: where it grows lighter from left to right."""
    small = ImageOps.autocontrast(image.convert("L")).resize(
        (HASH_SIDE + 1, HASH_SIDE), Image.Resampling.BOX
    )
    grey = small.tobytes()
    width = HASH_SIDE + 1
    bits = 0
    for row in range(HASH_SIDE):
        for column in range(HASH_SIDE):
            at = row * width + column
            bits = bits << 1 | (grey[at] < grey[at + 1])
    return f"{bits:064x}"


def _decoded(data: bytes, kind: FileKind) -> Image.Image:
    """The picture, upright. Its header is looked at before a single pixel is unpacked."""
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    Image.MAX_IMAGE_PIXELS = LARGEST_PIXELS
    with warnings.catch_warnings():
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        try:
            image = Image.open(io.BytesIO(data), formats=_DECODERS[kind])
            _check_size(*image.size)
            if kind != "jpeg" and getattr(image, "n_frames", 1) > 1:
                raise Refused("animated")
            if kind == "jpeg":
                image.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
            image.load()
        except Refused:
            raise
        except (Image.DecompressionBombError, Image.DecompressionBombWarning, MemoryError):
            raise Refused("too_large") from None
        except (UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError, KeyError):
            raise Refused("damaged") from None
        except Exception:
            raise Refused("damaged") from None
    return _upright(image)


def _check_size(width: int, height: int) -> None:
    if width * height > LARGEST_PIXELS:
        raise Refused("too_large")
    if min(width, height) < SHORTEST_SIDE or max(width, height) > NARROWEST * min(width, height):
        raise Refused("damaged")


def _upright(image: Image.Image) -> Image.Image:
    """Turned as the camera was held; EXIF that makes no sense is ignored."""
    try:
        return ImageOps.exif_transpose(image) or image
    except Exception:
        return image


def _page(image: Image.Image) -> Page:
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        image = _on_paper(image)
    image = image.convert("RGB")
    image.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS)
    output = io.BytesIO()
    image.save(output, "JPEG", quality=95)
    return Page(output.getvalue(), look_of(image))


def _on_paper(image: Image.Image) -> Image.Image:
    """What is transparent lies on white, so that black print on nothing can be read."""
    image = image.convert("RGBA")
    paper = Image.new("RGBA", image.size, "white")
    paper.alpha_composite(image)
    return paper


def _open_pdf(data: bytes) -> Any:
    import pypdfium2  # type: ignore[import-untyped]

    try:
        return pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        raise Refused("locked" if "password" in str(error).lower() else "damaged") from None


def _pages_of_pdf(data: bytes) -> Iterator[Page]:
    import pypdfium2

    document = _open_pdf(data)
    try:
        if not len(document):
            raise Refused("damaged")
        for at in range(min(len(document), MOST_PAGES)):
            try:
                page = document[at]
                width, height = page.get_size()
                longest = max(width, height, 1)
                scale = min(PDF_SCALE, LONGEST_SIDE / longest)
                if min(width, height) * scale < 1:
                    raise Refused("damaged")
                image = page.render(scale=scale).to_pil()
                page.close()
            except (pypdfium2.PdfiumError, ValueError, MemoryError):
                raise Refused("damaged") from None
            yield _page(image)
    finally:
        document.close()
