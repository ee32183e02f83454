"""A summary as a picture for a phone: one figure large, and what it is made of below."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import Any, Literal, get_args

import yaml
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch, PathPatch, Rectangle
from matplotlib.transforms import Affine2D

from erp_core.kernel.errors import Invalid
from erp_core.kernel.money import PAISE_PER_RUPEE, inr
from erp_core.kernel.quantity import plain
from erp_core.reports.lettering import fit, lettering
from erp_core.reports.queries import Day, Summary, Total

Kind = Literal["sales", "payments", "expenses", "receivables", "best_sellers"]
KINDS: tuple[Kind, ...] = get_args(Kind)

SIDE = 1080
MARGIN = 72
INK, FAINT, LINE = "#1b1f23", "#6a737d", "#e4e7eb"
GREEN, RED = "#128c5e", "#c0392b"
SCALE = 90
MOST_BARS = 31


@dataclass(frozen=True)
class Bar:
    """An amount with its label; `note` stands beside the amount."""

    label: str
    paise: int
    note: str = ""


def render(summary: Summary, kind: Kind, language: str) -> bytes:
    """A PNG of 1080 × 1080 pixels. Raises Invalid("unknown_chart")."""
    if kind not in KINDS:
        raise Invalid("unknown_chart")
    sheet = _Sheet(language)
    sheet.head(kind, summary)
    if kind == "sales" and len(summary.daily) > 1:
        sheet.columns(_by_time(summary.daily, sheet))
    else:
        sheet.rows(_bars(summary, kind, sheet))
    return sheet.png()


class _Sheet:
    """The canvas, in pixels from the top left, and the words of one language."""

    def __init__(self, language: str) -> None:
        self._language = language
        self._figure = Figure(figsize=(SIDE / 100, SIDE / 100), dpi=100, facecolor="white")
        self._axes = self._figure.add_axes((0, 0, 1, 1))
        self._axes.set_xlim(0, SIDE)
        self._axes.set_ylim(SIDE, 0)
        self._axes.axis("off")

    def word(self, *path: str, **figures: Any) -> str:
        found: Any = _words()
        for key in path:
            found = found.get(key, {})
        return str(found.get(self._language, path[-1])).format(**figures)

    def day(self, on: date) -> str:
        return f"{on.day} {self.month(on)}"

    def month(self, on: date) -> str:
        return str(_words()["months"][self._language][on.month - 1])

    def head(self, kind: Kind, summary: Summary) -> None:
        """Title, period, the figure itself, what it is made of and how it changed."""
        self._text(self.word("title", kind), MARGIN, 118, size=52, bold=True)
        self._text(self._period(summary, kind), MARGIN, 176, size=34, colour=FAINT)
        paise, count, total = _headline(summary, kind)
        amount = inr(paise)
        size = min(104, (SIDE - 2 * MARGIN) / lettering(amount, bold=True).width)
        self._text(amount, MARGIN, 310, size=size, bold=True)
        under = self.word("unit", kind, count=count)
        self._text(under, MARGIN, 374, size=36, colour=FAINT)
        if total is not None:
            self._change(total, kind, MARGIN + lettering(under).width * 36)

    def columns(self, bars: Sequence[Bar]) -> None:
        """Upright bars along time, with a rule at a round amount."""
        top, bottom, left, right = 470, 960, MARGIN, SIDE - MARGIN - SCALE
        most = max((bar.paise for bar in bars), default=0)
        if most <= 0:
            self._nothing()
            return
        for share in (0.5, 1.0):
            paise = _round_amount(most) * share
            y = bottom - (bottom - top) * paise / _round_amount(most)
            self._box(left, y, right - left, 2, LINE)
            self._text(_short(int(paise)), SIDE - MARGIN, y + 9, size=26, colour=FAINT, align=1)
        self._box(left, bottom, right - left, 3, FAINT)
        step = (right - left) / len(bars)
        every = -(-len(bars) * 110 // (right - left))
        for number, bar in enumerate(bars):
            x = left + step * number
            high = (bottom - top) * max(bar.paise, 0) / _round_amount(most)
            self._box(x + step * 0.14, bottom - high, step * 0.72, high, GREEN)
            if number % every == 0:
                self._text(bar.label, x + step / 2, bottom + 44, size=27, colour=FAINT, align=0.5)

    def rows(self, bars: Sequence[Bar]) -> None:
        """Lying bars with their labels above them."""
        if not bars:
            self._nothing()
            return
        most = max(bar.paise for bar in bars)
        for number, bar in enumerate(bars[:5]):
            y = 478 + number * 112
            amount = inr(bar.paise) + (f"  ·  {bar.note}" if bar.note else "")
            room = SIDE - 2 * MARGIN - lettering(amount, bold=True).width * 34 - 30
            self._text(fit(bar.label, most=room, size=34), MARGIN, y, size=34)
            self._text(amount, SIDE - MARGIN, y, size=34, bold=True, align=1)
            self._box(MARGIN, y + 20, SIDE - 2 * MARGIN, 26, LINE, round_by=13)
            if bar.paise > 0 and most > 0:
                long = max(26.0, (SIDE - 2 * MARGIN) * bar.paise / most)
                self._box(MARGIN, y + 20, long, 26, GREEN, round_by=13)

    def png(self) -> bytes:
        out = BytesIO()
        # Even areas are runs of one byte: looking for nothing else halves the work of a chart.
        FigureCanvasAgg(self._figure).print_png(out, pil_kwargs={"compress_type": zlib.Z_RLE})
        return out.getvalue()

    def _period(self, summary: Summary, kind: Kind) -> str:
        if kind == "receivables" or summary.start == summary.end:
            return f"{self.day(summary.end)} {summary.end.year}"
        first = self.day(summary.start)
        if summary.start.year != summary.end.year:
            first += f" {summary.start.year}"
        return f"{first} – {self.day(summary.end)} {summary.end.year}"

    def _change(self, total: Total, kind: Kind, x: float) -> None:
        percent = total.change_percent
        if percent is None:
            return
        way = "up" if percent > 0 else "down" if percent < 0 else "same"
        good = (percent > 0) != (kind == "expenses")
        words = self.word("change", way, percent=abs(percent))
        colour = FAINT if percent == 0 else GREEN if good else RED
        self._text(f"·  {words}", x + 18, 374, size=36, bold=True, colour=colour)

    def _nothing(self) -> None:
        self._text(self.word("nothing"), SIDE / 2, 700, size=38, colour=FAINT, align=0.5)

    def _text(
        self,
        text: str,
        x: float,
        y: float,
        *,
        size: float,
        bold: bool = False,
        colour: str = INK,
        align: float = 0,
    ) -> None:
        """A line on the baseline y; align 0 starts at x, 0.5 centres on it, 1 ends there."""
        drawn = lettering(text, bold=bold)
        place = Affine2D().scale(size, -size).translate(x - align * drawn.width * size, y)
        self._axes.add_patch(PathPatch(drawn.path.transformed(place), facecolor=colour, lw=0))

    def _box(
        self, x: float, y: float, width: float, height: float, colour: str, *, round_by: float = 0
    ) -> None:
        if round_by:
            style = f"round,pad=0,rounding_size={round_by}"
            shape = FancyBboxPatch((x, y), width, height, boxstyle=style, facecolor=colour, lw=0)
        else:
            shape = Rectangle((x, y), width, height, facecolor=colour, lw=0)
        self._axes.add_patch(shape)


@lru_cache(maxsize=1)
def _words() -> Mapping[str, Any]:
    words: Mapping[str, Any] = yaml.safe_load(
        Path(__file__).with_name("words.yml").read_text(encoding="utf-8")
    )
    return words


def _headline(summary: Summary, kind: Kind) -> tuple[int, int, Total | None]:
    if kind == "receivables":
        return summary.receivables.paise, summary.receivables.debtors, None
    if kind == "best_sellers":
        return sum(one.paise for one in summary.best_sellers), len(summary.best_sellers), None
    total = {"sales": summary.sales, "payments": summary.payments, "expenses": summary.expenses}
    return total[kind].paise, total[kind].count, total[kind]


def _bars(summary: Summary, kind: Kind, sheet: _Sheet) -> list[Bar]:
    if kind == "sales":
        figures = (summary.sales, summary.payments, summary.expenses)
        return [
            Bar(sheet.word("title", name), total.paise)
            for name, total in zip(("sales", "payments", "expenses"), figures, strict=True)
        ]
    if kind == "payments":
        return [
            Bar(sheet.word("method", part.code), part.paise) for part in summary.payments_by_method
        ]
    if kind == "expenses":
        return [
            Bar(sheet.word("category", part.code), part.paise)
            for part in summary.expenses_by_category
        ]
    if kind == "receivables":
        return [Bar(one.name, one.paise) for one in summary.receivables.largest]
    return [
        Bar(one.name, one.paise, f"{plain(one.quantity)} {one.unit}")
        for one in summary.best_sellers
    ]


def _by_time(daily: Sequence[Day], sheet: _Sheet) -> list[Bar]:
    """A bar for each day; for each week or month where there would be too many."""
    if len(daily) <= MOST_BARS:
        return [Bar(sheet.day(one.on), one.sales) for one in daily]
    if len(daily) <= 7 * MOST_BARS:
        starts = [one.on - timedelta(days=one.on.weekday()) for one in daily]
        return _grouped(daily, starts, sheet.day)
    return _grouped(daily, [one.on.replace(day=1) for one in daily], sheet.month)


def _grouped(daily: Sequence[Day], starts: Sequence[date], label: Any) -> list[Bar]:
    amounts: dict[date, int] = {}
    for one, start in zip(daily, starts, strict=True):
        amounts[start] = amounts.get(start, 0) + one.sales
    return [Bar(label(start), paise) for start, paise in amounts.items()]


def _round_amount(paise: int) -> int:
    """The next amount that reads well at the top of a scale: 1, 2, 3, 4, 5, 6 or 8 and zeros."""
    zeros: int = 10 ** (len(str(max(paise, PAISE_PER_RUPEE))) - 1)
    return next(step * zeros for step in (1, 2, 3, 4, 5, 6, 8, 10) if step * zeros >= paise)


def _short(paise: int) -> str:
    """An amount for a scale: ₹80, ₹4.5k, ₹2L, ₹1.2Cr."""
    whole = paise / PAISE_PER_RUPEE
    for size, letter in ((10**7, "Cr"), (10**5, "L"), (10**3, "k")):
        if whole >= size:
            return f"₹{whole / size:.2f}".rstrip("0").rstrip(".") + letter
    return f"₹{whole:.2f}".rstrip("0").rstrip(".")
