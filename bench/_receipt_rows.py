"""Which rows of a page that an engine read are which, by the labels of its picture."""

from __future__ import annotations

from rapidfuzz import fuzz

from bench._receipt_labels import Label
from erp_core.receipts.days import dates
from erp_core.receipts.layout import Page
from erp_core.receipts.roles import words_of

ALIKE = 80
_BY_KIND = {
    "sub_total": "sub_total",
    "round": "rounding",
    "tender": "tender",
    "change": "tender",
    "cgst": "tax",
    "sgst": "tax",
    "igst": "tax",
    "cess": "tax",
    "other_tax": "tax",
}


def roles_by_label(page: Page, label: Label) -> list[tuple[list[str], str]]:
    """Rows that the labels name, and those whose words tell; what is not known is left out."""
    truth = label.fields()
    told = []
    for words, row in zip(words_of(page), page.rows, strict=False):
        role = _BY_KIND.get(row.kind or "")
        if (
            truth.get("vendor")
            and fuzz.partial_ratio(truth["vendor"].lower(), row.text.lower()) > ALIKE
        ):
            role = "vendor" if len(row.text) >= 0.6 * len(truth["vendor"]) else None
        elif truth.get("on") and truth["on"] in dates(row.text, today=truth["on"], labelled=True):
            role = "day"
        elif truth.get("total_paise") in row.amounts and row.kind in ("total", "grand_total"):
            role = "total"
        elif row.kind in ("total", "grand_total") and row.amounts:
            role = "sub_total"
        if role is not None:
            told.append((words, role))
    return told
