"""Tesseract's library and its program read a picture alike, and both within their time."""

from __future__ import annotations

import os

import numpy as np
import pytest
from numpy.typing import NDArray

from bench._bills import bill, draw
from erp_core.adapters import tesseract
from erp_core.adapters.tesseract import Tesseract, is_installed
from erp_core.kernel.errors import Unavailable
from tests.conftest import TODAY

pytestmark = pytest.mark.skipif(
    not os.environ.get("CI") and not is_installed(),
    reason="no Tesseract: `sudo apt-get install tesseract-ocr`",
)


@pytest.fixture
def kirana() -> NDArray[np.uint8]:
    return np.array(draw(bill(3, kind="kirana", today=TODAY), 3))


@pytest.fixture
def without_library(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tesseract, "_loaded", {}.get)


def test_both_say_the_same(kirana, monkeypatch):
    by_library = Tesseract(seconds=60).words(kirana, ("eng",))
    monkeypatch.setattr(tesseract, "_loaded", {}.get)
    assert Tesseract(seconds=60).words(kirana, ("eng",)) == by_library
    assert len(by_library) > 20


def test_one_picture_leaves_nothing_to_the_next(kirana):
    engine = Tesseract(seconds=60)
    first = engine.words(kirana, ("eng",))
    assert engine.words(np.full((200, 300), 255, np.uint8), ("eng",)) == []
    assert engine.words(kirana, ("eng",)) == first


def test_the_library_ends_in_time(kirana):
    with pytest.raises(Unavailable) as refused:
        Tesseract(seconds=0.02).words(kirana, ("eng",))
    assert refused.value.code == "ocr_too_slow"


@pytest.mark.usefixtures("without_library")
def test_the_program_ends_in_time(kirana):
    with pytest.raises(Unavailable) as refused:
        Tesseract(seconds=0.02).words(kirana, ("eng",))
    assert refused.value.code == "ocr_too_slow"
