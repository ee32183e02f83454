"""What a bill says in truth, from the label file beside its picture."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from erp_core.receipts.days import dates

FAR = date(2099, 12, 31)
PAISE = ("total_paise", "taxable_paise", "cgst_paise", "sgst_paise", "igst_paise")


@dataclass(frozen=True)
class Label:
    """The truth by the names of the fields of a Reading; what is not known is left out."""

    values: Mapping[str, Any] = field(default_factory=dict)
    kind: str = "scan"
    damage: str = "none"

    def fields(self) -> dict[str, Any]:
        return dict(self.values)


def label_from(data: Mapping[str, Any]) -> Label:
    """Of {"company", "date", "total"} as people write them, or of our own bills."""
    if "vendor" in data:
        return _own(data)
    values: dict[str, Any] = {}
    if data.get("company"):
        values["vendor"] = data["company"]
    if data.get("date"):
        values["on"] = _date(data["date"])
    if data.get("total"):
        values["total_paise"] = _paise(data["total"])
    return Label(values)


def _own(data: Mapping[str, Any]) -> Label:
    values = {key: data[key] for key in ("vendor", "vendor_gstin", "number") if data.get(key)}
    values["on"] = date.fromisoformat(data["on"])
    values.update({key: data[key] for key in PAISE if data.get(key)})
    return Label(values, data.get("kind", "scan"), data.get("damage", "none"))


def _date(text: str) -> date | None:
    longest = date(2016, 1, 1), FAR
    for today in (date(2030, 1, 1), *longest):
        found = dates(text, today=today, labelled=True)
        if found:
            return found[0]
    return None


def _paise(text: str) -> int:
    figure = re.sub(r"[^\d.]", "", text)
    whole, _, rest = figure.partition(".")
    return int(whole or 0) * 100 + int((rest + "00")[:2])
