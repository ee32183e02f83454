"""Amounts in words, and figures as Indian bills print them."""

from __future__ import annotations

from erp_core.kernel.hindi_numbers import to_words
from erp_core.kernel.money import PAISE_PER_RUPEE, group_indian


def figure(paise: int) -> str:
    """An amount for a column: 15980000 → "1,59,800.00"."""
    sign = "-" if paise < 0 else ""
    whole, rest = divmod(abs(paise), PAISE_PER_RUPEE)
    return f"{sign}{group_indian(whole)}.{rest:02d}"


def in_english(paise: int) -> str:
    """ "Rupees one lakh and paise fifty only": the form that cheques and bills use."""
    whole, rest = divmod(paise, PAISE_PER_RUPEE)
    coins = f" and {to_words(rest, 'english')} paise" if rest else ""
    return f"Rupees {to_words(whole, 'english')}{coins} only"


def in_hindi(paise: int) -> str:
    """The same in Hindi: "एक लाख रुपये पचास पैसे मात्र"."""
    whole, rest = divmod(paise, PAISE_PER_RUPEE)
    coins = f" {to_words(rest, 'devanagari')} पैसे" if rest else ""
    return f"{to_words(whole, 'devanagari')} रुपये{coins} मात्र"
