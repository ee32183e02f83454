"""`make check`: a designer's mistake is named with its file and line, before any training."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import check
import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The files of today, to make a mistake in."""
    for name in ("config.yml", "domain.yml"):
        shutil.copy(ROOT / name, tmp_path / name)
    shutil.copytree(ROOT / "data", tmp_path / "data")
    shutil.copytree(ROOT / "tests" / "stories", tmp_path / "tests" / "stories")
    shutil.copytree(ROOT / "actions", tmp_path / "actions")
    return tmp_path


def change(folder: Path, file: str, before: str, after: str) -> int:
    """Replace the first of something in a file; the line in which it stood."""
    path = folder / file
    text = path.read_text(encoding="utf-8")
    assert before in text
    path.write_text(text.replace(before, after, 1), encoding="utf-8")
    return text[: text.index(before)].count("\n") + 1


def told(folder: Path) -> list[str]:
    """What the check says of the files by themselves."""
    files = check.Files(folder)
    domain = check.Domain.of(files.read(check.DOMAIN))
    check.check_domain(files, domain)
    check.check_examples(files, domain)
    check.check_dialogues(files, domain)
    check.check_words(files, domain)
    check.check_actions(files, domain)
    return sorted({str(one) for one in files.mistakes})


def run(folder: Path) -> subprocess.CompletedProcess[str]:
    """The command itself, on a folder."""
    command = [sys.executable, str(ROOT / "scripts" / "check.py"), str(folder)]
    return subprocess.run(command, capture_output=True, text=True, cwd=folder)


def test_the_files_of_today_fit_together(folder: Path) -> None:
    done = run(folder)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.startswith("domain.yml and data/ fit together (")


MISTAKES = {
    "an unknown intent in a story": (
        "data/stories/journeys.yml",
        "intent: inventory_query",
        "intent: inventory_qery",
        "there is no intent inventory_qery in domain.yml (did you mean inventory_query?)",
    ),
    "an unknown intent in a rule": (
        "data/rules/orders.yml",
        "intent: order_status",
        "intent: where_is_it",
        "there is no intent where_is_it in domain.yml",
    ),
    "an unknown intent in a test": (
        "tests/stories/journeys.yml",
        "intent: low_stock_query",
        "intent: low_stock",
        "there is no intent low_stock in domain.yml (did you mean low_stock_query?)",
    ),
    "examples of an unknown intent": (
        "data/nlu/orders.yml",
        "intent: order_modify",
        "intent: order_modfy",
        "there is no intent order_modfy in domain.yml (did you mean order_modify?)",
    ),
    "an action that does not exist": (
        "data/rules/khata.yml",
        "action: action_khata_query",
        "action: action_khata_qery",
        "there is no action, response or form action_khata_qery in domain.yml "
        "(did you mean action_khata_query?)",
    ),
    "an action that nobody wrote": (
        "domain.yml",
        "  - action_khata_query\n",
        "  - action_khata_query\n  - action_tell_a_joke\n",
        "there is no action action_tell_a_joke in actions/",
    ),
    "an unknown entity in an example": (
        "data/nlu/orders.yml",
        "[Mohan](customer_name) ke liye [das](quantity)",
        "[Mohan](custmer_name) ke liye [das](quantity)",
        "there is no entity custmer_name in domain.yml (did you mean customer_name?)",
    ),
    "an unknown entity in a test": (
        "tests/stories/journeys.yml",
        "[maggi](product_name)",
        "[maggi](prodct_name)",
        "there is no entity prodct_name in domain.yml (did you mean product_name?)",
    ),
    "an example that is none": (
        "data/nlu/orders.yml",
        "      - booking karo\n",
        "      booking karo\n",
        "an example begins with “- ”",
    ),
    "an unknown form": (
        "data/rules/orders.yml",
        "active_loop: modify_form",
        "active_loop: modifying_form",
        "there is no form modifying_form in domain.yml (did you mean modify_form?)",
    ),
    "an unknown slot in a form": (
        "domain.yml",
        "      - order_customer\n",
        "      - order_customers\n",
        "order_form: there is no slot order_customers in domain.yml (did you mean order_customer?)",
    ),
    "a slot that a form cannot ask for": (
        "domain.yml",
        "  - action_ask_order_confirmed\n",
        "",
        "order_form cannot ask for order_confirmed: there is neither action_ask_order_confirmed "
        "nor utter_ask_order_confirmed",
    ),
    "a button too long": (
        "domain.yml",
        '- title: "✅ Haan"',
        '- title: "✅ Haan, bilkul theek hai ji"',
        "a button's title holds 20 characters",
    ),
    "the same twice": (
        "domain.yml",
        "  utter_nobody_owes:\n",
        '  utter_nobody_owes:\n    - text: "Koi nahi"\n  utter_nobody_owes:\n',
        "'utter_nobody_owes' stands here a second time; only one counts",
    ),
}
OFFSETS = {"an action that nobody wrote": 1, "the same twice": 2}
"""Lines that the mistake stands below the place that was changed."""


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_named_with_its_line(folder: Path, mistake: str) -> None:
    file, before, after, sentence = MISTAKES[mistake]
    line = change(folder, file, before, after) + OFFSETS.get(mistake, 0)
    if mistake == "a slot that a form cannot ask for":
        text = (folder / "domain.yml").read_text()
        line = text[: text.index("      - order_confirmed\n")].count("\n") + 1
    found = told(folder)
    assert any(one.startswith(f"{file}:{line}: ") and one.endswith(sentence) for one in found), (
        found
    )


RESPONSE = """  utter_test_words:
    - condition:
        - {type: slot, name: language, value: hindi}
      text: "नमस्ते {name}"
    - condition:
        - {type: slot, name: language, value: english}
      text: "Hello {name}"
    - text: "Namaste {name}"
"""


@pytest.mark.parametrize(
    ("before", "after", "below", "sentence"),
    [
        ("value: english", "value: hindi", 0, "utter_test_words has no text in english"),
        ("value: hindi", "value: french", 0, "utter_test_words has no text in hindi"),
        ("Hello {name}", "Hello", 4,
         "utter_test_words: english and Hinglish put in different facts: name"),
        ('\n    - text: "Namaste {name}"', "", 0,
         "utter_test_words has no text in Hinglish (the one without a condition)"),
    ],
)  # fmt: skip
def test_a_response_without_a_translation(
    folder: Path, before: str, after: str, below: int, sentence: str
) -> None:
    response = RESPONSE.replace(before, after, 1)
    line = change(folder, "domain.yml", "responses:\n", f"responses:\n{response}") + 1
    found = told(folder)
    assert f"domain.yml:{line + below}: {sentence}" in found
    assert (
        f"domain.yml:{line}: nobody says utter_test_words: list it in data/stories/words.yml, "
        "or take it out" in found
    )


def test_one_text_for_two_intents(folder: Path) -> None:
    line = change(folder, "data/nlu/orders.yml", "      - booking karo\n", "      - theek hai\n")
    other = (folder / "data/nlu/chat.yml").read_text().splitlines().index("      - theek hai") + 1
    assert told(folder) == [
        f"data/nlu/orders.yml:{line}: the same text is an example of affirm at "
        f"data/nlu/chat.yml:{other}"
    ]


def test_rules_that_contradict_each_other(folder: Path) -> None:
    path = folder / "data" / "rules" / "khata.yml"
    line = path.read_text().count("\n") + 2
    path.write_text(
        path.read_text()
        + """
  - rule: somebody else's idea
    steps:
      - intent: khata_query
      - action: action_help
"""
    )
    done = run(folder)
    assert done.returncode == 1
    first, second, count = done.stdout.splitlines()
    assert first == (
        "data/rules/khata.yml:4: the prediction of the action 'action_khata_query' in rule 'tell "
        "who owes what' is contradicting with rule(s) 'somebody else's idea' "
        f"(data/rules/khata.yml:{line})"
    )
    assert second.startswith(f"data/rules/khata.yml:{line}: ")
    assert count == "2 mistakes; nothing was trained."


@pytest.mark.parametrize(
    ("file", "before", "after", "sentence"),
    [
        ("actions/payments/khata.py", "class ", "clas ", "invalid syntax"),
        ("domain.yml", "intents:\n", "intents: [\n", "this is not YAML: "),
    ],
)
def test_a_file_that_cannot_be_read(
    folder: Path, file: str, before: str, after: str, sentence: str
) -> None:
    change(folder, file, before, after)
    done = run(folder)
    assert done.returncode == 1
    assert done.stdout.startswith(f"{file}:")
    assert sentence in done.stdout.splitlines()[0]
    assert "Traceback" not in done.stdout + done.stderr


def test_training_begins_with_it(folder: Path) -> None:
    shutil.copytree(ROOT / "scripts", folder / "scripts")
    shutil.copytree(ROOT / "erp_core", folder / "erp_core")
    shutil.copytree(ROOT / "channels", folder / "channels")
    change(folder, "data/rules/khata.yml", "action_khata_query", "action_khata")
    command = [sys.executable, str(folder / "scripts" / "train.py")]
    done = subprocess.run(command, capture_output=True, text=True, cwd=folder)
    assert done.returncode == 1
    assert done.stdout.startswith("data/rules/khata.yml:")
    assert "training" not in done.stdout
