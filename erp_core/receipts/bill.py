"""What a picture of a bill says, each fact with how sure we are of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Generic, Literal, TypeVar

T = TypeVar("T")

Kind = Literal["receipt", "payment_screenshot", "no_receipt", "unreadable", "several"]


@dataclass(frozen=True)
class Field(Generic[T]):
    """One fact, and how sure we are of it: `confidence` is 0..1.

    With `ask` it must be asked of the shop, never taken as it is: the value is then our best
    candidate, or None. A fact that a bill need not have (IGST, the buyer's GSTIN) and that was not
    found is None without `ask`.
    """

    value: T | None = None
    confidence: float = 0.0
    ask: bool = False


@dataclass(frozen=True)
class Line:
    """One item of a bill. Amounts are paise as printed; None is what was not found."""

    text: str
    quantity: Decimal | None = None
    rate_paise: int | None = None
    amount_paise: int | None = None


@dataclass(frozen=True)
class Mark:
    """What may be the "total" (paise), the day "on" (ISO 8601) or the "number" of a bill: the words
    before it, how far down it stands in thousandths of the page, and how many readings saw it."""

    field: str
    value: int | str
    label: str
    place: int
    readings: int = 1


@dataclass(frozen=True)
class Reading:
    """A picture as it was read. Only a "receipt" has fields worth showing.

    "several" means more than one bill in one picture; "unreadable" is a bill of which too little
    can be made out. A payment screenshot has `total_paise`, `on` and `number` (the UTR) where they
    were found, all with `ask`: it proves nothing.
    `reverse_charge` is what a bill says of itself (rule 46(p)): its buyer owes the tax.
    `category` is a code of erp_core.expenses.categories.
    `seconds` says how long each stage took: decode, prepare, words, fields.
    """

    kind: Kind
    vendor: Field[str] = Field()
    vendor_gstin: Field[str] = Field()
    buyer_gstin: Field[str] = Field()
    number: Field[str] = Field()
    on: Field[date] = Field()
    total_paise: Field[int] = Field()
    taxable_paise: Field[int] = Field()
    cgst_paise: Field[int] = Field()
    sgst_paise: Field[int] = Field()
    igst_paise: Field[int] = Field()
    cess_paise: Field[int] = Field()
    reverse_charge: bool = False
    category: str | None = None
    lines: tuple[Line, ...] = ()
    marks: tuple[Mark, ...] = ()
    engine: str = ""
    seconds: Mapping[str, float] = field(default_factory=dict)
