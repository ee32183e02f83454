"""Bank statements as the large Indian banks give them out: CSV, tab-separated text, Excel.

Each bank has headings of its own above columns that mean the same; whatever stands before the
headings (name, address, account) is passed over. HDFC: "Date, Narration, Chq./Ref.No., Value Dt,
Withdrawal Amt., Deposit Amt., Closing Balance"; SBI: "Txn Date, Value Date, Description, Ref
No./Cheque No., Debit, Credit, Balance" (its .xls is text with tabs); ICICI: "Transaction Remarks,
Withdrawal Amount (INR ), Deposit Amount (INR )"; Axis: "Tran Date, CHQNO, PARTICULARS, DR, CR";
Kotak: "Date, Description, Chq / Ref number, Amount, Dr / Cr".
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation

from erp_core.kernel.errors import Invalid

LARGEST_FILE = 5 * 1024 * 1024
MOST_LINES = 10_000
HEADINGS: Mapping[str, frozenset[str]] = {
    "date": frozenset(
        {"date", "txndate", "transactiondate", "trandate", "postingdate", "postdate"}
    ),
    "value_date": frozenset({"valuedate", "valuedt", "valuedat"}),
    "narration": frozenset(
        {
            "narration", "description", "particulars", "transactionremarks", "remarks",
            "transactiondetails", "transactiondescription", "details",
        }
    ),
    "reference": frozenset(
        {
            "chqrefno", "chqrefnumber", "refnochequeno", "chequenumber", "chqno", "chequeno",
            "refno", "referenceno", "utr", "chqref", "refchequeno", "chequerefno",
        }
    ),
    "debit": frozenset(
        {
            "withdrawalamt", "withdrawalamount", "withdrawalamountinr", "debit", "dr",
            "debitamount", "withdrawal", "withdrawals", "debitamt", "withdrawalinr",
        }
    ),
    "credit": frozenset(
        {
            "depositamt", "depositamount", "depositamountinr", "credit", "cr", "creditamount",
            "deposit", "deposits", "creditamt", "depositinr",
        }
    ),
    "amount": frozenset({"amount", "amountinr", "transactionamount", "txnamount"}),
    "side": frozenset({"drcr", "crdr", "type", "transactiontype", "debitcredit"}),
}  # fmt: skip
DATES = (
    "%d/%m/%Y", "%d/%m/%y", "%d-%m-%Y", "%d-%m-%y", "%d-%b-%Y", "%d-%b-%y", "%d %b %Y",
    "%d %B %Y", "%Y-%m-%d", "%d.%m.%Y", "%d/%b/%Y",
)  # fmt: skip
_LETTERS = re.compile(r"[^a-z]")
_RRN = re.compile(r"(?<!\d)\d{12}(?!\d)")
_UTR = re.compile(r"\b(?:[A-Z]{4}[A-Z0-9]\d{10,17}|[A-Z]{4}\d{12,18})\b")


@dataclass(frozen=True)
class Line:
    """One line of a statement; paise above zero came in. reference: the bank's own (UTR, RRN)."""

    on: date
    paise: int
    narration: str
    reference: str | None


def read(data: bytes) -> list[Line]:
    """The lines of a statement, as they stand in it. Raises Invalid("bad_statement")."""
    if not 0 < len(data) <= LARGEST_FILE:
        raise Invalid("bad_statement")
    rows = _excel(data) if data[:4] == b"PK\x03\x04" else _text(data)
    lines = list(_lines(rows))
    if not lines or len(lines) > MOST_LINES:
        raise Invalid("bad_statement")
    return lines


def _excel(data: bytes) -> Iterator[Sequence[str]]:
    import openpyxl

    try:
        book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        for row in book.worksheets[0].iter_rows(values_only=True, max_row=MOST_LINES + 100):
            yield [_cell(value) for value in row]
    except Exception as error:  # openpyxl raises whatever its parsers do
        raise Invalid("bad_statement") from error


def _cell(value: object) -> str:
    if isinstance(value, datetime):
        return value.strftime("%d/%m/%Y")
    if isinstance(value, float):
        return f"{value:.2f}"
    return "" if value is None else str(value)


def _text(data: bytes) -> Iterator[Sequence[str]]:
    if b"\x00" in data[:1024] and not data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise Invalid("bad_statement")
    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        text = data.decode("cp1252", errors="replace")
    lines = text.splitlines()
    tabs = sum("\t" in line for line in lines[:60]) > sum("," in line for line in lines[:60])
    try:
        yield from csv.reader(io.StringIO(text), delimiter="\t" if tabs else ",")
    except csv.Error as error:
        raise Invalid("bad_statement") from error


def _lines(rows: Iterable[Sequence[str]]) -> Iterator[Line]:
    columns: dict[str, int] | None = None
    for row in rows:
        if columns is None:
            columns = _columns(row)
            continue
        line = _line(columns, row)
        if line is not None:
            yield line


def _columns(row: Sequence[str]) -> dict[str, int] | None:
    """Which column means what, when the row is the row of headings."""
    found: dict[str, int] = {}
    for at, title in enumerate(row):
        plain = _LETTERS.sub("", title.lower())
        for name, titles in HEADINGS.items():
            if plain in titles:
                found.setdefault(name, at)
    if "date" not in found and "value_date" in found:
        found["date"] = found["value_date"]
    sided = "debit" in found and "credit" in found
    whole = {"date", "narration"} <= set(found) and (sided or {"amount", "side"} <= set(found))
    return found if whole else None


def _line(columns: Mapping[str, int], row: Sequence[str]) -> Line | None:
    def cell(name: str) -> str:
        at = columns.get(name)
        return row[at].strip().strip("'\"") if at is not None and at < len(row) else ""

    on = _date(cell("date"))
    paise = _signed(cell("debit"), cell("credit"), cell("amount"), cell("side"))
    if on is None or not paise:
        return None
    narration = " ".join(cell("narration").split())
    return Line(on, paise, narration, _reference(narration, cell("reference")))


def _signed(debit: str, credit: str, amount: str, side: str) -> int | None:
    if amount and side:
        paise = _paise(amount)
        return -paise if paise and side.upper().startswith("D") else paise
    came, went = _paise(credit), _paise(debit)
    return (came or 0) - (went or 0)


def _paise(text: str) -> int | None:
    plain = re.sub(r"[^\d.()-]", "", text)
    if not plain.strip("-.()"):
        return None
    try:
        value = Decimal(plain.strip("()"))
    except InvalidOperation:
        return None
    return abs(int((value * 100).to_integral_value()))


def _date(text: str) -> date | None:
    plain = text.split(" 00:")[0].strip()
    for form in DATES:
        try:
            return datetime.strptime(plain, form).date()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            continue
    return None


def _reference(narration: str, column: str) -> str | None:
    """The name that the payment has at the banks: an RRN of 12 digits, or a UTR."""
    bare = column.upper().strip().lstrip("0")
    if _RRN.fullmatch(bare) or _UTR.fullmatch(bare):
        return bare
    found = _RRN.search(narration) or _UTR.search(narration.upper())
    return found[0] if found else None
