"""Which model `make run` has served: that of the files, else the released one, unless chosen."""

from __future__ import annotations

import io
import json
import os
import tarfile
from pathlib import Path

import pytest
import run

from erp_core import model_store
from erp_core.model_store import Choice, Serving, choose, wanted


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "models").mkdir()
    (tmp_path / "domain.yml").write_text("intents: []")
    monkeypatch.setattr(run, "ROOT", tmp_path)
    monkeypatch.setattr(run, "MODELS", tmp_path / "models")
    return tmp_path


def put(path: Path, inputs: str, age: float) -> Path:
    content = json.dumps({"hash": inputs}).encode()
    with tarfile.open(path, "w:gz") as archive:
        member = tarfile.TarInfo(model_store.ABOUT)
        member.size = len(content)
        archive.addfile(member, io.BytesIO(content))
    os.utime(path, (1_000_000 - age, 1_000_000 - age))
    return path


def served(checkout: Path) -> Serving:
    found = wanted(checkout / "models", checkout / "data")
    assert found is not None
    return found


def test_the_model_of_the_files_serves_else_the_released_one(checkout: Path) -> None:
    released = put(checkout / "models" / "released.tar.gz", "r", 9)
    newest = put(checkout / "models" / "other.tar.gz", "other", 0)
    here = model_store.inputs_hash(checkout)
    mine = put(checkout / "models" / f"{here}.tar.gz", here, 5)
    assert served(checkout).model == newest

    run.have_right_model_served(checkout / "data")
    assert served(checkout).model == mine
    (checkout / "domain.yml").write_text("intents: [greeting]")
    run.have_right_model_served(checkout / "data")
    assert served(checkout).model == released
    trained = checkout / "models" / f"{model_store.inputs_hash(checkout)}.tar.gz"
    put(trained, "x", -10_000_000_000)
    assert served(checkout).model == trained
    # Nothing of it is written where another installation would see it.
    assert wanted(checkout / "models", checkout / "elsewhere").model == trained
    assert newest.stat().st_mtime == 1_000_000


def test_what_somebody_chose_stays(checkout: Path, capsys: pytest.CaptureFixture[str]) -> None:
    put(checkout / "models" / "released.tar.gz", "r", 9)
    put(checkout / "models" / "newest.tar.gz", "n", 0)
    choose(checkout / "data", Choice(use="r"))
    run.have_right_model_served(checkout / "data")
    assert served(checkout).model.name == "released.tar.gz"
    assert "Model r was chosen; `bahi model use newest`" in capsys.readouterr().err
    choose(checkout / "data", Choice())
    assert served(checkout).model.name == "newest.tar.gz"


def test_a_candidate_serves_beside_it(checkout: Path) -> None:
    folder = checkout / "models"
    old, new = put(folder / "old.tar.gz", "o", 9), put(folder / "new.tar.gz", "n", 0)
    choose(checkout / "data", Choice(use="o", candidate="n", share=10))
    both = served(checkout)
    assert (both.model, both.candidate, both.share) == (old, new, 10)
    # One that cannot be loaded is left aside, and what it was tried beside goes on.
    alone = wanted(folder, checkout / "data", without={both})
    assert alone is not None
    assert (alone.model, alone.candidate) == (old, None)
    other = wanted(folder, checkout / "data", without={both, alone})
    assert other is not None
    assert other.model == new


def test_a_file_that_was_replaced_is_another(checkout: Path) -> None:
    path = put(checkout / "models" / "released.tar.gz", "one", 9)
    before = served(checkout)
    path.touch()
    assert served(checkout) == before
    put(checkout / "models" / "draft", "two", 9).replace(path)
    assert served(checkout) != before


def test_a_choice_that_is_gone_or_broken_is_none(checkout: Path) -> None:
    only = put(checkout / "models" / "released.tar.gz", "r", 9)
    choose(checkout / "data", Choice(use="gone", candidate="gone too", share=10))
    assert served(checkout) == wanted(only.parent, checkout / "nowhere")
    model_store.choice_file(checkout / "data").write_text("{")
    assert model_store.chosen(checkout / "data") == Choice()
