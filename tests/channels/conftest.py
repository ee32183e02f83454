"""A tiny bot, a fake Graph, and Bahi's own processes on the test's servers."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from bots import FIXTURES, train_bot
from fake_graph import FakeGraph
from running_bahi import SECRET, Running

from bench._servers import free_port
from erp_core.runtime import Bahi


@pytest.fixture(scope="session")
def model() -> Path:
    """The test bot's model."""
    return train_bot(FIXTURES / "bot")


@pytest.fixture
def graph() -> Iterator[FakeGraph]:
    with FakeGraph() as graph:
        yield graph


@pytest.fixture
def running(
    stores: Any, database: Any, redis: Any, graph: FakeGraph, model: Path, tmp_path: Path
) -> Iterator[Running]:
    """An environment in which to start gateway, worker and sender; all are stopped at the end."""
    port = free_port()
    logs = tmp_path / "logs"
    logs.mkdir()
    (tmp_path / "data").mkdir()
    environment = {
        **os.environ,
        "DATABASE_URL": stores.database,
        "REDIS_URL": stores.redis,
        "BAHI_DATA_DIR": str(tmp_path / "data"),
        "BAHI_PORT": str(port),
        "BAHI_MODEL": str(model),
        "BAHI_ACTIONS": "bot_actions",
        "PYTHONPATH": str(FIXTURES),
        "BAHI_LEASE_MS": "10000",
        "BAHI_RECONCILE_SECONDS": "1",
        "WHATSAPP_API_URL": graph.url,
        "WHATSAPP_APP_SECRET": SECRET,
        "WHATSAPP_VERIFY_TOKEN": "verify-me",
        "WHATSAPP_ACCESS_TOKEN": "token",
        "BAHI_SECRET_KEY": "secret-key",
        "TF_CPP_MIN_LOG_LEVEL": "3",
    }
    running = Running(environment, port, logs)
    try:
        yield running
    finally:
        running.stop()


@pytest.fixture
def number(bahi: Bahi, business: int) -> str:
    """The business's WhatsApp number."""
    from erp_core.parties.queries import business as read_business

    with bahi.read(business) as reader:
        return read_business(reader).phone_number_id
