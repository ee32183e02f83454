"""How a shop's papers look: its colour and its logo."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b
from io import BytesIO
from typing import TypedDict

from PIL import Image, UnidentifiedImageError
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert as upsert

from erp_core.invoicing.models import logos
from erp_core.invoicing.sheet import ACCENT, Colour
from erp_core.journal.context import Context, Reader
from erp_core.kernel.errors import Invalid
from erp_core.parties.permissions import Permission, require
from erp_core.parties.queries import Business

LARGEST_FILE = 5_000_000
LARGEST_SIDE = 480
"""Pixels: sharp at the size at which it is printed, and quick to put in."""


@dataclass(frozen=True)
class Dress:
    """The colour of a shop's papers, and its logo as a PNG."""

    colour: Colour = ACCENT
    logo: bytes | None = None


PLAIN_DRESS = Dress()


class LogoSet(TypedDict):
    width: int
    height: int


def dress_of(reader: Reader, shop: Business) -> Dress:
    """The dress of a shop; ours where it has chosen none."""
    logo: bytes | None = reader.connection.execute(
        select(logos.c.png).where(logos.c.business_id == reader.business_id)
    ).scalar_one_or_none()
    return Dress(colour_of(shop.colour) or ACCENT, bytes(logo) if logo else None)


def set_logo(ctx: Context, *, image_hex: str) -> LogoSet:
    """Keep a picture (its bytes in hexadecimal) as the shop's logo. Raises Invalid("bad_logo")."""
    require(ctx, Permission.CHANGE_BUSINESS)
    png, width, height = _small_png(bytes.fromhex(image_hex))
    digest = blake2b(png, digest_size=16).hexdigest()
    values = {"digest": digest, "png": png}
    ctx.connection.execute(
        upsert(logos)
        .values(business_id=ctx.business_id, **values)
        .on_conflict_do_update(index_elements=["business_id"], set_=values)
    )
    ctx.record("business.changed", changed=["logo"], digest=digest)
    return {"width": width, "height": height}


def colour_of(text: str | None) -> Colour | None:
    """ "#921c24" as red, green and blue."""
    if not text:
        return None
    return int(text[1:3], 16), int(text[3:5], 16), int(text[5:7], 16)


def _small_png(data: bytes) -> tuple[bytes, int, int]:
    if len(data) > LARGEST_FILE:
        raise Invalid("bad_logo")
    try:
        image: Image.Image = Image.open(BytesIO(data))
        image.thumbnail((LARGEST_SIDE, LARGEST_SIDE))
        # A see-through logo is put on white: a transparent picture takes a bill five times as long.
        flat = Image.new("RGB", image.size, "white")
        flat.paste(image, mask=image.convert("RGBA").getchannel("A"))
    except (UnidentifiedImageError, OSError, ValueError, Image.DecompressionBombError):
        raise Invalid("bad_logo") from None
    out = BytesIO()
    flat.quantize(128).save(out, "PNG", optimize=True)
    return out.getvalue(), *image.size
