"""How models are named, kept and released."""

from __future__ import annotations

import io
import json
import os
import sys
import tarfile
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "scripts"))

import train


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


def put_model(path: Path, inputs: str, age: int = 0) -> Path:
    content = json.dumps({"hash": inputs}).encode()
    with tarfile.open(path, "w:gz") as archive:
        member = tarfile.TarInfo(train.INPUTS_MEMBER)
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
