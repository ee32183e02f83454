"""Amounts as figures and in words."""

from __future__ import annotations

import pytest

from erp_core.invoicing.words import figure, in_english, in_hindi


@pytest.mark.parametrize(
    ("paise", "text"),
    [
        (0, "0.00"),
        (5, "0.05"),
        (159_800_00, "1,59,800.00"),
        (-1, "-0.01"),
        (10**11, "1,00,00,00,000.00"),
    ],
)
def test_figures(paise, text):
    assert figure(paise) == text


@pytest.mark.parametrize(
    ("paise", "english", "hindi"),
    [
        (0, "Rupees zero only", "शून्य रुपये मात्र"),
        (100, "Rupees one only", "एक रुपये मात्र"),
        (188_564_00, "Rupees one lakh eighty eight thousand five hundred sixty four only",
         "एक लाख अट्ठासी हज़ार पाँच सौ चौंसठ रुपये मात्र"),
        (1_50, "Rupees one and fifty paise only", "एक रुपये पचास पैसे मात्र"),
        (10_00_00_000_05, "Rupees ten crore and five paise only", "दस करोड़ रुपये पाँच पैसे मात्र"),
    ],
)  # fmt: skip
def test_words(paise, english, hindi):
    assert in_english(paise) == english
    assert in_hindi(paise) == hindi
