"""`bahi model …` without a queue: what it lists, takes and refuses."""

from __future__ import annotations

import io
import json
import os
import tarfile
from pathlib import Path

import pytest

from erp_core.cli.main import main
from erp_core.cli.model import counted
from erp_core.model_store import ABOUT, METADATA, ROOT, Choice, choose, chosen

FIGURES = {"intent": 0.9512, "entity_f1": 0.92, "exact": 0.8249}


def put_model(
    path: Path,
    told: dict[str, object],
    component: str = "nlu.joint.JointClassifier",
    file: str = "network.npz",
) -> None:
    """A model of one component, which keeps one file."""
    metadata = {"predict_schema": {"nodes": {"run": {"uses": component}}}}
    members = {ABOUT: told, METADATA: metadata, f"components/train_{component}3/{file}": {}}
    with tarfile.open(path, "w:gz") as archive:
        for name, value in members.items():
            content = json.dumps(value).encode()
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two models, one of them released; a data directory without stores."""
    folder = tmp_path / "models"
    folder.mkdir()
    for name, inputs, trained in (
        ("aaaa11112222", "aaaa11112222", "2026-11-20T18:40:00+00:00"),
        ("released", "aaaa11112222", "2026-11-20T18:40:00+00:00"),
        ("bbbb11112222", "bbbb11112222", "2026-11-21T04:00:00+00:00"),
    ):
        told = {"hash": inputs, "trained_at": trained, "figures": FIGURES}
        put_model(folder / f"{name}.tar.gz", told)
    with tarfile.open(folder / "20261121-brown-fox.tar.gz", "w:gz"):
        pass
    os.utime(folder / "20261121-brown-fox.tar.gz", (0, 0))
    monkeypatch.setenv("BAHI_MODEL", str(folder))
    monkeypatch.setenv("BAHI_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.delenv("REDIS_URL", raising=False)
    monkeypatch.chdir(tmp_path)
    return folder


def test_each_model_is_listed_once_with_its_figures(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["model", "list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    rows = {line.split()[0]: line for line in lines[1:-1]}
    assert rows.keys() == {"aaaa11112222", "bbbb11112222", "20261121-brown-fox"}
    assert "2026-11-21 00:10  95.1 %  92.0 %     82.5 %" in rows["aaaa11112222"]
    assert rows["aaaa11112222"].endswith("released")
    assert lines[-1] == "No worker runs."


def test_a_model_is_used_until_the_newest_is_again(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["model", "use", "released"]) == 0
    assert chosen(tmp_path / "data").use == "aaaa11112222"
    assert main(["model", "use", "bb"]) == 0
    assert chosen(tmp_path / "data").use == "bbbb11112222"
    main(["model", "list"])
    assert "MB  chosen\n" in capsys.readouterr().out
    assert main(["model", "use", "newest"]) == 0
    assert chosen(tmp_path / "data") == Choice()


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("cccc", "There is no model cccc: `bahi model list` names them all.\n"),
        ("", "There is no model : `bahi model list` names them all.\n"),
    ],
)
def test_a_model_that_is_none(
    folder: Path, capsys: pytest.CaptureFixture[str], name: str, sentence: str
) -> None:
    assert main(["model", "use", name]) == 1
    assert capsys.readouterr().err == sentence


@pytest.mark.parametrize(
    ("component", "file", "why"),
    [
        ("nlu.votes.Votes", "a.json", "it needs nlu.votes.Votes, which is not here"),
        ("nlu.joint.Joint", "network.npz", "it needs nlu.joint.Joint, which is not here"),
        (
            "nlu.joint.JointClassifier",
            "network.pkl",
            "nlu.joint.JointClassifier has no network.pkl any more",
        ),
    ],
)
@pytest.mark.parametrize("command", ["use", "try"])
def test_a_model_of_other_components_is_refused(
    folder: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    command: str,
    component: str,
    file: str,
    why: str,
) -> None:
    before = Choice("aaaa11112222")
    choose(tmp_path / "data", before)
    put_model(folder / "cccc11112222.tar.gz", {"hash": "cccc11112222"}, component, file)
    assert main(["model", command, "cccc"]) == 1
    assert capsys.readouterr().err == (
        f"cccc11112222 cannot serve, and nothing was changed: {why}. "
        "Take another from `bahi model list`, or make one with `make train`.\n"
    )
    assert chosen(tmp_path / "data") == before


@pytest.mark.parametrize("content", [b"", b"not an archive", "released"])
def test_a_damaged_model_is_refused(
    folder: Path, capsys: pytest.CaptureFixture[str], content: bytes | str
) -> None:
    if isinstance(content, str):
        content = (folder / f"{content}.tar.gz").read_bytes()[:-40]
    (folder / "dddd11112222.tar.gz").write_bytes(content)
    assert main(["model", "use", "dddd11112222"]) == 1
    assert "its file is damaged, or no model at all" in capsys.readouterr().err


def test_the_released_model_may_be_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("BAHI_MODEL", str(ROOT / "models"))
    monkeypatch.setenv("BAHI_DATA_DIR", str(tmp_path))
    assert main(["model", "use", "released"]) == 0
    assert " serves until " in capsys.readouterr().out


def test_a_beginning_that_two_models_share(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "bbbb.tar.gz").write_bytes((folder / "20261121-brown-fox.tar.gz").read_bytes())
    (folder / "bbbc.tar.gz").write_bytes(b"")
    assert main(["model", "use", "bbb"]) == 1
    err = capsys.readouterr().err
    assert err == "More than one model begins with bbb: bbbb, bbbb11112222, bbbc.\n"


def test_a_trial_ends_when_its_share_is_none_or_it_won(
    folder: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert main(["model", "try", "bbbb", "--share", "10"]) == 1
    assert capsys.readouterr().err.startswith("No queue is running")
    monkeypatch.setenv("REDIS_URL", "redis://127.0.0.1:1/0")
    main(["model", "use", "aaaa"])
    assert main(["model", "try", "bbbb", "--share", "10"]) == 0
    trial = chosen(tmp_path / "data")
    assert (trial.use, trial.candidate, trial.share) == ("aaaa11112222", "bbbb11112222", 10)
    assert main(["model", "try", "bbbb", "--share", "30"]) == 0
    assert chosen(tmp_path / "data") == Choice(trial.use, trial.candidate, 30, trial.since)
    main(["model", "use", "bbbb"])
    assert chosen(tmp_path / "data") == Choice("bbbb11112222")
    main(["model", "try", "aaaa"])
    assert main(["model", "try", "aaaa", "--share", "0"]) == 0
    assert chosen(tmp_path / "data") == Choice("bbbb11112222")
    with pytest.raises(SystemExit):
        main(["model", "try", "aaaa", "--share", "101"])


def test_figures_are_shares_of_what_was_counted() -> None:
    tallies = {
        b"bahi_model_turns|model=a": b"20",
        b"bahi_model_seconds|model=a": b"0.4",
        b"bahi_model_texts|model=a": b"10",
        b"bahi_model_confidence|model=a": b"9.5",
        b"bahi_model_fallbacks|model=a": b"1",
        b"bahi_model_confirmations|answer=affirm|model=a": b"3",
        b"bahi_model_confirmations|answer=deny|model=a": b"1",
        b"bahi_model_turns_within|le=0.025|model=a": b"19",
        b"bahi_model_turns_within|le=+Inf|model=a": b"1",
        b"bahi_turns|result=done": b"99",
    }
    assert counted(tallies)["a"].facts() == {
        "turns": 20.0,
        "texts": 10.0,
        "fallback": 0.1,
        "confidence": 0.95,
        "seconds": 0.02,
        "seconds_p95": 0.025,
        "confirmations": 4.0,
        "refused": 0.25,
    }
