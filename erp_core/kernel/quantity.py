"""Quantities are exact decimals of at most three places, with a unit."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Literal

from erp_core.kernel.errors import Invalid

PLACES = Decimal("0.001")
LARGEST_QUANTITY = Decimal(10) ** 12

Packing = Literal["packed", "loose"]
"""How goods are put up: pre-packaged and labelled (Legal Metrology Act), or any other way."""

_PLAIN = re.compile(r"[+-]?\d+(\.\d+)?")


@dataclass(frozen=True)
class Unit:
    """A unit of stock, its GST unit quantity code (UQC), and whether it is counted whole."""

    name: str
    uqc: str
    whole: bool


UNITS = {
    unit.name: unit
    for unit in (
        Unit("piece", "PCS", whole=True),
        Unit("packet", "PAC", whole=True),
        Unit("box", "BOX", whole=True),
        Unit("carton", "CTN", whole=True),
        Unit("bottle", "BTL", whole=True),
        Unit("bag", "BAG", whole=True),
        Unit("strip", "OTH", whole=True),  # the portal's list has no strips
        Unit("pair", "PRS", whole=True),
        Unit("set", "SET", whole=True),
        Unit("roll", "ROL", whole=True),
        Unit("bundle", "BDL", whole=True),
        Unit("bucket", "OTH", whole=True),
        Unit("canister", "CAN", whole=True),
        Unit("dozen", "DOZ", whole=False),
        Unit("kg", "KGS", whole=False),
        Unit("gram", "GMS", whole=False),
        Unit("quintal", "QTL", whole=False),
        Unit("tonne", "TON", whole=False),
        Unit("litre", "LTR", whole=False),
        Unit("ml", "MLT", whole=False),
        Unit("metre", "MTR", whole=False),
        Unit("yard", "YDS", whole=False),
        Unit("foot", "OTH", whole=False),
        Unit("sqft", "SQF", whole=False),
    )
}

SPELLINGS = {
    "piece": "pc pcs pieces pis pees peece nos nag nug adad unit units पीस नग अदद "
    "page pages panna panne पेज पन्ना पन्ने",
    "packet": "pkt pkts pack packs packets pakit paket pouch पैकेट पैकेटों "
    "pudiya puriya thaili पाउच पुड़िया पुड़िया थैली",
    "box": "boxes crate crates karet dabba dibba dabbe bx peti pati डिब्बा डिब्बे डब्बा डब्बे पेटी पेटियाँ "
    "dibbi डिब्बी क्रेट कैरेट",
    "carton": "cartons ctn karton कार्टन",
    "bottle": "bottles botal btl bottal sheeshi shishi बोतल बोतलें शीशी",
    "bag": "bags bori katta bora बोरी बोरियाँ बोरा बोरे कट्टा कट्टे",
    "strip": "strips patta patte पत्ता पत्ते पत्ती पट्टी स्ट्रिप",
    "pair": "pairs jodi joda जोड़ी",
    "set": "sets सेट",
    "roll": "rolls रोल",
    "bundle": "bundles bandal bundal gaddi gathri बंडल गड्डी गड्डियाँ गड्डियां गठरी गट्ठर",
    "bucket": "buckets balti balty baalti बाल्टी",
    "canister": "canisters kanastar peepa टिन टीन कनस्तर पीपा",
    "dozen": "darjan darzan dozen dozens dz दर्जन",
    "kg": "kgs kilo kilos kilogram kilograms kilogramme kelo किलो केजी किग्रा",
    "gram": "g gm gms grams ग्राम",
    "quintal": "quintals kuntal qtl क्विंटल कुंतल",
    "tonne": "ton tons tonnes tonn टन",
    "litre": "l ltr ltrs liter liters litres litr litar लीटर",
    "ml": "mls millilitre milliliter एमएल मिली",
    "metre": "m mtr meter meters metres mitar मीटर",
    "yard": "yards yd gaj गज",
    "foot": "feet ft fut phut फुट फीट",
    "sqft": "sft वर्गफुट",
}
_BY_SPELLING = {
    spelling: name for name, line in SPELLINGS.items() for spelling in (name, *line.split())
}

DOZEN = Decimal(12)
"""So many of whatever is counted in whole numbers."""

CONVERSIONS = {
    ("dozen", "piece"): DOZEN,
    ("kg", "gram"): Decimal(1000),
    ("quintal", "kg"): Decimal(100),
    ("tonne", "kg"): Decimal(1000),
    ("tonne", "quintal"): Decimal(10),
    ("yard", "foot"): Decimal(3),
    ("litre", "ml"): Decimal(1000),
}


def parse_unit(text: str) -> str | None:
    """The unit that a word names in any usual spelling ("kilo" → "kg"), or None."""
    return _BY_SPELLING.get(text.strip().rstrip(".").lower())


def convert(quantity: Decimal, source: str, target: str) -> Decimal | None:
    """The same amount of goods in another unit, or None where no fixed ratio links the two."""
    if source == target:
        return quantity
    if (source, target) in CONVERSIONS:
        return quantity * CONVERSIONS[source, target]
    if (target, source) in CONVERSIONS:
        return quantity / CONVERSIONS[target, source]
    if source == "dozen" and UNITS[target].whole:
        return quantity * DOZEN
    return None


def parse_quantity(text: str) -> Decimal:
    """Read a plain decimal string. Raises Invalid("bad_quantity")."""
    cleaned = text.strip().replace(",", "")
    if not _PLAIN.fullmatch(cleaned):
        raise Invalid("bad_quantity")
    return checked(Decimal(cleaned))


def checked(quantity: Decimal) -> Decimal:
    """The quantity on three places. More places, or out of range: Invalid("bad_quantity")."""
    try:
        exact = quantity.quantize(PLACES)
    except InvalidOperation:
        raise Invalid("bad_quantity") from None
    if exact != quantity or abs(exact) > LARGEST_QUANTITY:
        raise Invalid("bad_quantity")
    return exact


def positive(quantity: Decimal, unit: str = "kg") -> Decimal:
    """A quantity above zero that its unit allows (pieces are whole), or Invalid("bad_quantity")."""
    exact = checked(quantity)
    if exact <= 0 or (UNITS[unit].whole and exact != exact.to_integral_value()):
        raise Invalid("bad_quantity")
    return exact


def plain(quantity: Decimal) -> str:
    """A quantity without padding: Decimal("8.000") → "8", Decimal("2.500") → "2.5"."""
    text = f"{quantity + 0:f}"  # + 0: there is no minus nothing
    return text.rstrip("0").rstrip(".") if "." in text else text
