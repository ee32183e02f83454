"""A chart is a picture that can be read: right size, all languages, nothing outside its frame."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import yaml
from PIL import Image, ImageChops

from erp_core.expenses.categories import CATEGORIES
from erp_core.kernel.errors import Invalid
from erp_core.payments.methods import GATEWAY, METHODS
from erp_core.reports import charts
from erp_core.reports.charts import KINDS, MARGIN, SIDE, render
from erp_core.reports.lettering import fit, lettering
from erp_core.reports.queries import (
    BestSeller,
    Day,
    Debtor,
    Part,
    Receivables,
    Summary,
    Total,
)

TODAY = date(2026, 11, 20)
LANGUAGES = ("hinglish", "hindi", "english")
NOTHING = Total(0, 0, 0, 0)


def made(days: int = 7, *, sales: int = 94_282_00) -> Summary:
    start = TODAY - timedelta(days=days - 1)
    return Summary(
        start=start,
        end=TODAY,
        sales=Total(sales * days, days, sales, 1),
        sales_tax=0,
        orders=Total(1, 1, 0, 0),
        payments=Total(5_000_00, 2, 6_000_00, 1),
        payments_by_method=(Part("upi", 4_000_00, 1), Part("bank_transfer", 1_000_00, 1)),
        expenses=Total(100_00, 1, 0, 0),
        expenses_by_category=(Part("rent", 100_00, 1),),
        receivables=Receivables(
            99_999_99,
            2,
            (
                Debtor(UUID(int=1), "श्रीमती विद्यावती त्रिपाठी", 90_000_00),
                Debtor(UUID(int=2), "Gupta General Store and Sons, " * 4, 9_999_99),
            ),
        ),
        best_sellers=(BestSeller(UUID(int=3), "चीनी (खुली)", "kg", Decimal("12.5"), 550_00),),
        low_stock=(),
        daily=tuple(Day(start + timedelta(days=number), sales, 0, 0, 1) for number in range(days)),
    )


def empty() -> Summary:
    return replace(
        made(),
        sales=NOTHING,
        payments=NOTHING,
        expenses=NOTHING,
        payments_by_method=(),
        expenses_by_category=(),
        receivables=Receivables(0, 0, ()),
        best_sellers=(),
        daily=tuple(replace(day, sales=0, orders=0) for day in made().daily),
    )


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", KINDS)
def test_every_chart_is_drawn_within_its_margins(kind: charts.Kind, language: str) -> None:
    left, top, right, bottom = _drawn(render(made(), kind, language))
    assert left >= MARGIN - 20
    assert right <= SIDE - MARGIN + 20
    assert top >= 40
    assert bottom <= SIDE - 40


@pytest.mark.parametrize("days", [1, 2, 7, 31, 32, 90, 217, 366, 1_800])
def test_any_period_fits(days: int) -> None:
    _, _, right, bottom = _drawn(render(made(days), "sales", "hindi"))
    assert right <= SIDE - MARGIN + 20
    assert bottom <= SIDE - 40


@pytest.mark.parametrize("kind", KINDS)
def test_a_period_without_anything_says_so(kind: charts.Kind) -> None:
    words = render(empty(), kind, "hindi")
    assert _drawn(words)[3] > 300


def test_the_largest_amount_fits() -> None:
    largest = made(1, sales=10**15)
    assert _drawn(render(largest, "sales", "english"))[2] <= SIDE - MARGIN + 20


def test_a_return_of_more_than_was_sold_is_drawn() -> None:
    days = list(made().daily)
    days[3] = replace(days[3], sales=-500_00)
    _drawn(render(replace(made(), daily=tuple(days)), "sales", "english"))


def test_an_unknown_chart_is_refused() -> None:
    kind: Any = "weather"
    with pytest.raises(Invalid) as refusal:
        render(made(), kind, "hindi")
    assert refusal.value.code == "unknown_chart"


def test_devanagari_is_shaped() -> None:
    """The vowel sign of कि stands before its consonant, and क्ष is one glyph, not three."""
    assert lettering("कि").width < lettering("क").width + lettering("ि").width + 0.3
    assert lettering("क्ष").width < lettering("क").width + lettering("ष").width


def test_long_names_are_cut_with_dots() -> None:
    short = fit("Gupta General Store and Sons", most=200, size=34)
    assert short.endswith("…")
    assert lettering(short).width * 34 <= 200
    assert fit("Gupta", most=200, size=34) == "Gupta"


def test_each_word_stands_in_all_three_languages() -> None:
    words = yaml.safe_load(Path(charts.__file__).with_name("words.yml").read_text("utf-8"))
    months = words.pop("months")
    assert {language: len(months[language]) for language in months} == dict.fromkeys(LANGUAGES, 12)
    for group in [words.pop("nothing"), *(one for part in words.values() for one in part.values())]:
        assert set(group) == set(LANGUAGES)
    assert set(words["category"]) == set(CATEGORIES)
    assert set(words["method"]) == {*METHODS, GATEWAY}


@pytest.mark.parametrize(
    ("paise", "top"),
    [(0, 100), (100, 100), (101, 200), (94_282_00, 100_000_00), (61_00, 80_00), (99_999, 100_000)],
)
def test_the_scale_ends_at_a_round_amount(paise: int, top: int) -> None:
    assert charts._round_amount(paise) == top


def _drawn(png: bytes) -> tuple[int, int, int, int]:
    """The box around everything that is not background."""
    picture = Image.open(BytesIO(png)).convert("RGB")
    assert picture.size == (SIDE, SIDE)
    box = ImageChops.difference(picture, Image.new("RGB", picture.size, "white")).getbbox()
    assert box is not None
    return box
