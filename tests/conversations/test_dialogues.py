"""Every dialogue beside this file, step by step."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from harness import Talk
from ruamel.yaml import YAML

DIALOGUES = {
    f"{path.stem}: {name}": steps
    for path in sorted(Path(__file__).parent.glob("*.yml"))
    for name, steps in YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8")).items()
}
ABOUT = {"intent", "with"}


@pytest.mark.parametrize("name", DIALOGUES)
def test_dialogue(talk: Talk, name: str) -> None:
    who = "owner"
    for number, step in enumerate(DIALOGUES[name], start=1):
        who = _run(talk, who, step, f"step {number} of {name}")


def _run(talk: Talk, who: str, step: dict[str, Any], where: str) -> str:
    kind = next(iter(step))
    if kind == "bahi":
        for wanted in _list(step["bahi"]):
            assert re.search(wanted, talk.last.text, re.DOTALL), f"{where}: {talk.last.text!r}"
    elif kind == "not":
        shown = f"{talk.last.text} {talk.last.buttons}"
        for unwanted in _list(step["not"]):
            assert not re.search(unwanted, shown), f"{where}: {shown!r}"
    elif kind == "buttons":
        titles = [one["title"] for one in talk.last.buttons]
        for wanted in _list(step["buttons"]):
            assert any(wanted in title for title in titles), f"{where}: {titles}"
    elif kind == "first":
        titles = [one["title"] for one in talk.last.buttons]
        assert titles[:1] == [step["first"]], f"{where}: {titles}"
    elif kind == "only":
        assert len(talk.last.buttons) == step["only"], f"{where}: {talk.last.buttons}"
    elif kind == "sends":
        sent = talk.last.attachments[0] if talk.last.attachments else {}
        assert sent.items() >= step["sends"].items(), f"{where}: {sent}"
    elif kind == "reads":
        assert talk.last.reads == [step["reads"]], f"{where}: {talk.last.reads}"
    elif kind == "db":
        facts = talk.show()
        for path, value in step["db"].items():
            assert _at(facts, path) == value, f"{where}: {path} is {_at(facts, path)!r}"
    elif kind in ("told", "told_once"):
        told = talk.told()
        for name, wanted in step[kind].items():
            texts = [text for told_name, text in told if told_name == name]
            for one in [wanted] if isinstance(wanted, str) else wanted:
                assert any(re.search(one, text) for text in texts), f"{where}: {told}"
            assert kind == "told" or len(texts) == 1, f"{where}: {told}"
    elif kind == "minutes":
        talk.bahi.clock._shift += timedelta(minutes=step["minutes"])
    elif kind == "tap":
        who = step.get("by", who)
        talk.tap(who, step["tap"])
    elif kind == "keep":
        who = step.get("by", who)
        talk.keep(who, step["keep"])
    elif kind == "again":
        who = step.get("by", who)
        talk.tap_again(who, step["again"])
    else:
        who = kind
        sure, more = step.get("sure", 1.0), dict(step.get("with", {}))
        if "quoting" in step:
            more["quoted"] = talk.quote(who, step["quoting"])
        if isinstance(step[kind], list):
            talk.say_several(who, step[kind], step["intent"])
        else:
            talk.say(who, step[kind], step.get("intent"), sure=sure, **more)
    return who


def _list(value: Any) -> list[str]:
    return value if isinstance(value, list) else [value]


def _at(facts: Any, path: str) -> Any:
    """ "orders[0].status", "products.iPhone 15.stock", "len orders"."""
    if path.startswith("len "):
        return len(_at(facts, path[4:]))
    for part in re.findall(r"[^.\[\]]+|\[\d+\]", path):
        if part.startswith("["):
            facts = facts[int(part[1:-1])]
        elif isinstance(facts, list):
            facts = next(one for one in facts if part in (one.get("name"), one.get("customer")))
        else:
            facts = facts[part]
    return facts
