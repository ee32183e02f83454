"""How models are named, kept and released."""

from __future__ import annotations

import io
import json
import os
import sys
import tarfile
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).resolve().parents[2] / "scripts"))

import train

from erp_core import model_store


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "data" / "nlu").mkdir(parents=True)
    (tmp_path / "nlu").mkdir()
    (tmp_path / "models").mkdir()
    (tmp_path / "config.yml").write_text("pipeline: []")
    (tmp_path / "domain.yml").write_text("intents: []")
    (tmp_path / "data" / "nlu" / "a.yml").write_text("nlu: []")
    monkeypatch.setattr(train, "ROOT", tmp_path)
    monkeypatch.setattr(train, "MODELS", tmp_path / "models")
    monkeypatch.setattr(train, "RELEASED", tmp_path / "models" / "released.tar.gz")
    return tmp_path


def put_model(path: Path, inputs: str, age: int = 0, **told: object) -> Path:
    content = json.dumps({"hash": inputs, **told}).encode()
    with tarfile.open(path, "w:gz") as archive:
        member = tarfile.TarInfo(model_store.ABOUT)
        member.size = len(content)
        archive.addfile(member, io.BytesIO(content))
    os.utime(path, (1_000_000 - age, 1_000_000 - age))
    return path


@pytest.mark.parametrize("changed", ["config.yml", "domain.yml", "data/nlu/a.yml", "nlu/new.py"])
def test_each_input_names_another_model(checkout: Path, changed: str) -> None:
    before = train.inputs_hash()
    assert train.inputs_hash() == before
    (checkout / changed).write_text("# changed")
    assert train.inputs_hash() != before


def test_other_files_do_not_matter(checkout: Path) -> None:
    before = train.inputs_hash()
    (checkout / "README.md").write_text("words")
    assert train.inputs_hash() == before


def test_a_model_of_these_inputs_is_found(checkout: Path) -> None:
    assert train.up_to_date("abc") is None
    released = put_model(checkout / "models" / "released.tar.gz", "abc")
    assert train.up_to_date("abc") == released
    trained = put_model(checkout / "models" / "def.tar.gz", "def")
    assert train.up_to_date("def") == trained


def test_a_broken_model_is_none(checkout: Path) -> None:
    (checkout / "models" / "released.tar.gz").write_bytes(b"not a model")
    assert train.up_to_date("abc") is None


def test_nothing_is_trained_when_nothing_changed(
    checkout: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    put_model(checkout / "models" / f"{train.inputs_hash()}.tar.gz", "x")
    assert train.main(["--if-changed"]) == train.NOTHING_TO_TRAIN
    assert "up to date" in capsys.readouterr().out


def test_old_models_are_forgotten_but_the_released_one(checkout: Path) -> None:
    folder = checkout / "models"
    put_model(folder / "released.tar.gz", "r", age=99)
    models = [put_model(folder / f"{age}.tar.gz", "x", age=age) for age in range(6)]
    train.forget_old_models(keep=models[0])
    left = sorted(path.name for path in folder.glob("*.tar.gz"))
    assert left == ["0.tar.gz", "1.tar.gz", "2.tar.gz", "released.tar.gz"]


def test_what_is_chosen_is_not_forgotten(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = checkout / "models"
    monkeypatch.setenv("BAHI_DATA_DIR", str(checkout / "data"))
    model_store.choose(checkout / "data", model_store.Choice("4", "5", 10))
    models = [put_model(folder / f"{age}.tar.gz", str(age), age=age) for age in range(8)]
    train.forget_old_models(keep=models[0])
    left = sorted(path.name for path in folder.glob("*.tar.gz"))
    assert left == [f"{name}.tar.gz" for name in (0, 1, 2, 4, 5)]


@pytest.mark.parametrize(
    ("change", "released"), [({}, True), ({"entity_f1": 0.896}, True), ({"exact": 0.79}, False)]
)
def test_a_model_is_released_unless_its_figures_fall(
    checkout: Path, capsys: pytest.CaptureFixture[str], change: dict[str, float], released: bool
) -> None:
    figures = {"intent": 0.95, "entity_f1": 0.9, "exact": 0.8, "set": train.set_id()}
    put_model(train.RELEASED, "old", figures=figures)
    new = put_model(checkout / "models" / "new.tar.gz", "new", figures={**figures, **change})
    assert train.release(new, force=False) is released
    assert model_store.read(train.RELEASED).id == ("new" if released else "old")
    assert ("not released: exact 80.0% to 79.0%" in capsys.readouterr().out) is not released
    assert train.release(new, force=True)
    assert model_store.read(train.RELEASED).id == "new"


def test_figures_of_other_messages_are_measured_again(
    checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = put_model(checkout / "models" / "x.tar.gz", "x", figures={"exact": 1, "set": "other"})
    monkeypatch.setattr(train, "measured", lambda path: {"exact": 0.5, "of": path.name})
    assert train.figures_of(model) == {"exact": 0.5, "of": "x.tar.gz"}


def test_wrong_files_are_not_trained_on(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(train, "files_are_right", lambda: False)
    assert train.main([]) == 1
    assert list((checkout / "models").iterdir()) == []
