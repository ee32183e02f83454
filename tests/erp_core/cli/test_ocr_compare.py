"""`bahi ocr compare` shows what two engines make of a picture beside each other."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench._bills import as_jpeg, bill, draw
from erp_core.adapters.tesseract import is_installed
from erp_core.cli.main import main
from tests.conftest import TODAY


def test_a_file_that_is_not_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    missing = tmp_path / "none.jpg"
    assert main(["ocr", "compare", str(missing)]) == 1
    assert capsys.readouterr().err == f"{missing} cannot be read.\n"


@pytest.mark.skipif(not is_installed(), reason="no Tesseract here")
def test_two_columns(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("BAHI_VISION_URL", raising=False)
    made = bill(3, kind="petrol", today=TODAY)
    picture = tmp_path / "bill.jpg"
    picture.write_bytes(as_jpeg(draw(made, 3)))
    assert main(["ocr", "compare", str(picture)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split(maxsplit=1) == ["tesseract", "tesseract, unprepared"]
    assert lines[1].split() == ["kind", "receipt", "receipt"]
    (total,) = [line for line in lines if line.startswith("total ")]
    assert total.split()[1] == f"{made.total // 100}.{made.total % 100:02d}"
