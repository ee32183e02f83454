"""A designer's own commands, from the root, with the released model and the real actions."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from installation import ROOT, Installation
from terminal import CTRL_C, CTRL_U, DOWN, ENTER, Terminal

from bench._servers import free_port

pytestmark = pytest.mark.processes

RASA = str(Path(sys.executable).with_name("rasa"))
MODEL = "models/released.tar.gz"


class Desk:
    """What `make run` and `rasa run actions` give: a database with the demo shop, and actions."""

    def __init__(self, installation: Installation, endpoints: Path) -> None:
        self.installation = installation
        self.endpoints = str(endpoints)
        self.environment = {
            **installation.environment,
            "RASA_TELEMETRY_ENABLED": "false",
            "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
            "TF_CPP_MIN_LOG_LEVEL": "3",
            "PYTHONWARNINGS": "ignore",
        }

    def rasa(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = [RASA, *arguments]
        return subprocess.run(
            command, cwd=ROOT, env=self.environment, capture_output=True, text=True
        )

    def terminal(self, *arguments: str) -> Terminal:
        command = [RASA, *arguments, "--endpoints", self.endpoints, "--port", str(free_port())]
        return Terminal(command, ROOT, self.environment)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    folder = tmp_path_factory.mktemp("desk")
    port = free_port()
    text = (ROOT / "endpoints.yml").read_text()
    assert "localhost:5055" in text
    endpoints = folder / "endpoints.yml"
    endpoints.write_text(text.replace("localhost:5055", f"127.0.0.1:{port}"))
    with Installation({"BAHI_DEMO_SHOP": "demo/sharma_electronics.yml"}) as installation:
        desk = Desk(installation, endpoints)
        command = [RASA, "run", "actions", "--port", str(port)]
        with (folder / "actions.log").open("wb") as log:
            actions = subprocess.Popen(
                command, cwd=ROOT, env=desk.environment, stdout=log, stderr=subprocess.STDOUT
            )
        try:
            wait_for_health(f"http://127.0.0.1:{port}/health")
            yield desk
        finally:
            actions.terminate()
            actions.wait(60)


def wait_for_health(url: str) -> None:
    deadline = time.monotonic() + 300
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(url, timeout=60):
                return
        except OSError:
            time.sleep(0.3)
    raise AssertionError("the actions do not answer")


def test_shell_books_an_order(desk: Desk) -> None:
    with desk.terminal("shell", "--model", MODEL) as shell:
        shell.wait_for("Your input ->")
        shell.type("kis kis ka udhaar baaki hai" + ENTER)
        shell.wait_for("12,500")
        shell.wait_for("Your input ->")
        shell.type("Ravi ke liye 2 iPhone 15 ka order le lo" + ENTER)
        shell.wait_for("1,88,564")
        shell.wait_for("Type out your own message")
        shell.type(DOWN * 9 + ENTER)
        shell.wait_for("Your input ->")
        shell.type("haan" + ENTER)
        shell.wait_for("ORD-")
    (order,) = desk.installation.show("1065")["orders"]
    assert (order["customer"], order["status"]) == ("Ravi Kumar", "confirmed")


def test_interactive_teaches_a_story(desk: Desk, tmp_path: Path) -> None:
    before = {path: path.read_bytes() for path in (ROOT / "data").rglob("*.yml")}
    # With what is answered unless something else is typed: a question that is shown once more, with
    # what was typed, is not asked again.
    questions = {
        "stories.yml": "append the stories) data/stories.yml",
        "nlu.yml": "previous training examples) data/nlu.yml",
        "domain.yml": "this will be overwritten) domain.yml",
    }
    with desk.terminal("interactive", "--model", MODEL, "--skip-visualization") as teaching:
        teaching.wait_for("Your input ->")
        teaching.type("namaste" + ENTER)
        agree(teaching)
        teaching.type("Ravi ne 500 cash diye" + ENTER)
        agree(teaching)
        teaching.type(ENTER)  # the first button: yes
        agree(teaching)
        teaching.type(CTRL_C)
        teaching.wait_for("Export & Quit")
        teaching.type(DOWN * 4 + ENTER)
        for file, question in questions.items():
            teaching.wait_for(question)
            teaching.type(CTRL_U + str(tmp_path / file) + ENTER)
        teaching.wait()
    story = (tmp_path / "stories.yml").read_text()
    assert "intent: payment_record" in story
    assert "action: payment_form" in story
    assert "action: action_payment_record" in story
    assert {path: path.read_bytes() for path in (ROOT / "data").rglob("*.yml")} == before


def agree(teaching: Terminal) -> None:
    """Was it understood, is each next action right? Yes, until it is our turn again."""
    shown = teaching.wait_for("(Y/n)")
    while shown == "(Y/n)":
        teaching.type("y")
        teaching.wait_for("Yes")
        shown = teaching.wait_for("(Y/n)", "Your input ->", "(Use arrow keys)")


def test_stories_pass(desk: Desk, tmp_path: Path) -> None:
    done = desk.rasa(
        "test", "core", "--stories", "tests/stories", "--model", MODEL, "--out", str(tmp_path)
    )
    assert done.returncode == 0, done.stderr[-2000:]
    failed = (tmp_path / "failed_test_stories.yml").read_text()
    assert "None of the test stories failed" in failed


def test_visualize_draws(desk: Desk, tmp_path: Path) -> None:
    done = desk.rasa("visualize", "--out", str(tmp_path / "stories.html"))
    assert done.returncode == 0, done.stderr[-2000:]
    assert os.path.getsize(tmp_path / "stories.html") > 1000
