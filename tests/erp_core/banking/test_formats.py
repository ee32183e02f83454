"""Statements of the large Indian banks, as they give them out, read alike."""

# ruff: noqa: E501 - the lines are as the banks write them

from __future__ import annotations

import io
from datetime import date, datetime

import openpyxl
import pytest

from erp_core.banking.formats import Line, read
from erp_core.kernel.errors import Invalid

HDFC = """\
HDFC BANK Ltd.,,,,,,
Statement of account,,,,,,
Date,Narration,Chq./Ref.No.,Value Dt,Withdrawal Amt.,Deposit Amt.,Closing Balance
********,**********,**********,********,**********,**********,**********
18/11/26,UPI-RAVI KUMAR-RAVI@OKSBI-SBIN0001234-632212345678-UPI,0000632212345678,18/11/26,,"1,500.00","51,500.00"
19/11/26,CHQ DEP - GUPTA TRADERS,000123,19/11/26,,5000.00,56500.00
20/11/26,EMI 1234,0000000000000000,20/11/26,2000.50,,54499.50
"""
SBI = """\
Account Name\t:\tSHARMA ELECTRONICS

Txn Date\tValue Date\tDescription\tRef No./Cheque No.\tDebit\tCredit\tBalance
18 Nov 2026\t18 Nov 2026\t   BY TRANSFER-UPI/CR/632212345678/RAVI KUMAR/SBIN/ravi@oksbi/UPI--\tTRANSFER FROM 4897\t \t1,500.00\t51,500.00
20 Nov 2026\t20 Nov 2026\tTO TRANSFER\t\t2,000.50\t\t49,499.50
"""
ICICI = """\
S No.,Value Date,Transaction Date,Cheque Number,Transaction Remarks,Withdrawal Amount (INR ),Deposit Amount (INR ),Balance (INR )
1,18/11/2026,18/11/2026,-,UPI/632212345678/UPI/ravi@oksbi/State Bank Of I,0.00,1500.00,51500.00
2,20/11/2026,20/11/2026,-,NEFT-SBINN52026112012345678-GUPTA TRADERS,2000.50,0.00,49499.50
"""
AXIS = """\
Tran Date,CHQNO,PARTICULARS,DR,CR,BAL,SOL
18-11-2026,,UPI/P2A/632212345678/RAVI KUMAR/State Ban/UPI,,1500.00,51500.00,1234
20-11-2026,,IMPS/P2A/632498765432/X,2000.50,,49499.50,1234
"""
KOTAK = """\
Sl. No.,Date,Description,Chq / Ref number,Amount,Dr / Cr,Balance,Dr / Cr
1,18/11/2026,UPI/RAVI KUMAR/632212345678/UPI,UPI-632212345678,"1,500.00",CR,"51,500.00",CR
2,20/11/2026,CASH WDL,,"2,000.50",DR,"49,499.50",CR
"""


@pytest.mark.parametrize("text", [HDFC, SBI, ICICI, AXIS, KOTAK])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_each_banks_file_gives_the_same_facts(text, encoding):
    lines = read(text.replace("\n", "\r\n").encode(encoding))
    first, last = lines[0], lines[-1]
    assert (first.on, first.paise, first.reference) == (date(2026, 11, 18), 1500_00, "632212345678")
    assert (last.on, last.paise) == (date(2026, 11, 20), -2000_50)


def test_excel_gives_them_too():
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["Sharma Electronics"])
    sheet.append(
        ["Date", "Narration", "Chq./Ref.No.", "Value Dt", "Withdrawal Amt.", "Deposit Amt."]
    )
    day = datetime(2026, 11, 18)  # noqa: DTZ001 - as Excel has it
    sheet.append([day, "UPI-RAVI KUMAR-632212345678", None, day, None, 1500.1])
    kept = io.BytesIO()
    book.save(kept)
    assert read(kept.getvalue()) == [
        Line(date(2026, 11, 18), 1500_10, "UPI-RAVI KUMAR-632212345678", "632212345678")
    ]


def test_a_neft_has_its_utr():
    assert read(ICICI.encode())[1].reference == "SBINN52026112012345678"


@pytest.mark.parametrize(
    "data",
    [
        b"", b"hello", b"PK\x03\x04 broken", b"\xd0\xcf\x11\xe0" + b"\x00" * 600,
        b"Date,Narration,Debit,Credit\n", b"a,b\n" * 50, b"\x00" * 100, b"%PDF-1.4",
        b"Date,Narration,Debit,Credit\n99/99/2026,x,,5\n",
    ],
)  # fmt: skip
def test_what_is_no_statement_is_refused(data):
    with pytest.raises(Invalid, match="bad_statement"):
        read(data)


def test_a_file_without_end_is_refused():
    with pytest.raises(Invalid, match="bad_statement"):
        read(b"Date,Narration,Debit,Credit\n" + b"18/11/2026,x,,5\n" * 10_001)
