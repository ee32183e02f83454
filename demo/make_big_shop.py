"""Writes big_shop.yml: a wholesale shop of 2,000 products, the same at every run.

    python demo/make_big_shop.py

A product is a brand's thing in a size; prices, stocks and reorder levels follow from its place in
the list by a small linear congruence, so that no random generator decides what a test sees.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

TARGET = 2_000
OUTPUT = Path(__file__).with_name("big_shop.yml")

# thing: (hsn, GST rate, unit, base price in rupees, brands, sizes)
AISLES: dict[str, tuple[str, str, str, int, str, str]] = {
    "biscuit": (
        "1905",
        "5",
        "packet",
        10,
        "Parle Britannia Sunfeast Priya Anmol Unibic",
        "50g 100g 200g 400g 800g",
    ),
    "namkeen": (
        "2106",
        "5",
        "packet",
        20,
        "Haldiram Bikaji Balaji Bikanervala Chheda",
        "40g 150g 200g 400g 1kg",
    ),
    "noodles": (
        "1902",
        "5",
        "packet",
        14,
        "Maggi Yippee Knorr Wai-Wai Chings",
        "70g 140g 280g 420g",
    ),
    "atta": (
        "1101",
        "5",
        "bag",
        60,
        "Aashirvaad Pillsbury Fortune Annapurna Shaktibhog",
        "1kg 2kg 5kg 10kg",
    ),
    "rice": (
        "1006",
        "5",
        "bag",
        90,
        "Daawat Kohinoor India-Gate Fortune Lal-Qilla",
        "1kg 5kg 10kg 25kg",
    ),
    "dal": (
        "0713",
        "5",
        "packet",
        120,
        "Tata-Sampann Fortune 24-Mantra Rajdhani",
        "500g 1kg 2kg 5kg",
    ),
    "masala": ("0910", "5", "packet", 45, "MDH Everest Catch Badshah Suhana", "50g 100g 200g 500g"),
    "oil": ("1508", "5", "bottle", 150, "Fortune Saffola Dhara Gemini Sundrop", "500ml 1L 2L 5L"),
    "ghee": ("0405", "5", "bottle", 300, "Amul Patanjali Gowardhan Nandini", "200ml 500ml 1L 2L"),
    "tea": (
        "0902",
        "5",
        "packet",
        70,
        "Tata Red-Label Wagh-Bakri Society Taj-Mahal",
        "100g 250g 500g 1kg",
    ),
    "coffee": ("2101", "5", "bottle", 110, "Nescafe Bru Tata Continental", "25g 50g 100g 200g"),
    "soap": (
        "3401",
        "5",
        "piece",
        35,
        "Lux Dove Lifebuoy Cinthol Santoor Medimix Pears",
        "75g 100g 125g 150g",
    ),
    "shampoo": (
        "3305",
        "5",
        "bottle",
        95,
        "Clinic-Plus Dove Pantene Sunsilk Head-Shoulders",
        "80ml 180ml 340ml 650ml",
    ),
    "toothpaste": (
        "3306",
        "5",
        "piece",
        50,
        "Colgate Pepsodent Dabur Patanjali Close-Up",
        "50g 100g 150g 200g",
    ),
    "hair oil": (
        "3305",
        "5",
        "bottle",
        60,
        "Parachute Dabur Bajaj Navratna",
        "50ml 100ml 200ml 500ml",
    ),
    "detergent": (
        "3402",
        "18",
        "packet",
        70,
        "Surf-Excel Ariel Tide Rin Ghadi Nirma",
        "500g 1kg 2kg 4kg",
    ),
    "dishwash": ("3402", "18", "bottle", 55, "Vim Pril Exo Patanjali", "250ml 500ml 750ml 2L"),
    "phenyl": ("3808", "18", "bottle", 80, "Lizol Domex Harpic Nimyle", "200ml 500ml 1L 2L"),
    "cold drink": (
        "2202",
        "40",
        "bottle",
        40,
        "Thums-Up Sprite Pepsi Limca Mirinda",
        "250ml 600ml 1L 2L",
    ),
    "juice": (
        "2009",
        "5",
        "bottle",
        30,
        "Real Tropicana Paper-Boat B-Natural",
        "180ml 600ml 1L 2L",
    ),
    "chocolate": (
        "1806",
        "5",
        "piece",
        40,
        "Dairy-Milk Nestle Amul KitKat Milkybar",
        "13g 25g 50g 110g",
    ),
    "notebook": (
        "4820",
        "0",
        "piece",
        35,
        "Classmate Navneet Camlin Sundaram",
        "80-page 120-page 180-page 240-page",
    ),
    "pen": ("9608", "18", "piece", 10, "Cello Reynolds Parker Linc Luxor", "blue black red green"),
    "battery": ("8506", "18", "piece", 20, "Eveready Duracell Panasonic Nippo", "AA AAA C D 9V"),
    "LED bulb": (
        "8539",
        "18",
        "piece",
        90,
        "Philips Syska Wipro Havells Crompton Bajaj",
        "5W 7W 9W 12W 15W 20W",
    ),
    "wire": ("8544", "18", "bag", 900, "Havells Polycab Finolex KEI", "1mm 1.5mm 2.5mm 4mm"),
    "switch": ("8536", "18", "piece", 45, "Anchor Havells Legrand GM", "6A 10A 16A 20A"),
    "fan": (
        "8414",
        "18",
        "piece",
        1600,
        "Crompton Usha Orient Havells Bajaj",
        "600mm 900mm 1200mm 1400mm",
    ),
    "charger": (
        "8504",
        "18",
        "piece",
        450,
        "Mi Samsung boAt Portronics Ambrane",
        "10W 18W 20W 33W 65W",
    ),
    "earphones": (
        "8518",
        "18",
        "piece",
        600,
        "boAt JBL Sony Realme Noise",
        "wired neckband buds headset",
    ),
    "power bank": (
        "8507",
        "18",
        "piece",
        1100,
        "Mi Ambrane Syska Portronics",
        "5000mAh 10000mAh 20000mAh 27000mAh",
    ),
    "data cable": ("8544", "18", "piece", 150, "Mi boAt Portronics Ambrane", "0.5m 1m 1.5m 2m"),
}
PACKS = ("", "combo", "value pack", "new pack", "festive pack")
COMBO_PRICE = (Decimal(1), Decimal("1.9"), Decimal("2.7"), Decimal("1.05"), Decimal("3.4"))

HEADER = """\
# 2,000 products, for trying Bahi at the size of a wholesale shop. Written by demo/make_big_shop.py.
business:
  name: Mahalaxmi Wholesale
  phone_number_id: "1066"
  state: "27"
  gstin: 27AAACG1234F1Z4
  upi_vpa: mahalaxmi@okhdfcbank
  language: hinglish
users:
  - {name: Kamala Seth, phone: "919876600001", role: owner}
  - {name: Dinesh, phone: "919876600002", role: manager}
  - {name: Raju, phone: "919876600003", role: staff}
products:
"""
FIRST_NAMES = [
    "Amit",
    "Bharat",
    "Chetan",
    "Deepak",
    "Farhan",
    "Ganesh",
    "Harish",
    "Irfan",
    "Jyoti",
    "Kavita",
    "Lata",
    "Manoj",
    "Neha",
    "Omkar",
    "Pooja",
    "Rakesh",
    "Sanjay",
    "Tara",
    "Usha",
    "Vinod",
]
SHOP_NAMES = ("Kirana", "Stores")
STATES = ("27", "27", "27", "24", "27", "29", "27", "27")


def products() -> Iterator[str]:
    """YAML lines of the products, aisle by aisle, pack by pack, until there are enough."""
    made = 0
    for pack, factor in zip(PACKS, COMBO_PRICE, strict=True):
        for thing, (hsn, rate, unit, base, brands, sizes) in AISLES.items():
            for brand in brands.split():
                for step, size in enumerate(sizes.split()):
                    if made == TARGET:
                        return
                    made += 1
                    yield _product(
                        made,
                        " ".join(filter(None, (brand.replace("-", " "), thing, size, pack))),
                        price=_price(base * (step + 1) * factor, made),
                        hsn=hsn,
                        rate=rate,
                        unit=unit,
                    )


def _price(base: Decimal, place: int) -> Decimal:
    """Within ten per cent of the base, in whole rupees, so that brands differ."""
    return (base * (90 + place * 7 % 21) / 100).quantize(Decimal(1)).max(Decimal(2))


def _product(place: int, name: str, *, price: Decimal, hsn: str, rate: str, unit: str) -> str:
    cost = (price * (78 + place * 11 % 12) / 100).quantize(Decimal("0.01"))
    reorder = 5 + place * 13 % 40
    stock = place * 37 % 160
    return (
        f'  - {{name: "{name}", sku: B{place:04d}, price: "{price}.00", cost: "{cost}", '
        f'stock: "{stock}", unit: {unit}, hsn: "{hsn}", gst_rate: "{rate}", '
        f'reorder_level: "{reorder}"}}\n'
    )


def customers() -> Iterator[str]:
    """Forty customers; the first ten come with an old balance."""
    for place in range(40):
        name = f"{FIRST_NAMES[place % 20]} {SHOP_NAMES[place // 20]}"
        balance = (place + 1) * 1_250 if place < 10 else 0
        yield (
            f'  - {{name: {name}, phone: "9198222{place:05d}", state: "{STATES[place % 8]}", '
            f'gstin: null, balance: "{balance}.00"}}\n'
        )


def main() -> None:
    OUTPUT.write_text(
        "".join((HEADER, *products(), "customers:\n", *customers())), encoding="utf-8"
    )


if __name__ == "__main__":
    main()
