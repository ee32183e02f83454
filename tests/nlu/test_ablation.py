"""What the pipeline earns by a part is seen by training it without."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

sys.path.append(str(Path(__file__).resolve().parents[2] / "scripts"))

import nlu_ablation
from nlu_ablation import PARTS, ROOT, Part, configured, forget_others

CONFIG = {"recipe": "r", "pipeline": [{"name": "look"}, {"name": "mark", "fields": 3, "l1": 0.1}]}


def test_a_part_is_dropped_or_set_and_the_rest_stays() -> None:
    without = Part("less", dropped={"look"}, settings={"mark": {"fields": 1}})
    assert configured(CONFIG, without) == {
        "recipe": "r",
        "pipeline": [{"name": "mark", "fields": 1, "l1": 0.1}],
    }
    assert len(CONFIG["pipeline"]) == 2


def test_a_part_that_is_not_there_cannot_be_left_out() -> None:
    with pytest.raises(SystemExit, match="has no smell"):
        configured(CONFIG, Part("less", dropped={"smell"}))


@pytest.mark.parametrize("name", PARTS)
def test_each_part_is_one_of_the_pipeline(name: str) -> None:
    config: dict[str, Any] = yaml.safe_load((ROOT / "config.yml").read_text())
    changed = configured(config, PARTS[name])
    assert changed != config or PARTS[name].files
    assert all((ROOT / "data" / "nlu" / file).exists() for file in PARTS[name].files)


def test_an_unknown_part_is_refused() -> None:
    with pytest.raises(SystemExit, match="no such part: tail; there are mean"):
        nlu_ablation.main(["mean", "tail"], {})


def test_models_of_other_files_go(tmp_path: Path) -> None:
    for name in ("old-mean.tar.gz", "new-mean.tar.gz", "new-look.tar.gz"):
        (tmp_path / name).touch()
    forget_others("new", tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "new-look.tar.gz",
        "new-mean.tar.gz",
    ]
