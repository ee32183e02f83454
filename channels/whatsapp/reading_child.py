"""The process that opens files and reads them: `python -m channels.whatsapp.reading_child`.

file_child.py tells how it is asked.
"""

from __future__ import annotations

import hashlib
import os
import time
from datetime import date
from typing import Any

from channels.whatsapp import file_child
from channels.whatsapp.reading_codes import codes_in, with_codes
from channels.whatsapp.reading_files import MOST_PAGES, Refused, count_pages, pages
from erp_core.kernel.errors import Unavailable
from erp_core.receipts.reading import Field, Reading, read_image

MEMORY = int(os.environ.get("BAHI_READING_MEMORY") or 1_536) * 1024 * 1024
CPU_SECONDS = 60
PAGES_SECONDS = 40.0
"""After so long no further page of a file is begun."""

FIELDS = (
    "vendor", "vendor_gstin", "buyer_gstin", "number", "on", "total_paise", "taxable_paise",
    "cgst_paise", "sgst_paise", "igst_paise", "cess_paise",
)  # fmt: skip
LONGEST_TEXT = 80
MOST_LINES = 25


def main() -> None:
    """Answer until the input ends."""
    file_child.serve(_answering, memory=MEMORY, cpu_seconds=CPU_SECONDS)


def _answering() -> file_child.Answer:
    engine = make_engine()
    return lambda data, header: answer(data, engine, date.fromisoformat(header["today"]))


def make_engine() -> Any:
    """The engine that reads words: the operator's choice."""
    from erp_core.adapters.vision_api import chosen

    return chosen()


def answer(data: bytes, engine: Any, today: date) -> dict[str, Any]:
    """{"code": "read" or why not, "file": its digest, "pages": how many, "readings": […]}."""
    found: dict[str, Any] = {
        "code": "read",
        "file": hashlib.sha256(data).hexdigest(),
        "pages": 0,
        "readings": [],
    }
    started = time.monotonic()
    try:
        found["pages"] = count_pages(data)
        for page in pages(data):
            reading = read_image(page.data, engine=engine, today=today)
            facts = with_codes(as_facts(reading), codes_in(page.data))
            found["readings"].append({**facts, "look": page.look})
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
    found["skipped"] = max(0, min(found["pages"], MOST_PAGES) - len(found["readings"])) + max(
        0, found["pages"] - MOST_PAGES
    )
    found["seconds"] = round(time.monotonic() - started, 3)
    return found


def as_facts(reading: Reading) -> dict[str, Any]:
    """A reading as JSON: each field [value, whether to ask], each item [text, quantity, rate,
    amount]."""
    facts: dict[str, Any] = {
        "kind": reading.kind,
        "category": reading.category,
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
    return facts


if __name__ == "__main__":
    main()
