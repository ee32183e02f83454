"""The parts of the set-up: its page, its progress, its lock, its old Python."""

from __future__ import annotations

import ast
import errno
import io
import json
import re
import urllib.request
from pathlib import Path
from types import SimpleNamespace

import bootstrap
import progress as progress_module
import pytest
from logs import LogFollower
from progress import Progress

from bench._servers import free_port

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def progress(tmp_path: Path) -> Progress:
    return Progress(str(tmp_path / "data" / "progress.json"), ["One", "Two"], io.StringIO())


def written(progress: Progress) -> dict[str, object]:
    return json.loads(Path(progress.path).read_text())


@pytest.mark.parametrize("name", ["bootstrap.py", "interpreter.py", "progress.py"])
def test_set_up_begins_on_an_old_python(name: str) -> None:
    ast.parse((ROOT / "scripts" / name).read_text(), feature_version=(3, 6))


def test_the_lock_names_no_host_and_hashes_everything() -> None:
    text = (ROOT / "requirements.lock").read_text()
    requirements = re.split(r"\n(?=\S)", text.strip())
    assert len(requirements) > 150
    assert "://" not in text
    assert all(re.match(r"[\w.-]+==\S+ \\\n", requirement) for requirement in requirements)
    assert all("--hash=sha256:" in requirement for requirement in requirements)


def test_the_lock_holds_what_was_chosen() -> None:
    locked = set(re.findall(r"^([\w.-]+)==", (ROOT / "requirements.lock").read_text(), re.M))
    chosen = re.findall(r"^[\w.-]+", (ROOT / "requirements.in").read_text(), re.M)
    assert {name.lower() for name in chosen} <= locked


def test_progress_is_written_at_every_change(progress: Progress) -> None:
    progress.start("One")
    progress.update("half of it", 50)
    assert written(progress) == {
        "steps": [
            {"name": "One", "state": "running", "detail": "half of it", "percent": 50},
            {"name": "Two", "state": "waiting", "detail": "", "percent": None},
        ],
        "ready": False,
    }
    progress.start("Two")
    progress.fail("The disk is full.")
    assert written(progress)["steps"] == [
        {"name": "One", "state": "done", "detail": "", "percent": 100},
        {"name": "Two", "state": "failed", "detail": "The disk is full.", "percent": None},
    ]
    progress.start("Two")
    progress.finish()
    assert written(progress)["ready"] is True


def test_a_full_disk_hides_no_sentence(progress: Progress, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(progress_module.json, "dump", full)
    progress.start("One")
    progress.fail("The disk is full.")
    assert progress.stream.getvalue() == "[1/2] One ...\n[1/2] One failed\n"


def test_a_terminal_that_is_none_gets_plain_lines(progress: Progress) -> None:
    progress.start("One")
    progress.finish()
    assert progress.stream.getvalue() == "[1/2] One ...\n[1/2] One done in 0:00\n"


def test_downloads_are_counted_in_bytes(progress: Progress) -> None:
    progress.start("One")
    downloads = bootstrap.Downloads(progress)
    for line in [
        "Downloading small (1024.0KiB)",
        "Downloading large (9.0MiB)",
        " Downloaded small",
        "   Building odd==1.0",
    ]:
        downloads.read(line)
    assert written(progress)["steps"][0] == {
        "name": "One",
        "state": "running",
        "detail": "1 of 10 MB, large is coming",
        "percent": 10.0,
    }
    downloads.read("Prepared 2 packages in 3s")
    assert written(progress)["steps"][0]["percent"] == 99


def test_the_page_shows_progress_and_gives_its_port_back(progress: Progress) -> None:
    port = free_port()
    progress.start("Two")
    with bootstrap.setup_page(port, progress):
        assert not bootstrap.port_is_free(port)
        page = urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=60)
        assert page.headers["Content-Type"] == "text/html; charset=utf-8"
        assert "Bahi is being set up" in page.read().decode()
        answer = urllib.request.urlopen(f"http://127.0.0.1:{port}/setup.json", timeout=60)
        assert json.loads(answer.read()) == written(progress)
    assert bootstrap.port_is_free(port)


def test_a_full_disk_is_seen_before_anything_is_fetched(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(bootstrap.shutil, "disk_usage", lambda _: SimpleNamespace(free=1024**3))
    with pytest.raises(bootstrap.Trouble) as trouble:
        bootstrap.check_space(str(tmp_path), 4 * 1024**3, "the libraries")
    assert str(trouble.value) == (
        f"The disk is full: {tmp_path} has 1.0 GB left, and 4.0 GB is needed for the libraries; "
        "free some space, then run the same command again."
    )


def test_logs_are_followed_through_a_rotation(tmp_path: Path) -> None:
    log = tmp_path / "worker1.log"
    log.write_text("before\n")
    (tmp_path / "setup.log").write_text("not a process\n")
    stream = io.StringIO()
    follower = LogFollower(tmp_path, stream)
    with log.open("a") as file:
        file.write("one\ntwo\nhal")
    follower.print_new_lines()
    with log.open("a") as file:
        file.write("f\n")
    follower.print_new_lines()
    log.rename(tmp_path / "worker1.log.1")
    log.write_text("new file\n")
    follower.print_new_lines()
    assert stream.getvalue() == (
        "worker1    | one\nworker1    | two\nworker1    | half\nworker1    | new file\n"
    )
