"""What rows of a slip, a list of rates or a card mean, whatever engine has read them."""

from __future__ import annotations

from decimal import Decimal

import pytest

from erp_core.receipts.layout import Page, page_of
from erp_core.receipts.ports import Word
from erp_core.slips.page import Card, Line
from erp_core.slips.reading import read_pages


def page(text: str, *, confidence: float = 0.95) -> Page:
    """A page as an engine would read these lines."""
    words = []
    for row, line in enumerate(text.strip().splitlines()):
        left = 0
        for word in line.split():
            width = 12 * len(word)
            words.append(Word(word, left, 40 * row, width, 20, confidence, row, 0))
            left += width + 12
    return page_of(words)


def counted(text: str) -> tuple[str, Decimal | None, str | None]:
    """The only goods of a count."""
    (line,) = read_pages([page(text)], wanted="count").lines
    return line.text, line.quantity, line.unit


@pytest.mark.parametrize(
    ("row", "wanted"),
    [
        ("Maggi 12", ("Maggi", Decimal(12), None)),
        ("12 maggi", ("maggi", Decimal(12), None)),
        ("Parle G - 24 pkt", ("Parle G", Decimal(24), "packet")),
        ("Parle G = 24", ("Parle G", Decimal(24), None)),
        ("Maggi x 12", ("Maggi", Decimal(12), None)),
        ("Maggi x12", ("Maggi", Decimal(12), None)),
        ("5 kg chini", ("chini", Decimal(5), "kg")),
        ("chini 5kg", ("chini", Decimal(5), "kg")),
        ("Toor dal 12.5 kg", ("Toor dal", Decimal("12.5"), "kg")),
        ("Atta 1/2 kg", ("Atta", Decimal("0.5"), "kg")),
        ("Colgate 100g 3", ("Colgate 100g", Decimal(3), None)),
        ("3 Colgate 100g", ("Colgate 100g", Decimal(3), None)),
        ("2) Tata Namak 7", ("Tata Namak", Decimal(7), None)),
        ("2.Tata Namak 7", ("Tata Namak", Decimal(7), None)),
        ("5 Star 20", ("5 Star", Decimal(20), None)),
        ("ek darjan ande", ("ande", Decimal(1), "dozen")),
        ("Soap 1,200 nos", ("Soap", Decimal(1200), "piece")),
        ("चीनी ५ किलो", ("चीनी", Decimal(5), "kg")),
        ("Maggi 12 14 168", ("Maggi", Decimal(12), None)),
    ],
)
def test_a_row_says_what_and_how_many(
    row: str, wanted: tuple[str, Decimal | None, str | None]
) -> None:
    assert counted(row) == wanted


def test_a_row_that_can_be_read_in_two_ways_is_not_sure() -> None:
    (line,) = read_pages([page("Maggi 12 17")], wanted="count").lines
    assert not line.sure


def test_none_left_is_a_count_but_no_order() -> None:
    (counted_none,) = read_pages([page("Maggi 0")], wanted="count").lines
    assert (counted_none.quantity, counted_none.sure) == (Decimal(0), True)
    (ordered_none,) = read_pages([page("Maggi 0")], wanted="order").lines
    assert not ordered_none.sure


def test_numbers_of_lines_are_no_counts() -> None:
    slip = read_pages([page("1 Maggi 12\n2 Chini 5 kg\n3 Surf 7")], wanted="count")
    assert [line.text for line in slip.lines] == ["Maggi", "Chini", "Surf"]
    assert [line.quantity for line in slip.lines] == [Decimal(12), Decimal(5), Decimal(7)]


def test_a_row_among_goods_whose_count_is_lost_is_told_not_dropped() -> None:
    slip = read_pages([page("Maggi 12\nParle G24\nChini 5 kg")], wanted="count")
    assert slip.lines[1] == Line("Parle G24", sure=False)


def test_the_last_row_is_not_lost_either() -> None:
    slip = read_pages(
        [page("Stock 20/11\nMaggi 12\nChini 5\nParle G24\nthank you")], wanted="count"
    )
    assert [line.text for line in slip.lines] == ["Maggi", "Chini", "Parle G24"]


def test_what_two_readings_have_differently_is_not_sure() -> None:
    slip = read_pages([page("Maggi 12\nChini 5"), page("Maggi 17\nChini 5")], wanted="count")
    assert [(line.text, line.sure) for line in slip.lines] == [("Maggi", False), ("Chini", True)]


def test_figures_that_an_engine_doubts_need_a_second_reading() -> None:
    doubted = page("Maggi 12", confidence=0.5)
    assert not read_pages([doubted], wanted="count").lines[0].sure
    assert read_pages([doubted, doubted], wanted="count").lines[0].sure


def test_a_name_of_doubtful_letters_is_not_clear() -> None:
    doubted = page("pad 62", confidence=0.6)
    assert not read_pages([doubted, doubted], wanted="count").lines[0].clear
    assert read_pages([doubted, page("pad 62")], wanted="count").lines[0].clear
    assert not read_pages([doubted, page("Red 62")], wanted="count").lines[0].clear


def test_a_card_of_doubtful_letters_names_nobody() -> None:
    card = "MEHTA TRADERS\nAnil Mehta\nProprietor\nMob: 98765 43210\nPune 411001"
    assert read_pages([page(card)], wanted="card").kind == "card"
    assert read_pages([page(card, confidence=0.4)], wanted="card").kind == "none"


def test_dates_numbers_to_call_and_sums_are_no_goods() -> None:
    text = "Ginti 20/11/2026\nMaggi 12\nChini 5\nTotal 17\nCall 9876543210"
    assert [line.text for line in read_pages([page(text)]).lines] == ["Maggi", "Chini"]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Stock ginti\nMaggi 12\nChini 5 kg", "count"),
        ("Stock Qinti\nMaggi 12\nChini 5 kg", "count"),
        ("Order Ravi Kumar\n2 maggi\n5 kg chini", "order"),
        ("RATE LIST\nMaggi 14\nChini 44", "prices"),
        ("Maggi 14.00\nChini Rs 44\nSurf 140/-", "prices"),
        ("Maggi 12\nChini 5 kg", "goods"),
        ("Happy Diwali to all\nfrom all of us", "none"),
        ("Maggi 12", "none"),
        ("Carton 610.00\nCGST 9% 54.90\nSGST 9% 54.90", "none"),
        ("", "none"),
    ],
)
def test_a_page_is_known_by_its_heading_or_its_figures(text: str, kind: str) -> None:
    assert read_pages([page(text)]).kind == kind


def test_rates_with_or_without_paise_and_sizes_in_names() -> None:
    text = "RATE LIST\nMaggi 70g 14.00\nParle G Rs 10\nColgate 100g Rs. 62/-\nOreo 30\nChini 44 kg"
    assert read_pages([page(text)]).lines == (
        Line("Maggi 70g", paise=1400),
        Line("Parle G", paise=1000),
        Line("Colgate 100g", paise=6200),
        Line("Oreo", paise=3000),
        Line("Chini 44kg", sure=False),
    )


def test_what_stands_above_the_goods_may_name_somebody() -> None:
    assert read_pages([page("Ravi Kumar\n2 maggi\n3 chini")]).head == ("Ravi Kumar",)


CARD = """
MEHTA TRADERS
Anil Mehta
Proprietor
Mob: +91 98765 43210
anil@mehtatraders.com
12 Market Road, Pune 411001
GSTIN: 27AAACG1234F1Z4
"""


def test_a_card_says_who_it_is() -> None:
    slip = read_pages([page(CARD)])
    assert slip.kind == "card"
    assert slip.card == Card(
        "Anil Mehta",
        "MEHTA TRADERS",
        ("919876543210",),
        "27AAACG1234F1Z4",
        "12 Market Road, Pune 411001",
    )


def test_a_slip_with_a_number_on_it_is_no_card() -> None:
    assert read_pages([page("Ravi Kumar 9876543210\n2 maggi\n5 kg chini")]).kind == "goods"


def test_a_card_without_a_number_names_nobody_who_could_be_called() -> None:
    text = CARD.replace("+91 98765 43210", "")
    assert read_pages([page(text)], wanted="card").kind == "none"


def test_a_gstin_whose_check_digit_fails_is_left_out() -> None:
    slip = read_pages([page(CARD.replace("1Z4", "1Z5"))], wanted="card")
    assert slip.card is not None
    assert slip.card.gstin is None


def test_a_payment_screenshot_is_no_slip() -> None:
    text = "Paid to Ravi\nRs 500.00\nUPI transaction ID 4123\nGoogle Pay\nCompleted"
    assert read_pages([page(text)], wanted="order").kind == "payment_screenshot"
