"""Files that people send are opened in a process that may die, wait in order, and are told once."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import io
import json
import random
from datetime import date
from pathlib import Path
from typing import Any

import psutil
import pypdfium2
import pytest
import segno
from hostile_files import HOSTILE, LOCKED, picture
from PIL import Image
from redis.asyncio import Redis

from channels.whatsapp import keys
from channels.whatsapp.crypto import Vault
from channels.whatsapp.inbox import Inbox
from channels.whatsapp.media import kind_of
from channels.whatsapp.messages import InboundMessage, Media, Sender
from channels.whatsapp.reader import results_of
from channels.whatsapp.reading_codes import codes_in, with_codes
from channels.whatsapp.reading_files import LONGEST_SIDE, Refused, look_of, pages
from channels.whatsapp.reading_pool import Died, Reader, environment
from channels.whatsapp.readings import FEW, Ask, Readings

TODAY = date(2026, 11, 20)


def pdf(count: int) -> bytes:
    sheets = [Image.new("RGB", (300, 400), "white") for _ in range(count)]
    output = io.BytesIO()
    sheets[0].save(output, "PDF", save_all=True, append_images=sheets[1:])
    return output.getvalue()


@pytest.mark.parametrize("name", HOSTILE)
def test_what_cannot_be_a_bill_is_refused_before_it_is_unpacked(name: str) -> None:
    data, code = HOSTILE[name]
    with pytest.raises(Refused) as refused:
        list(pages(data))
    assert refused.value.code == code


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "PDF"])
def test_a_file_changed_anywhere_is_a_picture_or_refused(kind: str) -> None:
    chance = random.Random(20_268)
    whole = picture(kind, size=(240, 320))
    for _ in range(60):
        changed = bytearray(whole)
        at, length = chance.randrange(len(whole)), chance.randint(1, 400)
        end = chance.choice((at, at + length, len(whole)))
        changed[at:end] = chance.randbytes(chance.choice((0, 1, length)))
        with contextlib.suppress(Refused):
            for page in pages(bytes(changed)):
                codes_in(page.data)


def test_a_file_is_what_its_first_bytes_say() -> None:
    assert kind_of(picture()) == "jpeg"
    assert kind_of(picture("PNG")) == "png"
    assert kind_of(picture("WEBP")) == "webp"
    assert kind_of(pdf(1)) == "pdf"
    assert kind_of(b"PK\x03\x04" + picture()) == "other"
    assert kind_of(b"RIFF1234WAVE") == "other"


def test_a_picture_goes_on_upright_smaller_and_without_what_it_told_of_itself() -> None:
    exif = Image.Exif()
    exif[0x0112], exif[0x010E] = 6, "where I live"
    data = picture(size=(4_000, 3_000), exif=exif)
    (page,) = pages(data)
    read = Image.open(io.BytesIO(page.data))
    assert read.height > read.width
    assert max(read.size) <= LONGEST_SIDE
    assert b"where I live" in data
    assert b"where I live" not in page.data


def test_exif_that_makes_no_sense_is_ignored() -> None:
    data = picture()
    broken = data[:2] + b"\xff\xe1\x00\x10Exif\0\0II*\0\xff\xff\xff\xff" + data[2:]
    assert len(list(pages(broken))) == 1


def test_a_picture_with_a_program_behind_it_is_a_picture_alone() -> None:
    (page,) = pages(picture() + b"PK\x03\x04<script>")
    assert b"<script>" not in page.data


def test_the_pages_of_a_pdf_are_pictures_ten_at_most() -> None:
    assert len(list(pages(pdf(2)))) == 2
    assert len(list(pages(pdf(14)))) == 10


def test_near_identical_pictures_look_alike_and_others_do_not() -> None:
    shape = Image.linear_gradient("L").resize((400, 500)).convert("RGB")
    again = shape.resize((360, 450)).point(lambda shade: min(255, shade + 9))
    other = Image.radial_gradient("L").resize((400, 500)).convert("RGB")
    assert bits_apart(look_of(shape), look_of(again)) <= 20
    assert bits_apart(look_of(shape), look_of(other)) > 60


def bits_apart(one: str, other: str) -> int:
    return bin(int(one, 16) ^ int(other, 16)).count("1")


# The process that opens files.


@pytest.fixture
def reader(tmp_path: Path) -> Reader:
    return Reader(tmp_path / "reading", deadline=240)


def reading_children() -> list[psutil.Process]:
    """The processes of ours that read; the servers of the tests are our children as well."""
    alive = (one for one in psutil.Process().children() if one.status() != psutil.STATUS_ZOMBIE)
    return [one for one in alive if "channels.whatsapp.reading_child" in one.cmdline()]


def test_a_process_that_dies_harms_nobody(reader: Reader) -> None:
    async def run() -> None:
        await reader.start()
        (child,) = reading_children()
        child.suspend()
        asking = asyncio.create_task(reader.read(picture(size=(3_000, 3_000)), today=TODAY))
        await asyncio.sleep(0.05)
        child.kill()
        with pytest.raises(Died):
            await asking
        answer = await reader.read(b"", today=TODAY)
        assert answer["code"] == "wrong_type"
        await reader.stop()

    asyncio.run(run())


def test_out_of_time_it_is_ended_and_leaves_nothing_behind(tmp_path: Path) -> None:
    folder = tmp_path / "reading"

    async def run() -> None:
        slow = Reader(folder, deadline=0.01)
        await slow.start()
        (child,) = reading_children()
        child.suspend()
        (folder / "half").write_bytes(b"a picture")
        with pytest.raises(Died) as died:
            await slow.read(picture(), today=TODAY)
        assert died.value.code == "too_slow"
        assert not child.is_running() or child.status() == psutil.STATUS_ZOMBIE
        assert list(folder.iterdir()) == []

    asyncio.run(run())


def test_it_knows_no_secret_and_has_bounded_memory(reader: Reader, tmp_path: Path) -> None:
    given = {"PATH": "/bin", "BAHI_SECRET_KEY": "x", "DATABASE_URL": "y", "BAHI_VISION_URL": "z"}
    assert set(environment(given, tmp_path)) & set(given) == {"PATH", "BAHI_VISION_URL"}

    async def run() -> None:
        await reader.start()
        (child,) = reading_children()
        assert child.rlimit(psutil.RLIMIT_AS)[1] <= 2 * 1024**3
        assert child.rlimit(psutil.RLIMIT_FSIZE)[1] <= 64 * 1024**2
        assert not [name for name in child.environ() if "SECRET" in name or name.endswith("_URL")]
        await reader.stop()

    asyncio.run(run())


# The queue.


def message(at: int, sender: str = "911") -> InboundMessage:
    media = Media("image", f"m{at}", "image/jpeg")
    return InboundMessage(
        f"wamid.{sender}.{at}", "1065", Sender(phone=sender), "media", 1, media=media
    )


async def taken_in_order(readings: Readings) -> list[str]:
    found = []
    while (taken := await readings.take("me")) is not None:
        ask = readings.read(taken)
        assert ask is not None
        found.append(ask.media)
        await readings.end(taken)
    return found


def connect(stores: Any) -> Redis[bytes]:
    return Redis.from_url(stores.redis)


def test_whoever_sends_a_pile_lets_others_go_first(stores: Any, redis: Any) -> None:
    async def run() -> None:
        readings = Readings(connect(stores), Vault("key"))
        await readings.open()
        for at in range(FEW + 2):
            await readings.ask("a", Ask(f"a{at}", message(at)))
        await readings.ask("b", Ask("b0", message(0, "912")))
        assert await taken_in_order(readings) == ["a0", "a1", "a2", "b0", "a3", "a4"]
        assert redis.hlen(keys.READING_CHATS) == 0

    asyncio.run(run())


def test_past_the_bound_a_file_is_put_off_and_past_the_next_refused(
    stores: Any, redis: Any
) -> None:
    async def run() -> None:
        readings = Readings(connect(stores), Vault("key"), bound=2, later=1)
        await readings.open()
        assert await readings.room("z") == ("now", 0)
        places = [await readings.ask(f"c{at}", Ask(f"m{at}", message(at))) for at in range(4)]
        assert places == [0, 0, 2, -1]
        assert await readings.room("c0") == ("none", 1)

    asyncio.run(run())


def test_a_file_is_asked_for_once_though_the_turn_runs_again(stores: Any, redis: Any) -> None:
    async def run() -> None:
        readings = Readings(connect(stores), Vault("key"))
        await readings.open()
        for _ in range(3):
            await readings.ask("a", Ask("a0", message(0)))
        assert await readings.depth() == [1, 0, 0]

    asyncio.run(run())


def test_what_a_dead_reader_had_in_hand_is_taken_over_and_told_once(
    stores: Any, redis: Any
) -> None:
    async def run() -> None:
        client = connect(stores)
        vault = Vault("key")
        readings, inbox = Readings(client, vault), Inbox(client, vault)
        await readings.open()
        chat = inbox.chat_of("1065", "911")
        ask = Ask("a0", message(0))
        await readings.ask(chat, ask)
        dead = await readings.take("dead")
        assert dead is not None
        await readings.tell(inbox, dead, ask, [{"kind": "no_receipt"}])

        assert await readings.take_over("me", 0, {dead.id}) is None
        again = await readings.take_over("me", 0, ())
        assert again is not None
        assert again.tries > 1
        await readings.tell(inbox, again, ask, [{"kind": "no_receipt"}])
        assert await readings.end(again) is True
        assert await readings.end(dead) is False
        assert sum(await inbox.depth()) == 1
        assert not redis.keys("bahi:window:*")

    asyncio.run(run())


# What is told of a file.


def page(kind: str = "receipt", **fields: Any) -> dict[str, Any]:
    plain = {"number": [None, False], "total_paise": [100, False]}
    return {"kind": kind, "look": "0", "stages": {}, **plain, **fields}


def answer(*found: dict[str, Any], code: str = "read") -> dict[str, Any]:
    return {"code": code, "file": "f", "pages": len(found), "readings": list(found), "skipped": 0}


def test_each_bill_of_a_file_is_told_and_a_page_that_goes_on_is_none_of_its_own() -> None:
    first = page(number=["A1", False], total_paise=[None, True])
    rest = page(number=["A1", False], total_paise=[500, False])
    other = page(number=["B2", False])
    results = results_of(answer(first, rest, other, page("no_receipt")))
    assert [(one["number"][0], one["total_paise"][0]) for one in results] == [
        ("A1", 500),
        ("B2", 100),
    ]
    assert "stages" not in results[0]


def test_bills_that_lie_apart_in_one_picture_are_told_one_by_one() -> None:
    bare = {**page("receipt"), "total_paise": [None, True], "apart": True}
    assert len(results_of(answer(page("receipt"), bare))) == 2
    assert len(results_of(answer(page("receipt"), {**bare, "apart": False}))) == 1


def test_a_file_without_a_bill_is_told_by_its_most_telling_page() -> None:
    (told,) = results_of(answer(page("no_receipt"), page("payment_screenshot")))
    assert told["kind"] == "payment_screenshot"
    assert results_of(answer(code="locked")) == [{"kind": "unreadable", "trouble": "locked"}]
    assert results_of(answer(code="ocr_unavailable"))[0]["trouble"] == "no_engine"


def coded(text: str) -> bytes:
    output = io.BytesIO()
    segno.make(text).save(output, kind="png", scale=5, border=4)
    return output.getvalue()


def token(**data: Any) -> str:
    body = json.dumps({"data": json.dumps({"Irn": "a" * 64, **data})}).encode()
    return f"h.{base64.urlsafe_b64encode(body).decode().rstrip('=')}.s"


def test_a_code_of_upi_is_told_by_its_payee_and_no_bill() -> None:
    codes = codes_in(coded("upi://pay?pa=gupta@okaxis&pn=Gupta%20Store&am=500"))
    told = with_codes({"kind": "no_receipt"}, codes)
    assert told == {"kind": "upi_qr", "payee": "Gupta Store", "vpa": "gupta@okaxis"}


@pytest.mark.parametrize(
    ("read", "told"),
    [
        ({"kind": "receipt", "total_paise": [1400, True], "on": [None, True]}, "barcode"),
        ({"kind": "receipt", "total_paise": [1400, False], "on": [None, True]}, "receipt"),
        ({"kind": "receipt", "total_paise": [1400, True], "number": ["A/1", True]}, "receipt"),
        ({"kind": "payment_screenshot", "total_paise": [None, True]}, "barcode"),
        ({"kind": "payment_screenshot", "total_paise": [50000, True]}, "payment_screenshot"),
    ],
)
def test_a_pack_is_told_by_its_code_and_a_bill_by_its_words(
    read: dict[str, Any], told: str
) -> None:
    assert with_codes(read, [("EAN13", "8901058851298")])["kind"] == told


def test_a_code_for_payments_is_told_on_its_stand_and_not_on_a_bill() -> None:
    codes = [("QRCode", "upi://pay?pa=gupta@okaxis&pn=Gupta")]
    stand = {"kind": "payment_screenshot", "total_paise": [None, True]}
    assert with_codes(stand, codes)["kind"] == "upi_qr"
    slip = {"kind": "receipt", "total_paise": [9000, True], "on": [None, True]}
    assert with_codes(slip, codes) == slip


def test_the_code_of_an_e_invoice_says_surely_what_print_says_badly() -> None:
    text = token(
        SellerGstin="27AAACG1234F1Z4",
        BuyerGstin="27AAPFU0939F1ZX",
        DocNo="GP/118",
        DocDt="18/11/2026",
        TotInvVal=1180.5,
    )
    read = {"kind": "receipt", "total_paise": [118000, True], "on": [None, True]}
    told = with_codes(read, codes_in(coded(text)))
    assert told == {
        "kind": "receipt",
        "vendor_gstin": ["27AAACG1234F1Z4", False],
        "number": ["GP/118", False],
        "on": ["2026-11-18", False],
        "total_paise": [118050, False],
    }
    sure = with_codes({"kind": "receipt", "total_paise": [118000, False]}, [("QRCode", text)])
    assert sure["total_paise"] == [118050, True]


@pytest.mark.parametrize("text", ["", "a.b.c", "..", "x.e30.y", "https://example.org/a.b.c"])
def test_other_codes_change_nothing_on_a_bill(text: str) -> None:
    assert with_codes({"kind": "receipt"}, [("QRCode", text)]) == {"kind": "receipt"}


def test_a_locked_pdf_is_known_as_one() -> None:
    with pytest.raises(pypdfium2.PdfiumError, match=r"(?i)password"):
        pypdfium2.PdfDocument(LOCKED)
