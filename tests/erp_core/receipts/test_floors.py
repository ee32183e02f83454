"""How well made-up bills are read: no change may bring it below what floors.yml has recorded."""

from __future__ import annotations

import json
import os
from itertools import cycle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from PIL import Image

from bench._bills import KINDS, as_jpeg, bill, can_shape_hindi, draw
from bench._damage import damaged
from bench._receipt_labels import label_from
from bench.receipts import PATIENCE, Outcome, compare, figures
from erp_core.adapters import tesseract
from erp_core.adapters.tesseract import installed_languages
from erp_core.receipts import reading
from tests.conftest import TODAY

pytestmark = [
    pytest.mark.skipif(
        not os.environ.get("CI") and not {"eng", "hin"} <= installed_languages(),
        reason="no Tesseract with Hindi: `sudo apt-get install tesseract-ocr tesseract-ocr-hin`",
    ),
]

FLOORS = yaml.safe_load(Path(__file__).with_name("floors.yml").read_text("utf-8"))
SEED = 11
WORN = ("fade", "shadow", "skew", "noise", "camera", "side", "crumple")
SETS = [(kind, "none") for kind in KINDS] + list(zip(KINDS, cycle(WORN), strict=False))


@pytest.fixture(scope="module")
def found() -> dict[str, Any]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reading, "MOST_SECONDS", PATIENCE)
        patch.setattr(tesseract, "SECONDS", PATIENCE)
        return figures([read(kind, damage) for kind, damage in SETS if _can_draw(kind)])


def _can_draw(kind: str) -> bool:
    return kind != "hindi" or can_shape_hindi()


def read(kind: str, damage: str) -> Outcome:
    one = bill(SEED, kind=kind, today=TODAY)
    sheet = damaged(np.array(draw(one, SEED)), damage, SEED)
    label = label_from(json.loads(json.dumps(one.label(damage))))
    data = as_jpeg(Image.fromarray(sheet))
    return compare(f"{kind} {damage}", data, label, naive=False, today=TODAY)


@pytest.mark.parametrize("field", FLOORS)
def test_a_share_is_not_below_its_floor(found: dict[str, Any], field: str) -> None:
    share = found[field] if field == "date_and_total" else found["fields"][field]["right"]
    assert share >= FLOORS[field]


def test_no_total_is_wrong_that_is_not_asked(found: dict[str, Any]) -> None:
    assert found["fields"]["total_paise"]["wrong_of_not_asked"] == 0
    assert found["fields"]["total_paise"]["not_asked"] >= 0.8
