"""A purchase order as its vendor gets it: words and PDF."""

from __future__ import annotations

from uuid import UUID

from actions.phrasebook import Phrasebook
from actions.talk.tellings import Words
from channels.whatsapp.attachments import resolve
from erp_core.journal import outbox
from erp_core.parties.queries import business as business_of
from erp_core.purchases.ordering import place_order
from erp_core.reports.purchase_paper import order_paper


def test_a_vendor_gets_the_goods_in_words_and_on_paper(run, market, bahi, business, reader_of):
    wanted = [{"product_id": str(market.maggi), "quantity": "40"}]
    placed = run(place_order, vendor_id=market.metro, lines=wanted)
    with reader_of() as reader:
        (row,) = outbox.claim_outbox(reader.connection, business, now=bahi.clock.now())
        shop = business_of(reader)
        words = Words(reader, Phrasebook.load(), shop=shop).of(row, "hinglish")["text"]
        drawn = order_paper(reader, UUID(placed["order_id"]), "hindi")
    assert "Sharma Electronics" in words
    assert "PO27-2627-00001" in words
    assert "Maggi: *40 packet" in words
    assert drawn.title == "ख़रीद ऑर्डर PO27-2627-00001"
    assert "Metro Traders (GSTIN 27AAACR5055K1Z7)" in drawn.subtitle
    assert [one.cells for one in drawn.rows] == [("Maggi", "40 packet", 10_00)]
    for language in ("english", "hindi"):
        file = resolve(bahi, business, row.attachment, language)
        assert (file.filename, file.data[:5]) == ("PO27-2627-00001.pdf", b"%PDF-")
