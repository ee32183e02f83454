"""Each benchmark runs, ends by itself, and gives one JSON object on its last line."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]

pytestmark = pytest.mark.processes

needs_model = pytest.mark.skipif(
    not (os.environ.get("BAHI_MODEL") or any((ROOT / "models").glob("*.tar.gz"))),
    reason="no model in models/",
)


def run(name: str) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", f"bench.{name}", "--quick"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=1700,
    )
    assert done.returncode == 0, done.stderr[-3000:] + done.stdout[-3000:]
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    assert result["bench"] == name
    return result


def test_names() -> None:
    result = run("names")
    assert (result["products"], result["lookups"]) == (5_000, 200)
    assert result["cpu_p50_ms"] > 0


@pytest.mark.skipif(not shutil.which("espeak-ng"), reason="there is no espeak-ng")
def test_voice() -> None:
    result = run("voice")
    assert result["listener"] == "embedded"
    assert sum(result["25 dB"]["questions"].values()) == result["each"] == 3


@needs_model
def test_interpreter() -> None:
    result = run("interpreter")
    assert result["texts"] == 30
    assert set(result["cpu_ms_per_text"]) == {"as_it_came", "linked"}
    assert result["times_as_fast"] > 0


def test_tenancy() -> None:
    result = run("tenancy")
    assert result["businesses"] == 200
    assert set(result["queries"]) >= {"stock_of_one", "latest_order", "balance", "who_writes"}
    assert all(one["rls_us"] > 0 and one["plain_us"] > 0 for one in result["queries"].values())


def test_books() -> None:
    result = run("books")
    assert result["invoices"] == 2000
    assert result["bahi_sales_per_core_second"] > 0
    assert set(result["report_seconds"]) >= {"balance sheet", "profit, all", "statement as PDF"}


def test_soak() -> None:
    """A short one too found whoever waited in a circle, before that was mended."""
    result = run("soak")
    assert (result["deadlocks"], result["wrong"], result["torn"], result["faults"]) == (
        0,
        [],
        {},
        [],
    )
    assert result["holds"]
    assert result["commands"] > 0
    assert result["killed"] >= 1


def test_receipts() -> None:
    result = run("receipts")
    if "skipped" in result:
        pytest.skip(result["skipped"])
    assert (result["pictures"], result["fields"]["total_paise"]["right"]) == (2, 1.0)
    assert result["seconds"].keys() >= {"decode", "prepare", "words", "fields", "processor"}


def test_slips() -> None:
    result = run("slips")
    if "skipped" in result:
        pytest.skip(result["skipped"])
    assert result["slips"] == len(result["faces"]) == 4
    assert result["lines"].keys() == {"right", "left_out", "wrong"}


def test_papers() -> None:
    result = run("papers")
    assert result["ms"].keys() == {*result["times_a_bare_page"], "bare_fpdf2_page"}
    assert all(ms > 0 for ms in result["ms"].values())


@needs_model
def test_photos() -> None:
    result = run("photos")
    if "skipped" in result:
        pytest.skip(result["skipped"])
    assert result["photos"] == result["answered"] == 10
    assert result["chat_beside_photos"]["messages"] > 0
    assert result["seconds_to_answer"].keys() == {"single", "pile"}


def test_webhook() -> None:
    result = run("webhook")
    assert result["gateway"]["posts"] == 100
    assert result["gateway"]["failures"] == result["idle_sanic"]["failures"] == 0
    assert 0 < result["p50_ms"] <= result["p99_ms"]


@needs_model
def test_long_chat() -> None:
    result = run("long_chat")
    assert list(result["at_message"]) == ["10"]


@needs_model
def test_day() -> None:
    result = run("day")
    assert result["turns"] == 12
    assert result["unanswered"] == 0
    assert {"gateway", "worker", "sender", "whatsapp", "postgres", "redis"} == set(
        result["cpu_ms_by_process"]
    )
    assert 0 < result["p50_ms"] <= result["p95_ms"] <= result["max_ms"]
    assert result["written"].keys() == {
        *("orders", "invoices", "payments", "expenses", "journal_events")
    }
    assert result["written"]["journal_events"] >= 120, "everybody is known by now"


@needs_model
def test_nlu() -> None:
    result = run("nlu")
    assert result["texts"] == 30
    for side in ("bahi", "rasa_default", "stock_diet"):
        assert 0 < result[side]["p50_ms"] <= result[side]["p95_ms"]
        assert result[side]["batch_per_second"] > 0
        assert result[side]["memory_mb"] > 0
    assert result["intents_alike"] == 1.0


@needs_model
def test_turn() -> None:
    result = run("turn")
    for side in ("bahi", "stock_rasa"):
        assert result[side]["turns"] == result["messages_each"] * 2
        assert result[side]["p50_ms"] <= result[side]["p95_ms"]
    assert result["times_the_throughput"] > 0
