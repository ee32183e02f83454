"""What a lexicon holds is read whole: no entry hides another of its name."""

from __future__ import annotations

from collections import Counter

import pytest
import yaml

from actions import lexicon


def twice(node, path=""):
    """The paths that stand more than once, as the parser sees them."""
    if not isinstance(node, yaml.MappingNode):
        return []
    keys = [f"{path}{key.value}" for key, _ in node.value]
    found = [key for key, count in Counter(keys).items() if count > 1]
    return found + [one for key, value in node.value for one in twice(value, f"{path}{key.value}.")]


def test_no_entry_of_the_lexicon_stands_twice():
    node = yaml.compose(lexicon.LEXICON.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    assert len(node.value) > 50
    assert twice(node) == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("stock: [a]\nsale: [b]\nstock: [c]\n", "lexicon.yml, line 3: stock stands twice"),
        ("sale:\n  no: [a]\n  other: [b]\n  no: [c]\n", "lexicon.yml, line 4: no stands twice"),
    ],
)
def test_an_entry_that_stands_twice_is_named_with_its_line(text, said):
    with pytest.raises(ValueError, match=f"^{said}$"):
        lexicon._read(text)


def test_one_name_under_two_entries_is_two_entries():
    assert lexicon._read("stock:\n  add: [a]\nsale:\n  add: [b]\n") == {
        "stock": {"add": ["a"]},
        "sale": {"add": ["b"]},
    }
