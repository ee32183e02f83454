"""E-invoices against a portal that behaves as the real one: registered once, whatever goes wrong.

The number's vector is a published one; the signature is checked by PyJWT, the printed code by
ZXing, the document by jsonschema: each knows nothing of Bahi.
"""

from __future__ import annotations

import json
from datetime import date
from uuid import UUID

import jwt
import pypdfium2
import pytest
import zxingcpp
from sqlalchemy import select

from erp_core.expenses.service import log_expense
from erp_core.invoicing import notes, pdf, registration
from erp_core.invoicing.equipment import sell_equipment
from erp_core.invoicing.queries import invoice
from erp_core.invoicing.registration import registration_of
from erp_core.invoicing.service import share_invoice
from erp_core.journal.jobs import run_due
from erp_core.journal.models import outbox
from erp_core.kernel.errors import Conflict, Invalid
from erp_core.kernel.settings import Settings
from erp_core.parties.service import add_customer
from erp_core.portals import due, einvoicing, eway, inv01, profile, signed
from erp_core.portals.settling import settle_return
from erp_core.reports.gst.gstr1 import gstr1
from erp_core.reports.gst.gstr3b import gstr3b
from erp_core.runtime import default_handlers
from simulator import gst_portal

SECRET_KEY = "an installation's own secret"
SANDBOX = "01AMBPG7773M002"


def state(shop, invoice_id):
    with shop.read() as reader:
        return registration_of(reader, invoice_id)


def told(shop):
    with shop.bahi.database.tenant(shop.business) as connection:
        return list(connection.execute(select(outbox.c.response).order_by(outbox.c.id)).scalars())


def drawn(shop, invoice_id):
    with shop.read() as reader:
        return pdf.render(reader, invoice_id, "english")


def test_the_number_is_the_published_one():
    made = inv01.irn(SANDBOX, date(2022, 12, 1), "INV", "SINV-CFY-00067")
    assert made == "706daeccda0ef6f818da78f3a2a05a1288731057373002289b46c3229289a2e7"


def test_the_number_counts_in_capitals_and_by_financial_year():
    assert inv01.irn(SANDBOX, date(2026, 3, 31), "INV", "a1") == inv01.irn(
        SANDBOX, date(2025, 4, 1), "INV", "A1"
    )
    assert inv01.irn(SANDBOX, date(2026, 4, 1), "INV", "A1") != inv01.irn(
        SANDBOX, date(2026, 3, 31), "INV", "A1"
    )


def test_a_bill_to_a_business_is_registered_and_who_made_it_is_told(shop):
    invoice_id = shop.bill()
    assert state(shop, invoice_id).status == "waiting"
    assert shop.work() == 0
    known = state(shop, invoice_id)
    assert known.status == "registered"
    with shop.read() as reader:
        assert known.irn == inv01.irn_of(invoice(reader, invoice_id))
    assert told(shop)[-1] == "utter_notify_einvoice_done"


def test_the_document_fits_the_schema(shop):
    invoice_id = shop.bill()
    with shop.read() as reader:
        content = inv01.payload(invoice(reader, invoice_id))
    inv01.validator().validate(content)
    assert content["ValDtls"]["TotInvVal"] == 188564
    assert content["BuyerDtls"]["Pin"] == 560025
    assert content["BuyerDtls"]["Loc"] == "Bengaluru"


@pytest.mark.parametrize(
    ("where", "value"),
    [
        (("DocDtls", "No"), "0-STARTS-WITH-0"),
        (("DocDtls", "No"), "INV-27-2425-00001"),
        (("DocDtls", "Dt"), "20-11-2026"),
        (("SellerDtls", "Pin"), 12345),
        (("TranDtls", "SupTyp"), "B2C"),
        (("ValDtls", "RndOffAmt"), 100),
        (("BuyerDtls", "LglNm"), 'A "quoted" name'),
    ],
)
def test_the_schema_rejects_what_the_portal_would(shop, where, value):
    invoice_id = shop.bill()
    with shop.read() as reader:
        content = inv01.payload(invoice(reader, invoice_id))
    content[where[0]][where[1]] = value
    assert inv01.faults(content)


def test_the_signature_holds_for_another_library_and_a_changed_token_is_refused(shop):
    invoice_id = shop.bill()
    shop.work()
    token = state(shop, invoice_id).signed_qr
    key = gst_portal.public_pem("sign")
    claims = jwt.decode(token, key, algorithms=["RS256"])
    assert json.loads(claims["data"])["DocNo"] == "INV27-2627-00001"
    assert signed.read_qr(signed.data_of(token)).total_paise == 188_564_00
    head, body, signature = token.split(".")
    forged = ".".join([head, body[:-4] + "AAAA", signature])
    with pytest.raises(Invalid):
        signed.verified(forged, [key])


def test_the_printed_code_is_read_by_another_tool(shop):
    invoice_id = shop.bill()
    shop.work()
    content = drawn(shop, invoice_id)
    document = pypdfium2.PdfDocument(content)
    assert len(document) == 1
    known = state(shop, invoice_id)
    assert known.irn in document[0].get_textpage().get_text_range()
    read = zxingcpp.read_barcodes(document[0].render(scale=3).to_pil().convert("L"))
    assert known.signed_qr in [one.text for one in read]


def test_a_bill_that_waits_says_so_on_paper(shop):
    text = pypdfium2.PdfDocument(drawn(shop, shop.bill()))[0].get_textpage().get_text_range()
    assert "no tax invoice until" in text


def test_what_the_portal_signed_must_be_our_document(shop, monkeypatch):
    honest = gst_portal._qr
    monkeypatch.setattr(gst_portal, "_qr", lambda *of: {**honest(*of), "TotInvVal": 1})
    invoice_id = shop.bill()
    shop.work()
    assert state(shop, invoice_id).error_code == "bad_signature"


def test_a_token_signed_by_somebody_else_is_refused(shop, monkeypatch):
    honest = gst_portal.sign
    monkeypatch.setattr(gst_portal, "sign", lambda data: honest(data)[:-6] + "AAAAAA")
    invoice_id = shop.bill()
    shop.work()
    assert state(shop, invoice_id).error_code == "bad_signature"


def test_a_bill_without_its_number_does_not_leave(shop):
    invoice_id = shop.bill()
    with pytest.raises(Conflict, match="einvoice_waiting"):
        shop.run(share_invoice, invoice_id=invoice_id)
    shop.work()
    shop.run(share_invoice, invoice_id=invoice_id)


def test_a_portal_that_is_away_is_waited_for_and_told_of_once(shop):
    shop.world.mood.fails = 3
    invoice_id = shop.bill()
    assert shop.work() == 1
    shop.clock.forward(hours=1)
    assert shop.work() == 1
    assert told(shop).count("utter_notify_einvoice_delayed") == 1
    assert state(shop, invoice_id).status == "waiting"
    shop.world.mood.fails = 0
    shop.clock.forward(hours=2)
    shop.work()
    assert state(shop, invoice_id).status == "registered"


def test_an_answer_that_is_lost_is_fetched_and_nothing_is_registered_twice(shop):
    shop.world.mood.lost = True
    invoice_id = shop.bill()
    assert shop.work() == 1
    assert len(shop.world.documents) == 1
    shop.clock.forward(hours=1)
    shop.work()
    assert state(shop, invoice_id).status == "registered"
    assert len(shop.world.documents) == 1


def test_a_token_that_went_stale_is_made_anew(shop):
    shop.bill()
    shop.work()
    shop.world.tokens.clear()
    second = shop.bill()
    shop.work()
    assert state(shop, second).status == "registered"


def test_what_is_older_than_thirty_days_is_refused_with_the_code_of_the_portal(shop):
    shop.world.mood.fails = 1
    invoice_id = shop.bill()
    shop.work()
    shop.clock.forward(days=32)
    shop.work()
    known = state(shop, invoice_id)
    assert (known.status, known.error_code) == ("refused", "2305")
    assert told(shop)[-1] == "utter_notify_einvoice_refused"


def test_an_inactive_buyer_is_refused_and_asked_for_again_later(shop):
    shop.world.inactive.add("29AAGCB7383J1Z4")
    invoice_id = shop.bill()
    shop.work()
    assert state(shop, invoice_id).error_code == "3029"
    shop.world.inactive.clear()
    shop.run(einvoicing.ask_again, invoice_id=invoice_id)
    shop.work()
    assert state(shop, invoice_id).status == "registered"


def test_an_address_without_a_pin_is_found_before_the_portal_is_asked(shop):
    other = shop.run(
        add_customer, name="Bare", phone="919123456701", gstin="29AAGCB7383J1Z4", address="MG Road"
    )
    invoice_id = shop.bill(UUID(other["customer_id"]))
    shop.work()
    assert state(shop, invoice_id).error_code == "no_pin_buyer"
    assert shop.world.documents == {}


def test_a_pin_of_another_state_is_found(shop):
    other = shop.run(
        add_customer, name="Far", phone="919123456702", gstin="29AAGCB7383J1Z4",
        address="MG Road, Pune 411001",
    )  # fmt: skip
    invoice_id = shop.bill(UUID(other["customer_id"]))
    shop.work()
    assert state(shop, invoice_id).error_code == "other_pin_buyer"


def test_a_consumer_s_bill_needs_none(shop):
    other = shop.run(add_customer, name="Ravi", phone="919123456703")
    assert state(shop, shop.bill(UUID(other["customer_id"]))) is None


@pytest.mark.parametrize(("crore", "planned"), [(5, False), (6, True)])
def test_the_turnover_decides(shop, crore, planned):
    shop.run(profile.set_profile, turnover_paise=crore * 1_00_00_000_00)
    assert (state(shop, shop.bill()) is not None) is planned


def test_within_a_day_a_bill_is_cancelled_at_the_portal_first(shop):
    invoice_id = shop.bill()
    shop.work()
    done = shop.run(notes.undo_bill, actor=shop.owner, invoice_id=invoice_id, reason="mistake")
    assert done["how"] == "cancelling"
    with shop.read() as reader:
        assert invoice(reader, invoice_id).status == "issued"
    with pytest.raises(Conflict, match="einvoice_cancelling"):
        shop.run(notes.credit_invoice, invoice_id=invoice_id, reason="mistake")
    shop.clock.forward(minutes=1)
    shop.work()
    with shop.read() as reader:
        assert invoice(reader, invoice_id).status == "cancelled"
    assert state(shop, invoice_id).status == "cancelled"
    assert told(shop)[-1] == "utter_notify_einvoice_cancelled"
    assert [one["Status"] for one in shop.world.documents.values()] == ["CNL"]


def test_what_the_portal_lets_go_of_after_the_month_is_undone_within_it(shop):
    shop.clock.forward(days=10, hours=10)  # the evening of 30 November
    invoice_id = shop.bill()
    shop.work()
    shop.world.mood.fails = 1
    shop.run(notes.undo_bill, actor=shop.owner, invoice_id=invoice_id, reason="mistake")
    shop.work()
    shop.clock.forward(hours=4)
    november = date(2026, 11, 1)
    with pytest.raises(Conflict, match="bills_being_cancelled") as waits:
        shop.run(settle_return, month=november)
    with shop.read() as reader:
        assert waits.value.facts == {"numbers": invoice(reader, invoice_id).number}
    shop.work()
    with shop.read() as reader:
        assert (reader.today, invoice(reader, invoice_id).status) == (
            date(2026, 12, 1), "cancelled"
        )  # fmt: skip
        told = [gstr3b(reader, one) for one in (november, reader.today)]
    assert [(one.taxable.tax, one.difference) for one in told] == [(0, 0), (0, 0)]
    assert shop.run(settle_return, month=november)["owed"] == 0


def test_equipment_whose_bill_the_portal_lets_go_of_late_comes_back_in_the_month_of_its_bill(shop):
    shop.clock.forward(days=10, hours=10)  # the evening of 30 November
    bought = shop.run(log_expense, amount_paise=47_200_00, gst_paise=7_200_00, item="laptop")
    sold = shop.run(
        sell_equipment, actor=shop.owner, expense_id=UUID(bought["expense_id"]),
        customer_id=shop.buyer, amount_paise=23_600_00,
    )  # fmt: skip
    shop.work()
    shop.world.mood.fails = 1
    shop.run(
        notes.undo_bill, actor=shop.owner, invoice_id=UUID(sold["invoice_id"]), reason="mistake"
    )
    shop.work()
    november = date(2026, 11, 1)
    with shop.read() as reader:
        assert gstr3b(reader, november).given_back.tax == sold["credit_back"] == 3_240_00
    shop.clock.forward(hours=4)
    shop.work()
    with shop.read() as reader:
        told = [gstr3b(reader, one) for one in (november, reader.today)]
    assert [(one.available.tax, one.given_back.tax) for one in told] == [(7_200_00, 0), (0, 0)]


def test_after_a_day_it_is_a_credit_note_which_is_registered_itself(shop):
    invoice_id = shop.bill()
    shop.work()
    shop.clock.forward(hours=25)
    done = shop.run(notes.undo_bill, actor=shop.owner, invoice_id=invoice_id, reason="mistake")
    assert done["how"] == "credited"
    shop.work()
    known = state(shop, UUID(done["note_id"]))
    assert (known.status, known.document_kind) == ("registered", "credit_note")
    assert signed.read_qr(signed.data_of(known.signed_qr)).kind == "CRN"


def test_a_cancellation_that_comes_too_late_becomes_a_credit_note(shop):
    invoice_id = shop.bill()
    shop.work()
    shop.world.mood.fails = 1
    shop.run(notes.undo_bill, actor=shop.owner, invoice_id=invoice_id, reason="mistake")
    shop.clock.forward(hours=25)
    shop.work()
    shop.clock.forward(hours=1)
    shop.work()
    with shop.read() as reader:
        assert invoice(reader, invoice_id).status == "issued"
        assert [one.kind for one in notes.notes_of(reader, invoice_id)] == ["credit_note"]
    assert state(shop, invoice_id).status == "registered"


def test_a_bill_that_is_cancelled_before_the_portal_had_it_is_never_sent(shop):
    shop.world.mood.fails = 1
    invoice_id = shop.bill()
    shop.work()
    done = shop.run(notes.undo_bill, actor=shop.owner, invoice_id=invoice_id, reason="mistake")
    assert done["how"] == "cancelled"
    shop.clock.forward(hours=1)
    shop.work()
    assert state(shop, invoice_id).status == "dropped"
    assert shop.world.documents == {}


def test_one_that_the_portal_had_meanwhile_is_cancelled_there_too(shop):
    shop.world.mood.lost = True
    invoice_id = shop.bill()
    shop.work()
    given = next(iter(shop.world.documents.values()))
    shop.run(notes.undo_bill, actor=shop.owner, invoice_id=invoice_id, reason="mistake")
    shop.run(
        einvoicing.keep, document_id=invoice_id, irn=given["Irn"], ack_no=str(given["AckNo"]),
        ack_at="2026-11-20T12:00:00+05:30", signed_qr=given["SignedQRCode"],
    )  # fmt: skip
    shop.work()
    assert state(shop, invoice_id).status == "cancelled"
    assert [one["Status"] for one in shop.world.documents.values()] == ["CNL"]


def test_a_shop_without_an_account_is_told_so(shop, database):
    with database.tenant(shop.business) as connection:
        connection.exec_driver_sql("DELETE FROM portal_accounts")
    invoice_id = shop.bill()
    shop.work()
    assert state(shop, invoice_id).error_code == "portal_not_connected"
    assert told(shop)[-1] == "utter_notify_einvoice_refused"


def test_the_return_names_what_is_not_registered_and_counts_what_is(shop):
    shop.bill()
    shop.work()
    shop.world.inactive.add("29AAGCB7383J1Z4")
    shop.bill()
    shop.work()
    with shop.read() as reader:
        found = gstr1(reader, date(2026, 11, 1))
    assert [(one.number, one.code) for one in found.problems] == [("INV27-2627-00002", "einvoice")]
    assert found.registered == 1


def test_the_processes_do_these_jobs_by_their_settings(shop, stand_in, monkeypatch, tmp_path):
    monkeypatch.setenv("BAHI_GST_URL", stand_in.address)
    settings = Settings.load({"BAHI_DATA_DIR": str(tmp_path), "BAHI_SECRET_KEY": SECRET_KEY})
    handlers = default_handlers(settings)
    wanted = {
        einvoicing.JOB, registration.CANCEL_JOB, eway.JOB, eway.CANCEL_JOB, due.JOB,
    }  # fmt: skip
    assert wanted <= set(handlers)
    invoice_id = shop.bill()
    mine = {
        kind: lambda work, do=do: do(work) if work.business_id == shop.business else None
        for kind, do in handlers.items()
    }
    run_due(shop.bahi, mine)
    assert state(shop, invoice_id).status == "registered"


def test_states_end(shop):
    assert registration.STATES.after("cancelled") == frozenset()
