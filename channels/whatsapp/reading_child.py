"""The process that opens files and reads them: `python -m channels.whatsapp.reading_child`.

file_child.py tells how it is asked.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import time
from collections.abc import Mapping
from dataclasses import asdict, astuple
from datetime import date
from typing import Any

import numpy as np

from channels.whatsapp import file_child
from channels.whatsapp.reading_codes import codes_in, with_codes
from channels.whatsapp.reading_files import MOST_PAGES, Refused, count_pages, pages
from erp_core.adapters.tesseract import Tesseract
from erp_core.kernel.errors import Unavailable
from erp_core.receipts import picture, roles
from erp_core.receipts.reading import ENGLISH, Field, Reading, read_image
from erp_core.slips.page import WANTED, Slip
from erp_core.slips.reading import Noting, may_be_slip, read_slip

MEMORY = int(os.environ.get("BAHI_READING_MEMORY") or 1_536) * 1024 * 1024
CPU_SECONDS = 60
PAGES_SECONDS = 40.0
"""After so long no further page of a file is begun."""

MOST_SHEETS = 6
SHEETS_SECONDS = 12.0
"""After so long no further bill of a picture is begun."""

FIELDS = (
    "vendor", "vendor_gstin", "buyer_gstin", "number", "on", "total_paise", "taxable_paise",
    "cgst_paise", "sgst_paise", "igst_paise", "cess_paise",
)  # fmt: skip
BLANK = (80, 240)
BILL = "bill"
LONGEST_TEXT = 80
MOST_LINES = 25


def main() -> None:
    """Answer until the input ends."""
    file_child.serve(_answering, memory=MEMORY, cpu_seconds=CPU_SECONDS)


def _answering() -> file_child.Answer:
    engine = make_engine()
    _warm_up(engine)

    def answer_one(data: bytes, header: Mapping[str, Any]) -> dict[str, Any]:
        today = date.fromisoformat(header["today"])
        return answer(data, engine, today, wanted=str(header.get("wanted") or ""))

    return answer_one


def _warm_up(engine: Any) -> None:
    """Load what the first picture would wait for. A service is asked for nothing."""
    roles.model()
    if isinstance(engine, Tesseract):
        with contextlib.suppress(Unavailable):
            engine.words(np.full(BLANK, 255, np.uint8), ENGLISH)


def make_engine() -> Any:
    """The engine that reads words: the operator's choice."""
    from erp_core.adapters.vision_api import chosen

    return chosen()


def answer(data: bytes, engine: Any, today: date, *, wanted: str = "") -> dict[str, Any]:
    """{"code": "read" or why not, "file": its digest, "pages": how many, "readings": […]}.

    wanted: what its sender says that it is, "bill" or one of slips.page.WANTED; "" for nothing.
    """
    found: dict[str, Any] = {
        "code": "read",
        "file": hashlib.sha256(data).hexdigest(),
        "pages": 0,
        "readings": [],
    }
    started, read, left = time.monotonic(), 0, 0
    try:
        found["pages"] = count_pages(data)
        for page in pages(data):
            facts, beside = read_parts(page.data, engine, today, wanted)
            found["readings"] += [{**one, "look": page.look} for one in facts]
            read, left = read + 1, left + beside
            if time.monotonic() - started > PAGES_SECONDS:
                break
    except Refused as refused:
        found["code"] = refused.code
    except Unavailable as error:
        found["code"] = error.code
    except MemoryError:
        found["code"] = "too_large"
    except Exception:
        found["code"] = "damaged"
    found["skipped"] = left + max(0, min(found["pages"], MOST_PAGES) - read)
    found["skipped"] += max(0, found["pages"] - MOST_PAGES)
    found["seconds"] = round(time.monotonic() - started, 3)
    return found


def read_parts(
    data: bytes, engine: Any, today: date, wanted: str
) -> tuple[list[dict[str, Any]], int]:
    """What one picture says, of each of several bills that lie apart in it; and how many were not
    read. Where none of them can be, it is told as it is."""
    started = time.monotonic()
    facts = read_page(data, engine, today, wanted)
    image = picture.decode(data) if facts["kind"] == "several" else None
    if image is None:
        return [facts], 0
    sheets, bills = picture.apart(image), []
    for sheet in sheets[:MOST_SHEETS]:
        part = read_page(picture.as_jpeg(sheet), engine, today, BILL)
        bills += [{**part, "apart": True}] if part["kind"] == "receipt" else []
        if time.monotonic() - started > SHEETS_SECONDS:
            break
    return (bills, len(sheets) - len(bills)) if bills else ([facts], 0)


def read_page(data: bytes, engine: Any, today: date, wanted: str) -> dict[str, Any]:
    """What one picture says: of what it is said to be, else of what it looks like."""
    named = next((one for one in WANTED if one == wanted), None)
    if named is not None:
        return as_slip(read_slip(data, engine=engine, wanted=named))
    noting = Noting(engine)
    reading = read_image(data, engine=noting, today=today)
    facts = with_codes(as_facts(reading), codes_in(data))
    if wanted == BILL or not noting.best or not _is_doubtful(facts):
        return facts
    facts["words"] = len(noting.best)
    if not may_be_slip(noting.best):
        return facts
    slip = read_slip(data, engine=engine)
    return as_slip(slip) if slip.kind not in ("none", "payment_screenshot") else facts


def _is_doubtful(facts: Mapping[str, Any]) -> bool:
    """Whether a page is no bill, or one of which neither seller, number nor sum is sure."""
    if facts["kind"] != "receipt":
        return facts["kind"] in ("no_receipt", "unreadable")
    total, unsure = facts["total_paise"]
    return (total is None or unsure) and facts["number"][0] is None


def as_slip(slip: Slip) -> dict[str, Any]:
    """A slip as JSON: each line [name, quantity, unit, rate in paise, whether it is sure, whether
    its name is clear]."""
    facts: dict[str, Any] = {"kind": slip.kind, "stages": dict(slip.seconds)}
    if slip.kind == "none":
        return {**facts, "kind": "no_slip"}
    if slip.card is not None:
        return {**facts, "card": asdict(slip.card)}
    facts["head"] = list(slip.head)
    facts["lines"] = [
        [
            line.text,
            str(line.quantity) if line.quantity is not None else None,
            line.unit,
            line.paise,
            line.sure,
            line.clear,
        ]
        for line in slip.lines
    ]
    return facts


def as_facts(reading: Reading) -> dict[str, Any]:
    """A reading as JSON: each field [value, whether to ask], each item [text, quantity, rate,
    amount], each mark [field, value, label, place, readings]."""
    facts: dict[str, Any] = {
        "kind": reading.kind,
        "category": reading.category,
        "reverse_charge": reading.reverse_charge,
        "stages": {name: round(spent, 3) for name, spent in reading.seconds.items()},
    }
    for name in FIELDS:
        field: Field[Any] = getattr(reading, name)
        value = field.value
        if isinstance(value, date):
            value = value.isoformat()
        elif isinstance(value, str):
            value = " ".join(value.split())[:LONGEST_TEXT]
        facts[name] = [value, field.ask]
    facts["lines"] = [
        [
            " ".join(line.text.split())[:LONGEST_TEXT],
            str(line.quantity) if line.quantity is not None else None,
            line.rate_paise,
            line.amount_paise,
        ]
        for line in reading.lines[:MOST_LINES]
    ]
    facts["marks"] = [list(astuple(mark)) for mark in reading.marks]
    return facts


if __name__ == "__main__":
    main()
