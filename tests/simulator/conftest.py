"""A simulator in its own process, and a gateway that only listens, over real HTTP."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import requests
from simulated import (
    ACCESS_TOKEN,
    APP_SECRET,
    ROOT,
    VERIFY_TOKEN,
    Gateway,
    Post,
    Simulator,
)

from bench._servers import free_port


@pytest.fixture(scope="session")
def listening_gateway() -> Iterator[Gateway]:
    gateway = Gateway()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers["Content-Length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            self._answer(gateway.take(Post(raw, headers, json.loads(raw))), b"")

        def do_GET(self) -> None:
            challenge = dict(pair.split("=", 1) for pair in self.path.partition("?")[2].split("&"))
            right = challenge.get("hub.verify_token") == VERIFY_TOKEN
            self._answer(200 if right else 403, challenge["hub.challenge"].encode())

        def _answer(self, status: int, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Stay quiet."""

    class Server(ThreadingHTTPServer):
        def handle_error(self, *_: Any) -> None:
            """A reset of the simulator breaks posts off; that is no error here."""

    server = Server(("127.0.0.1", 0), Handler)
    gateway.url = f"http://127.0.0.1:{server.server_port}/webhooks/whatsapp/webhook"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield gateway
    server.shutdown()


@pytest.fixture(scope="session")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("data")


@pytest.fixture(scope="session")
def running_simulator(listening_gateway: Gateway, data_dir: Path) -> Iterator[Simulator]:
    port = free_port()
    environment = {
        **os.environ,
        "BAHI_DATA_DIR": str(data_dir),
        "BAHI_TRACE": "0",
        "WHATSAPP_APP_SECRET": APP_SECRET,
        "WHATSAPP_ACCESS_TOKEN": ACCESS_TOKEN,
        "WHATSAPP_VERIFY_TOKEN": VERIFY_TOKEN,
    }
    environment.pop("BAHI_NOW", None)
    command = [sys.executable, "-m", "simulator", "--port", str(port)]
    process = subprocess.Popen(
        [*command, "--webhook", listening_gateway.url], cwd=ROOT, env=environment
    )
    simulator = Simulator(f"http://127.0.0.1:{port}")
    try:
        _wait_until_up(simulator.url, process)
        yield simulator
    finally:
        process.terminate()
        process.wait(60)


def _wait_until_up(url: str, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + 120
    while time.monotonic() < end:
        assert process.poll() is None, "the simulator stopped"
        try:
            requests.get(f"{url}/healthz", timeout=60)
            return
        except requests.ConnectionError:
            time.sleep(0.05)
    raise AssertionError("the simulator did not start")


@pytest.fixture
def gateway(listening_gateway: Gateway) -> Iterator[Gateway]:
    listening_gateway.forget()
    yield listening_gateway
    listening_gateway.forget()


@pytest.fixture
def simulator(running_simulator: Simulator, gateway: Gateway) -> Iterator[Simulator]:
    running_simulator.control("reset", {})
    gateway.forget()
    yield running_simulator
    running_simulator.control("reset", {})
