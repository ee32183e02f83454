"""E-invoices and GSTR-2B by chat, with a portal that answers, stays away, and refuses."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from datetime import date

import pytest
from harness import Talk
from sqlalchemy import update

from erp_core.adapters import irp, nic
from erp_core.expenses.service import log_expense
from erp_core.invoicing.queries import latest_invoice
from erp_core.invoicing.registration import registration_of
from erp_core.journal.jobs import run_due
from erp_core.kernel.actor import SYSTEM
from erp_core.kernel.ids import new_id
from erp_core.parties.models import businesses, customers
from erp_core.portals import due, einvoicing, gstr2b, profile
from simulator.gst_portal import Server, World

KEY = "an installation's own secret"
CRORE = 1_00_00_000_00


def run(talk, command, **arguments):
    return talk.bahi.run(talk.business_id, SYSTEM, str(new_id()), command, **arguments)


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def work(talk: Talk, world: World) -> Iterator[Callable[[], None]]:
    """The shop is above the threshold; doing its jobs."""
    server = Server(world)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    world.now = talk.bahi.clock.now
    bahi, business = talk.bahi, talk.business_id
    with bahi.database.tenant(business) as connection:
        connection.execute(
            update(businesses)
            .where(businesses.c.id == business)
            .values(address="12, Laxmi Road, Pune 411030")
        )
        connection.execute(
            update(customers)
            .where(customers.c.business_id == business, customers.c.name == "Patel Mobiles")
            .values(address="Ashram Road, Ahmedabad 380009", gstin="24AAACC1206D1ZM")
        )
    account = nic.Account("27AAPFU0939F1ZV", "sharma", "a password", "client", "secret")
    sealed = account.sealed(KEY, business).hex()
    bahi.run(business, SYSTEM, "connect", profile.connect, portal="irp", sealed=sealed)
    bahi.run(business, SYSTEM, "turnover", profile.set_profile, turnover_paise=6 * CRORE)
    nic._tokens.clear()
    handlers = einvoicing.handlers(irp.opener(KEY, server.address))
    mine = {
        kind: lambda job, do=do: do(job) if job.business_id == business else None
        for kind, do in handlers.items()
    }

    def do_jobs() -> None:
        run_due(bahi, {due.JOB: lambda _: None, **mine})

    yield do_jobs
    server.shutdown()
    server.server_close()


def sell(talk: Talk) -> str:
    """A bill to a business in another state; what was said of it."""
    talk.say(
        "owner",
        "[Patel Mobiles](customer_name) ko [2](quantity) [iPhone 15](product_name) ka order",
        "order_create",
    )
    talk.tap("owner", "✅ Haan")
    talk.say("owner", "bill banao", "invoice_generate")
    return talk.tap("owner", "✅").text


def last_told(talk: Talk) -> str:
    return talk.told()[-1][1]


def test_an_e_invoice_comes_by_itself_and_the_bill_leaves_only_then(talk, work):
    assert "darj ho raha hai" in sell(talk)
    said = talk.say("owner", "[Patel](customer_name) ko bill bhejo", "invoice_share")
    assert "abhi portal se nahi aaya" in said.text
    work()
    assert "IRN aur QR bill par hain" in last_told(talk)
    said = talk.say("owner", "[Patel](customer_name) ko bill bhejo", "invoice_share")
    assert "bhej" in said.text
    assert "nahi aaya" not in said.text
    said = talk.say("owner", "iska irn kya hai", "nlu_fallback")
    with talk.bahi.read(talk.business_id) as reader:
        assert latest_invoice(reader).number in said.text
    assert any(len(word) == 64 for word in said.text.split())


def test_a_portal_that_is_away_is_told_of_kindly(talk, work, world):
    world.mood.fails = 1
    sell(talk)
    work()
    assert "portal abhi band hai" in last_told(talk)


def test_a_refusal_says_why_and_is_tried_again_by_a_tap(talk, work, world):
    world.inactive.add("24AAACC1206D1ZM")
    sell(talk)
    work()
    assert "GSTIN abhi band ya suspended" in last_told(talk)
    said = talk.say("owner", "e-invoice ka kya hua", "nlu_fallback")
    assert "suspended" in said.text
    world.inactive.clear()
    assert "phir se portal" in talk.tap("owner", "🔁").text
    work()
    assert "IRN aur QR" in last_told(talk)


def test_a_bill_is_cancelled_at_the_portal_first(talk, work, world):
    sell(talk)
    work()
    talk.say("owner", "ye bill cancel karo", "order_cancel")
    assert "portal par cancel karwa raha" in talk.tap("owner", "✅").text
    work()
    assert "portal par aur yahan cancel" in last_told(talk)
    assert [one["Status"] for one in world.documents.values()] == ["CNL"]


def test_a_gstr2b_that_is_sent_is_read_by_a_job_and_shown_by_a_tap(talk):
    media = {"kind": "document", "id": "abc", "mime": "application/json", "content": "other",
             "trouble": ""}  # fmt: skip
    said = talk.say("owner", "", "nlu_fallback", kind="document", media=media)
    assert "GSTR-2B ki file padh raha" in said.text
    bill = {
        "inum": "A9", "dt": "10-10-2026", "val": 1180, "txval": 1000, "igst": 180, "cgst": 0,
        "sgst": 0, "cess": 0, "itcavl": "Y",
    }  # fmt: skip
    tables = {"b2b": [{"ctin": "29AAGCB7383J1Z4", "trdnm": "METRO", "inv": [bill]}]}
    data = {"gstin": "27AAPFU0939F1ZV", "rtnprd": "102026", "docdata": tables}
    file = json.dumps({"data": data}).encode()
    run_due(talk.bahi, {gstr2b.JOB: gstr2b.reads(lambda _: file)})
    assert "1 2B me hain par yahan nahi likhe" in last_told(talk)
    talk.person("owner").buttons = [
        {"title": "🔎", "payload": '/gst_export{"act": "gstr2b", "choice": "2026-10"}'}
    ]
    shown = talk.tap("owner", "🔎").text
    assert "METRO A9: ₹180 2B me hai, yahan nahi likha" in shown


def test_a_bill_without_credit_is_not_called_missing(talk):
    spent = {
        "amount_paise": 1180_00, "gst_paise": 180_00, "vendor": "Metro",
        "supplier_gstin": "29AAGCB7383J1Z4",
    }  # fmt: skip
    run(talk, log_expense, **spent, category="rent", number="R7", on=date(2025, 2, 10))
    run(talk, log_expense, **spent, category="food", number="F8", on=date(2026, 10, 10))
    rows = [
        {"inum": number, "dt": on, "val": 1180, "txval": 1000, "igst": 180}
        for number, on in (("R7", "10-02-2025"), ("F8", "10-10-2026"))
    ]
    tables = {"b2b": [{"ctin": "29AAGCB7383J1Z4", "trdnm": "METRO", "inv": rows}]}
    data = {"gstin": "27AAPFU0939F1ZV", "rtnprd": "102026", "docdata": tables}
    statement = gstr2b.read(json.dumps({"data": data}).encode())
    run(talk, gstr2b.import_statement, **gstr2b.as_facts(statement))
    talk.say("owner", "hi", "greeting")
    talk.person("owner").buttons = [
        {"title": "🔎", "payload": '/gst_export{"act": "gstr2b", "choice": "2026-10"}'}
    ]
    shown = talk.tap("owner", "🔎").text.splitlines()
    assert shown[1:] == [
        "✅ 0 bill mil gaye: ₹0 ka credit.",
        "⌛ Metro R7: ₹180 yahan likha hai, par credit ka samay nikal chuka tha (section 16(4)): "
        "2B me ho to bhi nahi milega",
        "🚫 Metro F8: ₹180 yahan likha hai, iska credit nahi liya (kharche me gaya)",
        "",
        "Kuch karne ki zaroorat nahi.",
    ]


def test_a_file_that_is_none_is_told_of(talk):
    media = {"kind": "document", "id": "abc", "mime": "application/json", "content": "other",
             "trouble": ""}  # fmt: skip
    talk.say("owner", "", "nlu_fallback", kind="document", media=media)
    run_due(talk.bahi, {gstr2b.JOB: gstr2b.reads(lambda _: b"{}")})
    assert "GSTR-2B ki JSON file nahi lagti" in last_told(talk)


def test_reminders_of_returns_are_stopped_by_a_tap(talk):
    talk.say("owner", "hi", "greeting")
    talk.person("owner").buttons = [
        {"title": "🔕", "payload": '/gst_export{"act": "due_off", "choice": "2026-10"}'}
    ]
    assert "yaad nahi dilaunga" in talk.tap("owner", "🔕").text
    with talk.bahi.read(talk.business_id) as reader:
        assert profile.profile(reader).reminds is False


def test_an_e_invoice_to_a_wrong_gstin_is_credited_and_billed_anew(talk, work):
    sell(talk)
    work()
    said = talk.say("owner", "is bill me GSTIN galat hai, sahi hai 24AAACR5055K1ZD", "nlu_fallback")
    assert "darj e-invoice sudhara nahi jata" in said.text
    assert "24 ghante poore nahi hue" in said.text
    said = talk.tap("owner", "🧾 Naya bill banao")
    assert "INV27-2627-00002" in said.text
    assert "CN27-2627-00001" in said.text
    work()
    with talk.bahi.read(talk.business_id) as reader:
        document = latest_invoice(reader)
        assert (document.number, document.customer_gstin) == ("INV27-2627-00002", "24AAACR5055K1ZD")
        assert registration_of(reader, document.id).status == "registered"
