"""Made-up bills of Indian shops, drawn with what they say in truth beside them.

The same seed gives the same bills. Names and numbers are nobody's; GSTINs have a right check
character. Damage is done to the drawn picture by bench/_damage.py.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from string import ascii_uppercase

import cv2
import matplotlib
import numpy as np
from PIL import Image, ImageDraw, ImageFont, features

import erp_core.invoicing
from bench._damage import damaged
from erp_core.kernel.money import half_up, rupees
from erp_core.tax import gstin

OWN = Path(erp_core.invoicing.__file__).parent / "fonts"
OTHERS = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
FONTS = {
    "sans": (OWN / "BahiSans-Regular.ttf", OWN / "BahiSans-Bold.ttf"),
    "mono": (OTHERS / "DejaVuSansMono.ttf", OTHERS / "DejaVuSansMono-Bold.ttf"),
    "serif": (OTHERS / "DejaVuSerif.ttf", OTHERS / "DejaVuSerif-Bold.ttf"),
}
PAPER, INK = 252, 25
STATES = {"27": "Maharashtra", "07": "Delhi", "29": "Karnataka", "24": "Gujarat", "09": "UP"}


@dataclass(frozen=True)
class Item:
    """A line of a bill; `rate` is GST in percent."""

    name: str
    quantity: Decimal
    price: int
    rate: int = 0

    @property
    def amount(self) -> int:
        return half_up(self.quantity * Decimal(self.price))


@dataclass(frozen=True)
class Bill:
    """What a bill says; amounts are paise."""

    kind: str
    language: str
    vendor: str
    place: str
    gstin: str
    number: str
    on: date
    items: tuple[Item, ...]
    taxable: int
    cgst: int
    sgst: int
    igst: int
    total: int

    def label(self, damage: str = "none") -> dict[str, object]:
        """The label file of its picture."""
        return {
            "kind": self.kind,
            "language": self.language,
            "damage": damage,
            "vendor": self.vendor,
            "vendor_gstin": self.gstin,
            "number": self.number,
            "on": self.on.isoformat(),
            "total_paise": self.total,
            "taxable_paise": self.taxable,
            "cgst_paise": self.cgst,
            "sgst_paise": self.sgst,
            "igst_paise": self.igst,
        }


GOODS = {
    "retail": (
        "Havells LED Bulb 9W/5500/18 Anchor Switch 6A/3500/18 Finolex Wire 90m/145000/18 "
        "Philips Iron Dry/89900/18 Pigeon Kettle 1.5L/74900/18 Cello Bottle 1L/24900/18 "
        "Syska Charger 20W/59900/18 Ceiling Fan 1200/189900/18 Extension Board/34900/18"
    ),
    "kirana": (
        "Tata Salt 1kg/2800/0 Aashirvaad Atta 5kg/28500/0 Fortune Oil 1L/15400/0 Toor Dal/16000/0 "
        "Basmati Rice/12000/0 Sugar/4600/0 Parle-G 100g/1000/0 Amul Butter/6200/0 "
        "Surf Excel/14500/0"
    ),
    "hindi": "चावल/6200/0 आटा 5 किलो/24500/0 तुअर दाल/15800/0 चीनी/4600/0 नमक/2800/0 साबुन/3500/0 "
    "चाय पत्ती/14000/0 सरसों तेल/16500/0 गुड़/7000/0",
    "restaurant": (
        "Paneer Butter Masala/26000/5 Butter Naan/4500/5 Dal Makhani/22000/5 Jeera Rice/16000/5 "
        "Masala Dosa/11000/5 Veg Biryani/21000/5 Sweet Lassi/7000/5 Gulab Jamun/6000/5"
    ),
    "pharmacy": (
        "Dolo 650 Tab/3400/12 Azithral 500/11950/12 Pan 40 Tab/15500/12 Crocin Syrup/8700/12 "
        "Shelcal 500/13100/12 Volini Gel 30g/12800/12 ORS Sachet/2200/5 Cetzine Tab/1900/12"
    ),
    "e_commerce": (
        "Boat Earphones BassHeads/39900/18 USB C Cable 1m/19900/18 Notebook A4 Pack/32500/12 "
        "Steel Water Bottle/44900/18 Desk Lamp LED/79900/18 Laptop Sleeve 15/54900/18"
    ),
}
NAMES = {
    "retail": "Sharma Electricals|Gupta Electronics|Shree Ganesh Traders|Patel Hardware Stores|"
    "Krishna Enterprises|New Bharat Stores|Mehta & Sons",
    "kirana": "Balaji Kirana Store|Om Sai General Store|Jai Mata Provision Store|Laxmi Super Mart|"
    "Maa Durga Kirana|Ambika Trading Co",
    "hindi": "श्री गणेश किराना स्टोर|बालाजी किराना भंडार|लक्ष्मी जनरल स्टोर|माँ अम्बे ट्रेडर्स",
    "petrol": "Shiv Shakti Petroleum|Jai Bajrang Filling Station|Highway Service Station|Sai Fuels",
    "restaurant": "Hotel Annapurna|Punjabi Dhaba|Udupi Sagar Restaurant|"
    "Shree Bhavan Sweets|Cafe Madras",
    "pharmacy": "Apollo Medical Stores|Sanjivani Medicals|Wellness Pharmacy|Jain Medical Hall",
    "e_commerce": "Omnitech Retail Pvt Ltd|Bluecart Sellers LLP|Rocket Online Services Pvt Ltd",
}
PLACES = (
    "12 MG Road, Pune 411001|Shop 4, Main Bazaar, Nagpur 440002|Plot 7, Sector 18, Noida 201301|"
    "23 Station Road, Surat 395003|5 Gandhi Chowk, Hubli 580020"
)
KINDS = ("retail", "kirana", "hindi", "petrol", "restaurant", "pharmacy", "e_commerce")


def bill(seed: int, *, kind: str, today: date) -> Bill:
    """A bill of a kind, of one of the last 300 days."""
    chance = random.Random(f"{kind} {seed}")
    state = chance.choice(sorted(STATES))
    items = _items(chance, kind)
    taxed = kind in ("retail", "restaurant", "pharmacy", "e_commerce")
    worth = sum(item.amount for item in items)
    taxable = tax = 0
    if taxed:
        taxable = worth
        tax = sum(half_up(Decimal(item.amount * item.rate) / 100) for item in items)
    across = kind == "e_commerce" and chance.random() < 0.6
    half = half_up(Decimal(tax) / 2)
    exact = worth + (tax if across else 2 * half)
    rounded = exact if kind in ("petrol", "e_commerce") else (exact + 50) // 100 * 100
    return Bill(
        kind=kind,
        language="hindi" if kind == "hindi" else "english",
        vendor=chance.choice(NAMES[kind].split("|")),
        place=chance.choice(PLACES.split("|")),
        gstin=a_gstin(chance, state) if kind not in ("kirana", "hindi") else "",
        number=_number(chance, kind),
        on=today - timedelta(days=chance.randrange(300)),
        items=items,
        taxable=taxable,
        cgst=half if taxed and not across else 0,
        sgst=half if taxed and not across else 0,
        igst=tax if across else 0,
        total=rounded,
    )


def _items(chance: random.Random, kind: str) -> tuple[Item, ...]:
    if kind == "petrol":
        price = chance.choice((10449, 9272, 10621))
        name = "Diesel" if price < 10000 else "Petrol"
        return (Item(name, Decimal(chance.randrange(100, 4500)) / 100, price),)
    goods = [part.rsplit("/", 2) for part in _split(GOODS[kind])]
    chosen = chance.sample(goods, chance.randint(1, min(6, len(goods))))
    loose = ("Toor Dal", "Basmati Rice", "Sugar", "चावल", "चीनी", "तुअर दाल", "गुड़")
    return tuple(
        Item(
            name,
            Decimal(chance.randrange(2, 12)) / 2
            if name in loose
            else Decimal(chance.randint(1, 4)),
            int(price),
            int(rate),
        )
        for name, price, rate in goods_sorted(chosen)
    )


def goods_sorted(goods: Sequence[Sequence[str]]) -> list[Sequence[str]]:
    return sorted(goods, key=lambda one: one[0])


def _split(text: str) -> Iterator[str]:
    """ "A b/1/2 C d/3/4" in its goods."""
    name: list[str] = []
    for word in text.split():
        name.append(word)
        if word.count("/") == 2:
            yield " ".join(name)
            name = []


def _number(chance: random.Random, kind: str) -> str:
    serial = chance.randrange(100, 99999)
    forms = {
        "retail": f"GST/{serial}",
        "e_commerce": f"IN-{serial:06d}",
        "pharmacy": f"A{serial:05d}",
        "restaurant": f"R-{serial}",
    }
    return forms.get(kind, str(serial))


def a_gstin(chance: random.Random, state: str) -> str:
    """A GSTIN of the right form, of nobody."""
    letters = "".join(chance.choice(ascii_uppercase) for _ in range(3))
    pan = f"{letters}{chance.choice('PFC')}{chance.choice(ascii_uppercase)}"
    first = f"{state}{pan}{chance.randrange(1000, 9999)}{chance.choice(ascii_uppercase)}1Z"
    return first + gstin.check_character(first)


# Drawing


class Paper:
    """A roll of paper that is written on from the top."""

    def __init__(self, width: int, font: str, size: int, chance: random.Random) -> None:
        self.width = width
        self.margin = width // 18
        self.size = size
        self.font = font
        self.image = Image.new("L", (width, 4200), PAPER)
        self._draw = ImageDraw.Draw(self.image)
        self._chance = chance
        self.y = self.margin + chance.randrange(20)

    def _face(self, scale: float, bold: bool) -> ImageFont.FreeTypeFont:
        return face(self.font, int(self.size * scale), bold)

    def centre(self, text: str, scale: float = 1.0, *, bold: bool = False) -> None:
        used = self._face(scale, bold)
        while used.getlength(text) > self.width - self.margin and scale > 0.5:
            scale *= 0.9
            used = self._face(scale, bold)
        self._draw.text(((self.width - used.getlength(text)) / 2, self.y), text, INK, used)
        self.y += int(self.size * scale * 1.4)

    def row(
        self, cells: Sequence[tuple[str, float]], scale: float = 1.0, *, bold: bool = False
    ) -> None:
        """Cells with where they end (above 0) or begin (0 or below, as a share of the width)."""
        used = self._face(scale, bold)
        inner = self.width - 2 * self.margin
        for text, place in cells:
            x = self.margin + abs(place) * inner
            x -= used.getlength(text) if place > 0 else 0
            self._draw.text((x, self.y), text, INK, used)
        self.y += int(self.size * scale * 1.45)

    def rule(self) -> None:
        y = self.y + self.size // 4
        for x in range(self.margin, self.width - self.margin, 9):
            self._draw.line((x, y, x + 5, y), INK, 2)
        self.y += int(self.size * 0.8)

    def scribble(self, text: str) -> None:
        """A figure as if written by hand beside the sums."""
        pixels = np.array(self.image)
        at = (self.width // 2, self.y + self.size * 2)
        cv2.putText(pixels, text, at, cv2.FONT_HERSHEY_SCRIPT_SIMPLEX, self.size / 18, 60, 3, 16)
        self.image = Image.fromarray(pixels)
        self._draw = ImageDraw.Draw(self.image)
        self.y += self.size * 3

    def torn(self) -> Image.Image:
        return self.image.crop((0, 0, self.width, min(4200, self.y + self.margin * 2)))


@lru_cache(maxsize=64)
def face(name: str, size: int, bold: bool) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(FONTS[name][bold]), size)


def can_shape_hindi() -> bool:
    """Whether Pillow can set Devanagari here; without it vowels would stand in the wrong place."""
    return bool(features.check("raqm"))


def draw(bill: Bill, seed: int) -> Image.Image:
    """The bill as a clean grey picture."""
    chance = random.Random(f"draw {bill.kind} {seed}")
    drawings: dict[str, Callable[[Bill, random.Random], Image.Image]] = {
        "petrol": _petrol,
        "pharmacy": _pharmacy,
        "e_commerce": _sheet,
        "retail": _retail,
    }
    return drawings.get(bill.kind, _slip)(bill, chance)


def _said_date(on: date, chance: random.Random) -> str:
    return on.strftime(chance.choice(("%d/%m/%Y", "%d-%m-%Y", "%d/%m/%y", "%d-%b-%Y", "%d.%m.%Y")))


def _money(paise: int) -> str:
    return rupees(paise)


def _head(paper: Paper, bill: Bill, chance: random.Random) -> None:
    paper.centre(bill.vendor, chance.choice((1.2, 1.5)), bold=True)
    paper.centre(bill.place, 0.8)
    paper.centre(f"Ph: 98{chance.randrange(10**7, 10**8)}", 0.8)
    if bill.gstin:
        paper.centre(f"GSTIN: {bill.gstin}", 0.9)


def _sums(paper: Paper, bill: Bill, chance: random.Random, *, end: float = 1.0) -> None:
    if bill.taxable:
        paper.row(
            [(chance.choice(("Sub Total", "Taxable Amt")), -0.3), (_money(bill.taxable), end)]
        )
        rate = bill.items[0].rate
        one_rate = len({item.rate for item in bill.items}) == 1
        for name, paise, part in (
            ("CGST", bill.cgst, 2),
            ("SGST", bill.sgst, 2),
            ("IGST", bill.igst, 1),
        ):
            if paise:
                percent = f" @ {Decimal(rate) / part:g}%" if one_rate else ""
                paper.row([(f"{name}{percent}", -0.3), (_money(paise), end)])
        off = bill.total - bill.taxable - bill.cgst - bill.sgst - bill.igst
        if off:
            paper.row([("Round Off", -0.3), (_money(off), end)])
    paper.rule()
    words = ("GRAND TOTAL", "Net Amount", "TOTAL", "Bill Amount", "Net Payable", "Total Rs.")
    paper.row([(chance.choice(words), -0.05), (_money(bill.total), end)], 1.25, bold=True)


def _slip(bill: Bill, chance: random.Random) -> Image.Image:
    """A roll of 58 or 80 mm: kirana and restaurants."""
    hindi = bill.language == "hindi"
    paper = Paper(chance.choice((560, 640)), "sans" if hindi else "mono", 22, chance)
    if hindi:
        paper = Paper(640, "sans", 26, chance)
    _head(paper, bill, chance)
    paper.rule()
    word = "बिल नं" if hindi else "Bill No"
    day = "दिनांक" if hindi else "Date"
    paper.row(
        [(f"{word}: {bill.number}", -0.0), (f"{day}: {_said_date(bill.on, chance)}", 1.0)], 0.9
    )
    if bill.kind == "restaurant":
        paper.row([(f"Table: {chance.randint(1, 20)}", -0.0), ("12:45 PM", 1.0)], 0.9)
    paper.rule()
    heads = ("विवरण", "मात्रा", "दर", "राशि") if hindi else ("Item", "Qty", "Rate", "Amount")
    _columns(paper, heads, bill.items)
    paper.rule()
    if hindi:
        total = chance.choice(("कुल राशि", "कुल"))
        paper.row([(total, -0.1), (_money(bill.total), 1.0)], 1.3, bold=True)
    elif bill.kind == "kirana" and chance.random() < 0.25:
        paper.row([("Total", -0.1)], 1.2, bold=True)
        paper.y -= paper.size * 2
        paper.scribble(_money(bill.total))
    else:
        _sums(paper, bill, chance)
    if bill.kind == "kirana" and chance.random() < 0.4:
        given = (bill.total // 50000 + 1) * 50000
        paper.row([("Cash", -0.05), (_money(given), 1.0)])
        paper.row([("Change", -0.05), (_money(given - bill.total), 1.0)])
    paper.centre("धन्यवाद" if hindi else "Thank you, visit again", 0.9)
    return paper.torn()


def _columns(paper: Paper, heads: Sequence[str], items: Sequence[Item]) -> None:
    places = (-0.0, 0.56, 0.77, 1.0)
    paper.row(list(zip(heads, places, strict=True)), 0.9, bold=True)
    for item in items:
        size = 0.9
        name = item.name
        while paper._face(size, False).getlength(name) > 0.44 * paper.width:
            name = name[:-1]
        cells = (name, f"{item.quantity:g}", _money(item.price), _money(item.amount))
        paper.row(list(zip(cells, places, strict=True)), size)


def _retail(bill: Bill, chance: random.Random) -> Image.Image:
    """A GST bill with HSN codes on half a sheet."""
    paper = Paper(900, chance.choice(("sans", "serif")), 24, chance)
    paper.centre("TAX INVOICE", 0.9, bold=True)
    _head(paper, bill, chance)
    paper.rule()
    paper.row([(f"Invoice No: {bill.number}", -0.0), (f"Date: {_said_date(bill.on, chance)}", 1.0)])
    paper.row([("Customer: Cash", -0.0)])
    paper.rule()
    places = (-0.0, -0.07, 0.56, 0.68, 0.83, 1.0)
    heads = ("Sr", "Description", "HSN", "Qty", "Rate", "Amount")
    paper.row(list(zip(heads, places, strict=True)), 0.9, bold=True)
    for at, item in enumerate(bill.items, start=1):
        cells = (
            str(at),
            item.name[:22],
            str(chance.choice((8539, 8536, 8516, 9405))),
            f"{item.quantity:g}",
            _money(item.price),
            _money(item.amount),
        )
        paper.row(list(zip(cells, places, strict=True)), 0.9)
    paper.rule()
    _sums(paper, bill, chance)
    paper.row([("Goods once sold will not be taken back. E&OE", -0.0)], 0.7)
    return paper.torn()


def _pharmacy(bill: Bill, chance: random.Random) -> Image.Image:
    """Batch and expiry beside each medicine: dates that are not the bill's."""
    paper = Paper(980, "sans", 23, chance)
    _head(paper, bill, chance)
    paper.row([(f"DL No: MH-{chance.randrange(10000, 99999)}", -0.0)], 0.8)
    paper.rule()
    paper.row([(f"Bill No: {bill.number}", -0.0), (f"Date: {_said_date(bill.on, chance)}", 1.0)])
    paper.row([("Patient: Self", -0.0), ("Dr: Self", 1.0)], 0.9)
    paper.rule()
    places = (-0.0, -0.36, -0.52, 0.74, 0.87, 1.0)
    heads = ("Medicine", "Batch", "Exp", "Qty", "MRP", "Amount")
    paper.row(list(zip(heads, places, strict=True)), 0.9, bold=True)
    for item in bill.items:
        cells = (
            item.name,
            f"{chance.choice(ascii_uppercase)}{chance.randrange(1000, 9999)}",
            f"{chance.randint(1, 12):02d}/{chance.randint(27, 29)}",
            f"{item.quantity:g}",
            _money(item.price),
            _money(item.amount),
        )
        paper.row(list(zip(cells, places, strict=True)), 0.9)
    paper.rule()
    _sums(paper, bill, chance)
    return paper.torn()


def _petrol(bill: Bill, chance: random.Random) -> Image.Image:
    paper = Paper(520, "mono", 24, chance)
    item = bill.items[0]
    paper.centre(chance.choice(("INDIAN OIL", "BHARAT PETROLEUM", "HP")), 1.0)
    _head(paper, bill, chance)
    paper.rule()
    for name, value in (
        ("Bill No", bill.number),
        ("Date", _said_date(bill.on, chance)),
        ("Time", "10:25"),
        ("Nozzle No", str(chance.randint(1, 8))),
        ("Product", item.name),
        ("Rate/Ltr", _money(item.price)),
        ("Volume(L)", f"{item.quantity:.2f}"),
        (chance.choice(("Amount(Rs)", "Total Amount", "Sale Rs")), _money(bill.total)),
    ):
        paper.row([(f"{name} : {value}", -0.0)])
    paper.rule()
    paper.centre("Thank You! Visit Again", 0.9)
    return paper.torn()


def _sheet(bill: Bill, chance: random.Random) -> Image.Image:
    """An A4 invoice of an online seller, with a buyer's address."""
    paper = Paper(1240, "sans", 24, chance)
    paper.row([("Tax Invoice/Bill of Supply", 1.0)], 1.1, bold=True)
    paper.row([(f"Sold By: {bill.vendor}", -0.0)], bold=True)
    paper.row([(bill.place, -0.0)], 0.9)
    paper.row([(f"GSTIN: {bill.gstin}", -0.0)])
    paper.rule()
    paper.row([("Billing Address: Ravi Kumar, 14 Lake View, Pune 411004", -0.0)], 0.9)
    order = f"{chance.randrange(100, 999)}-{chance.randrange(10**6, 10**7)}"
    paper.row([(f"Order Number: {order}", -0.0), (f"Invoice Number: {bill.number}", 1.0)])
    paper.row([(f"Invoice Date: {_said_date(bill.on, chance)}", 1.0)])
    paper.rule()
    places = (-0.0, 0.55, 0.63, 0.78, 1.0)
    heads = ("Description", "Unit Price", "Qty", "Tax", "Net Amount")
    paper.row(list(zip(heads, places, strict=True)), 0.9, bold=True)
    for item in bill.items:
        cells = (
            item.name,
            _money(item.price),
            f"{item.quantity:g}",
            f"{item.rate}%",
            _money(item.amount),
        )
        paper.row(list(zip(cells, places, strict=True)), 0.95)
    paper.rule()
    _sums(paper, bill, chance)
    return paper.torn()


def as_jpeg(image: Image.Image, quality: int = 88) -> bytes:
    buffer = BytesIO()
    image.convert("RGB").save(buffer, "JPEG", quality=quality)
    return buffer.getvalue()


def make(
    folder: Path,
    *,
    each: int,
    seed: int,
    kinds: Sequence[str],
    damages: Sequence[str],
    today: date,
) -> int:
    """Write NAME.jpg and NAME.json for each; how many were made."""
    folder.mkdir(parents=True, exist_ok=True)
    made = 0
    for kind in kinds:
        if kind == "hindi" and not can_shape_hindi():
            print("Pillow cannot set Devanagari here, so there are no Hindi bills.")
            continue
        for damage in damages:
            for number in range(each):
                at = seed * 1000 + number
                one = bill(at, kind=kind, today=today)
                picture = damaged(np.array(draw(one, at)), damage, at)
                stem = folder / f"{kind}-{damage}-{number:03d}"
                stem.with_suffix(".jpg").write_bytes(as_jpeg(Image.fromarray(picture)))
                label = json.dumps(one.label(damage), ensure_ascii=False, indent=1)
                stem.with_suffix(".json").write_text(label, encoding="utf-8")
                made += 1
    return made
