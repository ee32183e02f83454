"""`bahi ocr compare FILE`: what two engines make of one picture, beside each other."""

from __future__ import annotations

import argparse
import sys
from datetime import date, datetime, timezone
from pathlib import Path
from typing import Any

from erp_core.kernel.errors import Unavailable
from erp_core.kernel.money import rupees

SHOWN = (
    "vendor",
    "vendor_gstin",
    "buyer_gstin",
    "number",
    "on",
    "total_paise",
    "taxable_paise",
    "cgst_paise",
    "sgst_paise",
    "igst_paise",
    "cess_paise",
)
WIDTH = 34


def add_to(commands: Any) -> None:
    """Add the group to the parser."""
    group = commands.add_parser("ocr", help="look at how pictures of bills are read")
    actions = group.add_subparsers(title="commands", required=True, metavar="COMMAND")
    compare = actions.add_parser("compare", help="show two engines beside each other")
    compare.add_argument("file", type=Path, metavar="FILE")
    compare.set_defaults(run=_compare)


def _compare(options: argparse.Namespace) -> int:
    """Tesseract beside the service that is set up, else beside Tesseract without preparation."""
    from erp_core.adapters.tesseract import Tesseract
    from erp_core.adapters.vision_api import configured
    from erp_core.receipts.reading import MANNERS, read_image

    try:
        data = options.file.read_bytes()
    except OSError:
        print(f"{options.file} cannot be read.", file=sys.stderr)
        return 1
    today = datetime.now(timezone.utc).date()
    service = configured()
    columns: list[tuple[str, dict[str, str]]] = []
    for name, engine, steps in (
        ("tesseract", Tesseract(), None),
        ("vision_api", service, None) if service else ("tesseract, unprepared", Tesseract(), ()),
    ):
        try:
            reading = (
                read_image(data, engine=engine, today=today)
                if steps is None
                else read_image(data, engine=engine, today=today, steps=steps, manners=MANNERS[:1])
            )
            columns.append((name, _facts(reading)))
        except Unavailable as error:
            columns.append((name, {"kind": error.code}))
    _print(columns)
    return 0


def _facts(reading: Any) -> dict[str, str]:
    facts = {"kind": reading.kind}
    for name in SHOWN:
        field = getattr(reading, name)
        if field.value is not None or field.ask:
            facts[name] = f"{_said(name, field.value)} {field.confidence:.2f}{' ask' * field.ask}"
    facts["category"] = reading.category or "-"
    facts["lines"] = str(len(reading.lines))
    facts["seconds"] = f"{sum(reading.seconds.values()):.1f}"
    return facts


def _said(name: str, value: Any) -> str:
    if value is None:
        return "-"
    if name.endswith("_paise"):
        return rupees(value)
    return value.isoformat() if isinstance(value, date) else str(value)


def _print(columns: list[tuple[str, dict[str, str]]]) -> None:
    names = dict.fromkeys(name for _, facts in columns for name in facts)
    print(f"{'':16}" + "".join(f"{engine:{WIDTH}}" for engine, _ in columns).rstrip())
    for name in names:
        row = "".join(f"{facts.get(name, '')[: WIDTH - 2]:{WIDTH}}" for _, facts in columns)
        print(f"{name.removesuffix('_paise'):16}{row}".rstrip())
