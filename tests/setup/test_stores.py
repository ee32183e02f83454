"""The embedded servers: nothing is lost by a kill, nothing is left behind by a stop."""

from __future__ import annotations

import contextlib
import json
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg2
import pytest
from redis import Redis

from erp_core import stores as own
from erp_core.stores import Stores, StoresFailed, runtime_dir

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.processes


@pytest.fixture
def data_dir() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="bahi-stores-"))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def execute(url: str, statement: str) -> list[tuple[object, ...]]:
    with contextlib.closing(psycopg2.connect(url)) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetchall() if cursor.description else []


def eventually(condition: object, seconds: float = 120) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.05)


def answers(url: str) -> bool:
    try:
        return execute(url, "SELECT 1") == [(1,)]
    except psycopg2.OperationalError:
        return False


def running_in(folder: Path) -> list[str]:
    """Processes that know of this folder: postgres, redis-server and who started them."""
    found = []
    for process in psutil.process_iter(["cmdline", "status"]):
        if str(folder) in " ".join(process.info["cmdline"] or []):
            found.append(" ".join(process.info["cmdline"]))
    return found


def test_what_is_acknowledged_outlives_a_kill(data_dir: Path) -> None:
    with Stores(data_dir) as stores:
        database, redis = stores.urls["database_url"], Redis.from_url(stores.urls["redis_url"])
        execute(database, "CREATE TABLE kept (n int)")
        for number in range(50):
            execute(database, f"INSERT INTO kept VALUES ({number})")
            redis.xadd("kept", {"n": number})
        for pid in stores.pids.values():
            os.kill(pid, signal.SIGKILL)
        eventually(lambda: stores.pids == {"postgres": None, "redis": None})
        eventually(lambda: len(stores.revive()) == 0 and answers(database))
        assert execute(database, "SELECT count(*) FROM kept") == [(50,)]
        eventually(lambda: redis.ping())
        assert [int(fields[b"n"]) for _, fields in redis.xrange("kept")] == list(range(50))


def test_a_stop_leaves_nothing_and_a_start_finds_everything(data_dir: Path) -> None:
    with Stores(data_dir) as stores:
        execute(stores.urls["database_url"], "CREATE TABLE kept AS SELECT 7 AS n")
        Redis.from_url(stores.urls["redis_url"]).set("kept", "7")
        assert json.loads((data_dir / "stores.json").read_text()) == stores.urls
    assert running_in(data_dir) == []
    assert not (data_dir / "stores.json").exists()
    with Stores(data_dir) as stores:
        assert execute(stores.urls["database_url"], "SELECT n FROM kept") == [(7,)]
        assert Redis.from_url(stores.urls["redis_url"]).get("kept") == b"7"


def test_a_half_made_data_folder_is_made_again(data_dir: Path) -> None:
    (data_dir / "postgres.new").mkdir()
    (data_dir / "postgres.new" / "PG_VERSION").write_text("18\n")
    with Stores(data_dir, redis=False) as stores:
        assert answers(stores.urls["database_url"])
        assert list(stores.urls) == ["database_url"]


def test_a_long_path_is_no_trouble(data_dir: Path) -> None:
    deep = data_dir / ("a-folder-with-a-long-name-" * 6)
    deep.mkdir()
    sockets = runtime_dir(deep)
    assert len(str(sockets / "postgres" / ".s.PGSQL.5432")) < 100
    try:
        with Stores(deep) as stores:
            assert answers(stores.urls["database_url"])
            assert Redis.from_url(stores.urls["redis_url"]).ping()
    finally:
        shutil.rmtree(sockets)


def test_the_servers_listen_to_their_owner_alone(data_dir: Path) -> None:
    with Stores(data_dir) as stores:
        for name in ("postgres", "redis"):
            assert (data_dir / name).stat().st_mode & 0o077 == 0
            assert (data_dir / "run" / name).stat().st_mode & 0o077 == 0
        ports = [
            connection.laddr.port
            for pid in stores.pids.values()
            for connection in psutil.Process(pid).connections("inet")
        ]
        assert ports == []


@pytest.fixture
def process(data_dir: Path) -> Iterator[subprocess.Popen[bytes]]:
    environment = {**os.environ, "BAHI_DATA_DIR": str(data_dir)}
    environment.pop("DATABASE_URL", None)
    environment.pop("REDIS_URL", None)
    command = [sys.executable, "-m", "erp_core.stores"]
    process = subprocess.Popen(command, cwd=ROOT, env=environment)
    eventually((data_dir / "stores.json").exists)
    yield process
    process.kill()
    process.wait()


def test_the_process_restarts_what_dies(data_dir: Path, process: subprocess.Popen[bytes]) -> None:
    url = json.loads((data_dir / "stores.json").read_text())["database_url"]
    postgres = [p for p in psutil.Process(process.pid).children() if p.name() == "postgres"]
    postgres[0].kill()
    eventually(lambda: not postgres[0].is_running())
    eventually(lambda: answers(url))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_process_stops_in_order(
    data_dir: Path, process: subprocess.Popen[bytes], number: signal.Signals
) -> None:
    process.send_signal(number)
    assert process.wait(120) == 0
    assert running_in(data_dir) == []


def test_servers_do_not_outlive_their_parent(
    data_dir: Path, process: subprocess.Popen[bytes]
) -> None:
    process.kill()
    process.wait()
    eventually(lambda: running_in(data_dir) == [])


@pytest.mark.parametrize("made", [True, False])
def test_who_comes_second_takes_the_user_that_the_first_one_made(
    monkeypatch, tmp_path, made
) -> None:
    refusing = tmp_path / "useradd"
    refusing.write_text("#!/bin/sh\ntouch $0.asked\nexit 9\n")
    refusing.chmod(0o755)

    def user(_name: str) -> None:
        if not (made and (tmp_path / "useradd.asked").exists()):
            raise KeyError

    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.setattr(pwd, "getpwnam", user)
    expected = contextlib.nullcontext() if made else pytest.raises(StoresFailed, match="as root")
    with expected:
        own._make_server_user()
    assert (tmp_path / "useradd.asked").exists()
