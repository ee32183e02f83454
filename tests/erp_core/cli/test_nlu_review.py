"""`bahi nlu review`: from a masked message to a diff of the training examples."""

from __future__ import annotations

import subprocess

import pytest
import yaml

from erp_core.kernel.actor import SYSTEM
from erp_core.reviews import service
from erp_core.reviews.queries import waiting

SHOP = """
business: {{name: Kirana, phone_number_id: "{number}", state: "27"}}
"""
DATA = """\
version: "3.1"

nlu:
  - intent: price_query
    examples: |
      - [maggi](product_name) kitne ki hai
      - rate batao
  - intent: payment_record
    examples: |
      - [Ravi](customer_name) ne [500](amount) diye
"""


@pytest.fixture
def shop(cli, tmp_path, number) -> str:
    file = tmp_path / "kirana.yml"
    file.write_text(SHOP.format(number=number), encoding="utf-8")
    assert cli("shop", "load", file).code == 0
    return number


@pytest.fixture
def keep(cli, shop, bahi):
    """Consent, and keep a message."""
    assert cli("nlu", "consent", shop, "on").code == 0
    business_id = bahi.business_for_number(shop)

    def keep(masked: str) -> None:
        arguments = {"masked": masked, "intent": "price_query", "per_mille": 312}
        bahi.run(business_id, SYSTEM, f"keep:{masked}", service.keep, **arguments)

    return keep


@pytest.fixture
def data(tmp_path):
    folder = tmp_path / "data" / "nlu"
    folder.mkdir(parents=True)
    (folder / "shop.yml").write_text(DATA, encoding="utf-8")
    return folder


def test_nothing_waits_without_consent(cli, shop):
    said = cli("nlu", "review", shop)
    assert said.out == "# Nothing waits for review.\n"
    assert said.err == "This shop does not let its messages be kept.\n"


def test_what_waits_is_printed_to_be_filled_in(cli, shop, keep):
    keep("NAME ne 000 bhej diye")
    said = cli("nlu", "review", shop)
    row = yaml.safe_load(said.out)[0]
    assert (row["text"], row["intent"], row["guess"]) == (
        "NAME ne 000 bhej diye", None, "price_query 31 %",
    )  # fmt: skip


def test_a_reviewed_message_becomes_a_diff_that_applies(cli, shop, keep, data, tmp_path, bahi):
    keep("NAME ne 000 bhej diye")
    keep("chini ka kya chal raha")
    rows = yaml.safe_load(cli("nlu", "review", shop).out)
    rows[0] |= {
        "intent": "payment_record", "text": "[NAME](customer_name) ne [000](amount) bhej diye",
    }  # fmt: skip
    sheet = tmp_path / "review.yml"
    sheet.write_text(yaml.safe_dump(rows, allow_unicode=True), encoding="utf-8")
    said = cli("nlu", "review", shop, "--from", sheet, "--data", data, "--forget")
    assert said.code == 0
    added = [line for line in said.out.splitlines() if line.startswith("+ ")]
    assert len(added) == 1
    assert "NAME" not in added[0]
    assert "](customer_name) ne [" in added[0]
    with bahi.read(bahi.business_for_number(shop), SYSTEM) as reader:
        assert [one.masked for one in waiting(reader)] == ["chini ka kya chal raha"]
    patch = said.out.replace(f"a/{data.as_posix()}", "a").replace(f"b/{data.as_posix()}", "b")
    subprocess.run(["patch", "-p1"], input=patch, text=True, cwd=data, check=True)
    assert (data / "shop.yml").read_text(encoding="utf-8").count("\n      - ") == 4


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"intent": "sing_song"}, "sing_song is no intent"),
        ({"intent": "price_query", "text": "[chini](sugar)"}, "sugar is no entity"),
        ({"intent": "price_query", "id": "7"}, "row 1 has no id"),
    ],
)
def test_mistakes_are_named(cli, shop, keep, data, tmp_path, change, complaint):
    keep("chini ka kya chal raha")
    rows = yaml.safe_load(cli("nlu", "review", shop).out)
    sheet = tmp_path / "review.yml"
    sheet.write_text(yaml.safe_dump([rows[0] | change]), encoding="utf-8")
    said = cli("nlu", "review", shop, "--from", sheet, "--data", data)
    assert said.code == 1
    assert complaint in said.err


def test_taking_back_the_consent_deletes_what_waits(cli, shop, keep):
    keep("chini ka kya chal raha")
    assert "deleted" in cli("nlu", "consent", shop, "off").out
    assert cli("nlu", "review", shop).out == "# Nothing waits for review.\n"
