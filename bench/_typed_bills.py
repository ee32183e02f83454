"""Bills as words with their places, as an engine reads them: to train on, thousands a minute.

No picture is drawn; slips of an engine are made straight on the words. Layouts and wordings vary
far more than those of the drawn bills, so that what is learnt is not their look.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path
from string import ascii_uppercase
from typing import Any

import yaml

from bench._bills import a_gstin
from erp_core.kernel.money import rupees
from erp_core.receipts.ports import Word

LETTER = 20
DATES = (
    "%d/%m/%Y",
    "%d-%m-%Y",
    "%d/%m/%y",
    "%d-%b-%Y",
    "%d.%m.%Y",
    "%d %b %Y",
    "%Y-%m-%d",
    "%d-%m-%y",
)
CONFUSED = {
    "0": "O8", "1": "lI7", "2": "Z7", "3": "8", "4": "A", "5": "S6", "6": "G8", "7": "1", "8": "B3",
    "9": "g0", "o": "0c", "O": "0Q", "l": "1i", "i": "l1", "e": "c", "c": "e", "t": "f", "a": "e",
    "s": "5", "S": "5", "B": "8", "g": "9", "m": "n", "n": "m", "h": "b", "u": "v", "I": "1l",
    ".": ", ", ",": ".", ":": ";.", "/": "1I", "-": "~ ", "T": "7I", "A": "4", "L": "I", "N": "M",
    "E": "F", "R": "P", "D": "O",
}  # fmt: skip
STARTS = (
    "b",
    "bh",
    "ch",
    "d",
    "g",
    "h",
    "j",
    "k",
    "kh",
    "l",
    "m",
    "n",
    "p",
    "r",
    "s",
    "sh",
    "t",
    "th",
    "v",
    "y",
    "z",
)
VOWELS = ("a", "aa", "e", "i", "o", "u", "ai")
STRAY = ("|", "~", "_", "-", "'", ".", "=", "—", "i", "e", "*")


@dataclass(frozen=True)
class Cell:
    """Words that begin at a share of the width, or with `right` end there."""

    text: str
    at: float
    right: bool = False


@dataclass(frozen=True)
class Printed:
    """A row of the bill: what it is for, and how large it is printed."""

    role: str
    cells: tuple[Cell, ...]
    scale: float = 1.0


@dataclass(frozen=True)
class Written:
    """A bill as it was printed, and its truth: the total in paise."""

    rows: tuple[Printed, ...]
    vendor: str
    on: date
    total: int


@dataclass(frozen=True)
class Typed:
    """A bill as it was read: words, and what the row of each is for, by its (left, top)."""

    words: tuple[Word, ...]
    roles: Mapping[tuple[int, int], str]
    vendor: str
    on: date
    total: int


@lru_cache(maxsize=1)
def wordings() -> dict[str, Any]:
    path = Path(__file__).with_name("typed_bills.yml")
    found: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return found


def typed_bill(seed: int, *, today: date, reading: int = 0) -> Typed:
    """The same seed gives the same bill; another reading of it slips elsewhere."""
    written = written_bill(seed, today=today)
    words, roles = _placed(written.rows, random.Random(f"read {seed} {reading}"))
    return Typed(tuple(words), roles, written.vendor, written.on, written.total)


def written_bill(seed: int, *, today: date) -> Written:
    """The bill before anybody reads it."""
    writer = _Writer(random.Random(f"typed {seed}"), today)
    rows = tuple(writer.rows())
    return Written(rows, writer.vendor, writer.on, writer.total)


class _Writer:
    """Writes one bill from the top."""

    def __init__(self, chance: random.Random, today: date) -> None:
        self.chance = chance
        self.case = chance.choice((str.upper, str.upper, str.title, str.title, str.capitalize))
        self.vendor = self.name()
        self.on = today - timedelta(days=int(chance.random() ** 2 * 2500))
        self.items = [self._item() for _ in range(_few(chance, 14))]
        self.total = 0
        self.sum_at = chance.choice((0.0, 0.0, 0.1, 0.3, 0.45))
        self.currency = chance.choice(("", "", "", "Rs.", "RM", "₹", "Rs ", "RM "))

    def pick(self, key: str) -> Any:
        return self.chance.choice(wordings()[key])

    def maybe(self, share: float) -> bool:
        return self.chance.random() < share

    def name(self) -> str:
        parts = [self.pick("first")] if self.maybe(0.45) else []
        parts.append(self.pick("middle") if self.maybe(0.5) else _coined(self.chance))
        if self.maybe(0.25):
            parts.append(self.pick("middle") if self.maybe(0.5) else _coined(self.chance))
        if self.maybe(0.85) or len(parts) == 1:
            parts.append(self.pick("trade"))
        if self.maybe(0.35):
            parts.append(self.pick("suffix"))
        return str(self.case(" ".join(parts)))

    def person(self) -> str:
        first, last = _coined(self.chance), _coined(self.chance)
        return str(self.pick("person")) if self.maybe(0.3) else f"{first} {last}"

    def filled(self, text: str) -> str:
        chance = self.chance
        how = chance.choice(DATES)
        day = self.on.strftime(how)
        facts = {
            "n": chance.randrange(100, 999_999),
            "c": chance.choice(ascii_uppercase),
            "d": chance.randint(1, 20),
            "p": chance.choice(
                (
                    f"98{chance.randrange(10**8)}",
                    f"0{chance.randrange(10, 99)}-{chance.randrange(10**6, 10**7)}",
                )
            ),
            "g": a_gstin(chance, chance.choice(("27", "07", "29", "24", "09"))),
            "who": self.pick("person"),
            "name": self.pick("middle") + " " + self.pick("trade"),
            "r": chance.choice(("2.5", "6", "9", "14", "5", "18", "12", "6.00")),
            "day": "\0",
            "time": f"{chance.randrange(8, 22):02d}:{chance.randrange(60):02d}"
            + chance.choice(("", ":21", " PM", "")),
        }
        return str(self.case(text.format(**facts))).replace("\0", day)

    def money(self, paise: int) -> str:
        text = rupees(paise)
        whole, _, rest = text.partition(".")
        if len(whole) > 3 and self.maybe(0.5):
            whole = f"{whole[:-3]},{whole[-3:]}"
        return f"{whole}.{rest}"

    def centred(self, role: str, text: str, scale: float = 1.0) -> Printed:
        if self.maybe(0.08):
            return Printed(role, (Cell(text, 0.0),), scale)
        wide = len(text) * scale * 0.02
        return Printed(role, (Cell(text, max(0.0, 0.5 - wide / 2)),), scale)

    def rows(self) -> Iterator[Printed]:
        yield from self.head()
        yield from self.facts()
        yield from self.goods()
        yield from self.sums()
        yield from self.foot()

    def head(self) -> Iterator[Printed]:
        if self.maybe(0.15):
            yield Printed(
                "other",
                (Cell(self.person(), self.chance.random() * 0.5),),
                self.chance.uniform(0.9, 2),
            )
        if self.maybe(0.3):
            yield self.centred("other", self.filled(self.pick("above")))
        titled = self.maybe(0.4)
        if titled:
            yield self.centred(
                "other", self.filled(self.pick("title")), self.chance.choice((1, 1, 1.2))
            )
        scale = self.chance.choice((1.0, 1.0, 1.1, 1.25, 1.4, 1.7))
        words = self.vendor.split()
        if len(words) > 2 and self.maybe(0.2):
            half = self.chance.randint(2, len(words) - 1)
            yield self.centred("vendor", " ".join(words[:half]), scale)
            yield self.centred("vendor_more", " ".join(words[half:]), scale)
        else:
            yield self.centred("vendor", self.vendor, scale)
        if self.maybe(0.35):
            yield self.centred("place", self.filled(self.pick("reg")))
        for line in self.address():
            yield self.centred("place", line)
        for key, share in (("phone", 0.75), ("phone", 0.2), ("gstin", 0.65)):
            if self.maybe(share):
                yield self.centred("place", self.filled(self.pick(key)))
        if not titled and self.maybe(0.5):
            yield self.centred(
                "other", self.filled(self.pick("title")), self.chance.choice((1, 1.2))
            )

    def address(self) -> list[str]:
        chance = self.chance
        house = chance.choice(
            (
                f"{chance.randint(1, 200)}, ",
                f"shop no {chance.randint(1, 40)}, ",
                f"no. {chance.randint(1, 99)}, ",
                f"plot {chance.randint(1, 90)}, ",
                f"lot {chance.randint(100, 999)}, ",
                "",
            )
        )
        parts = [house + self.pick("road")]
        if self.maybe(0.4):
            parts.append(chance.choice(("near ", "opp. ", "")) + self.pick("road"))
        pin = chance.choice((chance.randrange(110001, 799999), chance.randrange(40000, 89999), ""))
        parts.append(f"{self.pick('town')} {pin}")
        if self.maybe(0.4):
            parts.append(self.pick("state"))
        rows: list[str] = []
        for part in parts:
            if rows and self.maybe(0.4):
                rows[-1] += ", " + part
            else:
                rows.append(part)
        return [str(self.case(row)) for row in rows]

    def facts(self) -> Iterator[Printed]:
        rows = [("day", self.filled(self.pick("date")))]
        rows += [("number", self.filled(self.pick("number")))] if self.maybe(0.85) else []
        rows += [("other", self.filled(self.pick("meta"))) for _ in range(self.chance.randrange(4))]
        self.chance.shuffle(rows)
        while rows:
            role, text = rows.pop()
            cells = (Cell(text, 0.0),)
            if rows and self.maybe(0.3):
                other, beside = rows.pop()
                cells += (Cell(beside, self.chance.choice((0.55, 1.0)), self.maybe(0.7)),)
                role = (
                    "day"
                    if "day" in (role, other)
                    else "number"
                    if "number" in (role, other)
                    else role
                )
            yield Printed(role, cells, 0.95)

    def _item(self) -> tuple[str, int, int]:
        price = self.chance.choice(
            (
                self.chance.randrange(100, 5000),
                self.chance.randrange(50, 900) * 100,
                self.chance.randrange(500, 200_000),
            )
        )
        return self.pick("goods"), self.chance.choice((1, 1, 1, 2, 2, 3, 5, 10)), price

    def goods(self) -> Iterator[Printed]:
        chance = self.chance
        if self.maybe(0.75):
            heads = self.pick("heading")
            ends = (0.0, 0.56, 0.77, 1.0)
            yield Printed(
                "heading",
                tuple(
                    Cell(str(self.case(h)), at, at > 0)
                    for h, at in zip(heads, ends, strict=True)
                    if h
                ),
            )
        form = chance.choice(("columns", "columns", "two", "two", "short", "coded"))
        tail = chance.choice(("", "", "", " SR", " T", " Z", "S"))
        for at, (name, quantity, price) in enumerate(self.items, 1):
            name = str(self.case(f"{at} {name}" if self.maybe(0.2) else name))
            amount = Cell(self.money(quantity * price) + tail, 1.0, True)
            if form == "columns":
                yield Printed(
                    "item",
                    (
                        Cell(name, 0),
                        Cell(str(quantity), 0.56, True),
                        Cell(self.money(price), 0.77, True),
                        amount,
                    ),
                    0.95,
                )
            elif form == "short":
                yield Printed(
                    "item", (Cell(f"{quantity} {name}" if self.maybe(0.5) else name, 0), amount)
                )
            else:
                code = f"{chance.randrange(10**12, 10**13)} " if form == "coded" else ""
                yield Printed("item", (Cell(name if form == "two" else code, 0),))
                under = (
                    f"{quantity} x {self.money(price)}"
                    if form == "two"
                    else f"{name} {quantity} * {self.money(price)}"
                )
                yield Printed("item", (Cell(under, chance.choice((0.0, 0.1, 0.3))), amount))

    def sum_row(self, role: str, text: str, figure: str, scale: float = 1.0) -> Printed:
        joined = self.chance.choice(("", "", " :", ":"))
        return Printed(
            role, (Cell(self.filled(text) + joined, self.sum_at), Cell(figure, 1.0, True)), scale
        )

    def sums(self) -> Iterator[Printed]:
        chance = self.chance
        worth = sum(quantity * price for _, quantity, price in self.items)
        rate = chance.choice((0, 0, 5, 6, 12, 18))
        inclusive = bool(rate) and self.maybe(0.35)
        tax = worth * rate // (100 + rate if inclusive else 100)
        before = worth - tax if inclusive else worth
        discount = worth // 20 if self.maybe(0.12) else 0
        exact = before + tax - discount
        self.total = chance.choice((exact, (exact + 50) // 100 * 100, (exact + 2) // 5 * 5))
        if self.maybe(0.3):
            yield self.sum_row(
                "other", self.pick("quantity"), str(sum(q for _, q, _ in self.items))
            )
        if rate or self.maybe(0.4):
            yield self.sum_row("sub_total", self.pick("sub_total"), self.money(before))
        if discount or self.maybe(0.1):
            yield self.sum_row("other", self.pick("discount"), self.money(discount))
        if rate and self.maybe(0.85):
            for part in (2, 2) if self.maybe(0.5) else (1,):
                yield self.sum_row("tax", self.pick("tax"), self.money(tax // part))
        off = self.total - exact
        if (off or self.maybe(0.1)) and self.maybe(0.8):
            if self.maybe(0.4):
                yield self.sum_row("sub_total", self.pick("pre_total"), self.money(exact))
            sign = "-" if off < 0 else ""
            yield self.sum_row("rounding", self.pick("rounding"), sign + self.money(abs(off)))
        yield from self.payable()
        if self.maybe(0.6):
            given = (
                self.total
                if self.maybe(0.4)
                else (self.total // 10_000 + chance.randint(1, 5)) * 10_000
            )
            yield self.sum_row("tender", self.pick("tender"), self.money(given))
            if given > self.total or self.maybe(0.4):
                yield self.sum_row("tender", self.pick("change"), self.money(given - self.total))
        if rate and self.maybe(0.35):
            yield Printed(
                "heading",
                (
                    Cell(self.filled(self.pick("summary")), 0.0),
                    Cell("Amount", 0.7, True),
                    Cell("Tax", 1.0, True),
                ),
            )
            yield Printed(
                "tax",
                (
                    Cell(f"SR @ {rate}%", 0.0),
                    Cell(self.money(before), 0.7, True),
                    Cell(self.money(tax), 1.0, True),
                ),
            )
            if self.maybe(0.4):
                yield Printed(
                    "tax",
                    (
                        Cell("Total", 0.0),
                        Cell(self.money(before), 0.7, True),
                        Cell(self.money(tax), 1.0, True),
                    ),
                )
        if self.maybe(0.2):
            yield self.sum_row("other", self.pick("discount"), self.money(worth // 10))

    def payable(self) -> Iterator[Printed]:
        scale = self.chance.choice((1.0, 1.0, 1.1, 1.3, 1.6))
        figure = self.currency + self.money(self.total)
        if self.maybe(0.06):
            yield Printed("other", (Cell(self.filled(self.pick("total")), self.sum_at),), scale)
            yield Printed("total", (Cell(figure, 1.0, True),), scale)
        else:
            yield self.sum_row("total", self.pick("total"), figure, scale)
        if self.maybe(0.12):
            yield self.sum_row("total", self.pick("total"), figure, scale)

    def foot(self) -> Iterator[Printed]:
        for _ in range(self.chance.randrange(5)):
            yield self.centred("other", self.filled(self.pick("footer")), 0.9)


def _few(chance: random.Random, most: int) -> int:
    return 1 + int(chance.random() ** 2 * most)


def _coined(chance: random.Random) -> str:
    """A name that is no word of any language that we know."""
    parts = [chance.choice(STARTS) + chance.choice(VOWELS) for _ in range(chance.randint(2, 3))]
    return "".join(parts) + chance.choice(("", "n", "r", "l", "m", "sh", "t"))


def _placed(
    rows: Sequence[Printed], chance: random.Random
) -> tuple[list[Word], dict[tuple[int, int], str]]:
    """Words in pixels of a page, read with more or fewer slips."""
    width = chance.choice((700, 900, 1200))
    bad = chance.choice((0.0, 0.004, 0.01, 0.02, 0.04, 0.08))
    words: list[Word] = []
    roles: dict[tuple[int, int], str] = {}
    y = 30.0
    for line, row in enumerate(rows):
        high = LETTER * row.scale
        for cell in row.cells:
            texts = cell.text.split()
            long = sum(len(text) + 1 for text in texts) * high * 0.6
            x = 20 + cell.at * width - (long if cell.right else 0)
            for text in texts:
                wide = len(text) * high * 0.6
                read = _misread(text, bad, chance)
                if read:
                    left, top = int(max(0, x)), int(y + chance.uniform(-2, 2))
                    sure = min(0.97, max(0.1, chance.gauss(0.93 - 4 * bad, 0.05 + 2 * bad)))
                    box = Word(read, left, top, max(4, int(wide)), int(high), sure, line, 1)
                    words.append(box)
                    roles[(left, top)] = row.role
                x += wide + high * 0.6
        if chance.random() < bad * 2:
            stray = Word(
                chance.choice(STRAY), int(width * 1.02) + 60, int(y), 8, int(high), 0.3, line, 1
            )
            words.append(stray)
        y += high * chance.uniform(1.3, 1.6) + (high if chance.random() < 0.08 else 0)
    return words, roles


def _misread(text: str, bad: float, chance: random.Random) -> str:
    if chance.random() < bad / 2:
        return ""
    read = []
    for letter in text:
        if chance.random() >= bad:
            read.append(letter)
        elif chance.random() < 0.75:
            read.append(chance.choice(CONFUSED.get(letter, letter)))
        elif chance.random() < 0.3:
            read.append(letter + chance.choice("1li.'"))
    return "".join(read).replace(" ", "")
