"""The reader: opens pictures and PDFs that people sent and brings what they say into the chat.

Run with `python -m channels.whatsapp.reader`. The files are opened in processes of their own
(reading_child.py), which know nothing and may die. This one holds the queue, the sealed files and
the deadlines.
"""

from __future__ import annotations

import asyncio
import logging
import os
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import uvloop

from channels.whatsapp.crypto import Unsealable, Vault
from channels.whatsapp.file_process import TRIES, FileProcess, remove, sweep
from channels.whatsapp.inbox import Inbox
from channels.whatsapp.logs import configure_logging
from channels.whatsapp.media import MediaStore, kind_of
from channels.whatsapp.metrics import Tally
from channels.whatsapp.reading_pool import Died, Reader
from channels.whatsapp.readings import Ask, InHand, Readings
from channels.whatsapp.running import settings_or_end, stop_on_signals
from channels.whatsapp.store import connect
from erp_core.kernel.clock import Clock
from erp_core.kernel.errors import NotFound
from erp_core.kernel.settings import Settings

logger = logging.getLogger(__name__)

AT_ONCE = int(os.environ.get("BAHI_READERS_AT_ONCE") or max(1, (os.cpu_count() or 2) // 2))
"""Files read side by side; each takes one core while it lasts."""

NOT_SET_UP = frozenset({"ocr_unavailable", "ocr_failed", "not_started"})
RANK = (
    "receipt", "several", "card", "payment_screenshot", "upi_qr", "barcode", "unreadable",
    "no_receipt", "no_slip",
)  # fmt: skip
"""Of a file without a bill, what its most telling page is."""

GOODS = ("count", "order", "prices", "goods")
"""Kinds of pages that go on from one to the next."""

MOST_LINES = 80


class ReaderProcess(FileProcess):
    """Reads pictures and PDFs."""

    def __init__(
        self,
        *,
        readings: Readings,
        inbox: Inbox,
        media: MediaStore,
        clock: Clock,
        folder: Path,
        at_once: int = AT_ONCE,
        tally: Tally | None = None,
    ) -> None:
        slots = [Reader(folder / str(at)) for at in range(at_once)]
        super().__init__(readings=readings, inbox=inbox, slots=slots, tally=tally)
        self._media = media
        self._clock = clock

    async def handle(self, slot: Reader, taken: InHand) -> None:
        """Read a file and bring what it says into the chat."""
        started = time.perf_counter()
        ask = self._readings.read(taken)
        if ask is not None:
            await self._readings.show_typing(ask)
            results = await self._results(slot, taken, ask)
            await self.until_there_is_room(
                lambda: self._readings.tell(self._inbox, taken, ask, results)
            )
            self._count(results, time.perf_counter() - started, taken)
        await self._readings.end(taken)

    async def _results(self, slot: Reader, taken: InHand, ask: Ask) -> list[dict[str, Any]]:
        if taken.tries > TRIES:
            return [{"kind": "unreadable", "trouble": "died"}]
        try:
            fetch = partial(self._media.get, ask.media)
            data = await asyncio.get_running_loop().run_in_executor(None, fetch)
        except (NotFound, Unsealable):
            return [{"kind": "unreadable", "trouble": "gone"}]
        is_pdf = kind_of(data) == "pdf"
        try:
            answer = await slot.read(
                data,
                today=self._clock.today(),
                is_pdf=is_pdf,
                wanted=str(ask.hint.get("wanted") or ""),
            )
        except Died as died:
            logger.warning("a file was not read: %s", died.code)
            code = "no_engine" if died.code in NOT_SET_UP else died.code
            return [{"kind": "unreadable", "trouble": code}]
        return results_of(answer)

    def _count(self, results: list[dict[str, Any]], seconds: float, taken: InHand) -> None:
        self._tally.observe("bahi_reading_seconds", seconds)
        arrived = int(taken.id.partition("-")[0]) / 1000
        self._tally.observe("bahi_reading_wait_seconds", max(0.0, time.time() - arrived))
        for result in results:
            self._tally.count("bahi_readings", kind=result["kind"], trouble=result["trouble"])


def results_of(answer: dict[str, Any]) -> list[dict[str, Any]]:
    """What the chat is told of a file: each of its bills, or why there is none.

    A page that goes on with the bill before it is no bill of its own.
    """
    code = str(answer.get("code"))
    if code != "read":
        trouble = "no_engine" if code in NOT_SET_UP else code
        return [{"kind": "unreadable", "trouble": trouble}]
    pages = answer["readings"]
    bills: list[dict[str, Any]] = []
    for page in pages:
        if page["kind"] == "receipt" and not (bills and _goes_on(bills[-1], page)):
            bills.append(page)
    slips = [page for page in pages if page["kind"] in GOODS]
    others = [page for page in pages if page["kind"] not in GOODS]
    told = bills or _one_slip(slips) or sorted(others, key=lambda one: RANK.index(one["kind"]))[:1]
    results = [
        {**_without_stages(page), "trouble": "", "file": answer["file"], "page": place}
        for place, page in enumerate(told)
    ] or [{"kind": "unreadable", "trouble": "damaged"}]
    results[-1]["skipped"] = answer.get("skipped", 0)
    return results


def _one_slip(slips: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The pages of a list as one: what the first that says so says that it is."""
    if not slips:
        return []
    named = next((one for one in slips if one["kind"] != "goods"), slips[0])
    lines = [
        line for one in slips if one["kind"] in ("goods", named["kind"]) for line in one["lines"]
    ]
    return [{**named, "lines": lines[:MOST_LINES]}]


def _without_stages(page: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in page.items() if name != "stages"}


def _goes_on(bill: dict[str, Any], page: dict[str, Any]) -> bool:
    """Whether a page belongs to the bill on the page before it: the same number, or no total. What
    lies apart in one picture is a bill of its own."""
    if page.get("apart"):
        return False
    number = page["number"][0]
    if number is not None and number == bill["number"][0]:
        if bill["total_paise"][0] is None or bill["total_paise"][1]:
            bill["total_paise"] = page["total_paise"]
        return True
    return page["total_paise"][0] is None


async def serve(settings: Settings) -> None:
    """Connect, read, end."""
    vault = Vault(settings.secret_key)
    redis = connect(settings.redis_url or "")
    folder = settings.data_dir / "reading" / str(os.getpid())
    sweep(folder.parent)
    process = ReaderProcess(
        readings=Readings(redis, vault),
        inbox=Inbox(redis, vault),
        media=MediaStore(settings.data_dir / "media", vault),
        clock=Clock.starting(os.environ.get("BAHI_NOW")),
        folder=folder,
    )
    stop_on_signals(process.stop)
    logger.info("reader is ready")
    try:
        await process.run()
    finally:
        remove(folder)
        await redis.close()


def main() -> None:
    """Serve until told to stop."""
    configure_logging("reader")
    settings = settings_or_end()
    uvloop.run(serve(settings))


if __name__ == "__main__":
    main()
