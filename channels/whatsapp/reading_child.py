"""The process that opens files and reads them: `python -m channels.whatsapp.reading_child`.

It has no secrets, no database and little room, and it may die at any file. Asked over its standard
input, it answers on its standard output: frames of four bytes of length and as much content. A
question is two frames, a header in JSON and the file; an answer is one, in JSON.
"""

from __future__ import annotations

import ctypes
import hashlib
import logging
import os
import resource
import signal
import struct
import sys
import time
from datetime import date
from typing import Any, BinaryIO

import orjson

from channels.whatsapp.reading_codes import codes_in, with_codes
from channels.whatsapp.reading_files import MOST_PAGES, Refused, count_pages, pages
from erp_core.kernel.errors import Unavailable
from erp_core.receipts.reading import Field, Reading, read_image

MEMORY = int(os.environ.get("BAHI_READING_MEMORY") or 1_536) * 1024 * 1024
CPU_SECONDS = 60
LARGEST_FRAME = 32 * 1024 * 1024
LARGEST_OUTPUT = 64 * 1024 * 1024
PAGES_SECONDS = 40.0
"""After so long no further page of a file is begun."""

FIELDS = (
    "vendor", "vendor_gstin", "buyer_gstin", "number", "on", "total_paise", "taxable_paise",
    "cgst_paise", "sgst_paise", "igst_paise", "cess_paise",
)  # fmt: skip
LONGEST_TEXT = 80
MOST_LINES = 25

_SET_PARENT_DEATH_SIGNAL = 1


def main() -> None:
    """Answer until the input ends."""
    ctypes.CDLL(None).prctl(_SET_PARENT_DEATH_SIGNAL, signal.SIGKILL)
    logging.disable(logging.CRITICAL)
    incoming, outgoing = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    # Whatever a library prints must not stand between the frames.
    os.dup2(2, 1)
    engine = make_engine()
    limit_for_good()
    write_frame(outgoing, b"{}")
    while (header := read_frame(incoming)) is not None:
        data = read_frame(incoming)
        if data is None:
            return
        limit_next()
        told = orjson.loads(header)
        write_frame(outgoing, orjson.dumps(answer(data, engine, date.fromisoformat(told["today"]))))


def make_engine() -> Any:
    """The engine that reads words: the operator's choice."""
    from erp_core.adapters.vision_api import chosen

    return chosen()


def limit_for_good() -> None:
    """What no file may make this process take."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_FSIZE, (LARGEST_OUTPUT, LARGEST_OUTPUT))
    resource.setrlimit(resource.RLIMIT_NOFILE, (128, 128))


def limit_next() -> None:
    """A file has its own share of the processor's time."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    soft = int(used.ru_utime + used.ru_stime) + CPU_SECONDS
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (soft, hard))


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


def read_frame(stream: BinaryIO) -> bytes | None:
    """The next frame; None at the end."""
    head = stream.read(4)
    if len(head) < 4:
        return None
    (size,) = struct.unpack(">I", head)
    if size > LARGEST_FRAME:
        return None
    body = stream.read(size)
    return body if len(body) == size else None


def write_frame(stream: BinaryIO, body: bytes) -> None:
    """One frame."""
    stream.write(struct.pack(">I", len(body)) + body)
    stream.flush()


if __name__ == "__main__":
    main()
