"""`bahi nlu …`: whether a shop's unsure messages are kept, and what reviewers make of them.

`bahi nlu review` prints what waits as YAML. A reviewer fills in `intent`, marks what is named as
`[maggi](product_name)`, and gives the file back with `--from`: out comes a diff of data/nlu, to be
looked at and applied with `git apply`.
"""

from __future__ import annotations

import argparse
import difflib
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

import yaml

from erp_core.cli.shops import shop_command
from erp_core.kernel.actor import SYSTEM
from erp_core.kernel.ids import new_id

if TYPE_CHECKING:
    from erp_core.reviews.queries import Review
    from erp_core.runtime import Bahi

EXAMPLES = Path("data/nlu")
STAND_INS = ("Ravi", "Sharma", "Gupta", "Mohan", "Sunita", "Verma")
"""Names that take the place of masked ones, so that the model learns no mask."""

HOW_TO = """\
# Fill in each intent, and mark what is named: [maggi](product_name). NAME is a masked name, 0 a
# masked figure; leave them. What keeps no intent is passed over.
"""

_SPAN = re.compile(r"\[([^\]]+)\]\((\w+)\)")
_INTENT = re.compile(r"(\s*)- intent: (\w+)\s*$")
_FIGURES = re.compile(r"0+")


class BadReview(Exception):
    """A review file that cannot be used; the text says where and why."""


@dataclass(frozen=True)
class Example:
    """A reviewed message: its intent, and its text with spans marked."""

    id: UUID
    intent: str
    text: str


def add_to(commands: Any) -> None:
    """Add the commands to a parser's."""
    nlu = commands.add_parser("nlu", help="learn from messages that were not understood")
    actions = nlu.add_subparsers(title="commands", required=True, metavar="COMMAND")
    summary = "let a shop's unsure messages be kept, or not"
    consent = shop_command(actions, "consent", _consent, summary)
    consent.add_argument("keeps", choices=("on", "off"))
    summary = "list what waits, or turn it into a diff of data/nlu"
    review = shop_command(actions, "review", _review, summary)
    review.add_argument("--from", dest="file", type=Path, metavar="FILE.yml")
    review.add_argument("--forget", action="store_true", help="delete what the file has reviewed")
    review.add_argument("--data", type=Path, default=EXAMPLES, help="the folder of examples")


def _consent(bahi: Bahi, business_id: int, options: argparse.Namespace) -> int:
    from erp_core.reviews import service

    keeps = options.keeps == "on"
    bahi.run(business_id, SYSTEM, f"cli:{new_id()}", service.consent, keeps=keeps)
    print(
        "Kept for review from now on." if keeps else "Not kept any more; what was kept is deleted."
    )
    return 0


def _review(bahi: Bahi, business_id: int, options: argparse.Namespace) -> int:
    from erp_core.reviews import service
    from erp_core.reviews.queries import keeps, waiting

    if options.file is None:
        with bahi.read(business_id, SYSTEM) as reader:
            found, allowed = waiting(reader), keeps(reader)
        if not allowed:
            print("This shop does not let its messages be kept.", file=sys.stderr)
        print(sheet(found), end="")
        return 0
    try:
        examples = reviewed(options.file)
        print(diff(examples, options.data), end="")
    except BadReview as error:
        print(f"{options.file}: {error}", file=sys.stderr)
        return 1
    if options.forget:
        ids = [one.id for one in examples]
        bahi.run(business_id, SYSTEM, f"cli:{new_id()}", service.forget, ids=ids)
    return 0


def sheet(found: Sequence[Review]) -> str:
    """What waits, as YAML to be filled in."""
    rows = [
        {
            "id": str(one.id),
            "guess": f"{one.intent or 'none'} {one.per_mille / 10:.0f} %",
            "intent": None,
            "text": one.masked,
        }
        for one in found
    ]
    if not rows:
        return "# Nothing waits for review.\n"
    text = yaml.safe_dump(rows, allow_unicode=True, sort_keys=False, width=200)
    return HOW_TO + text.replace("intent: null", "intent:")


def reviewed(path: Path) -> list[Example]:
    """The messages of a sheet to which an intent was given. Raises BadReview."""
    try:
        rows = yaml.safe_load(path.read_text(encoding="utf-8")) or []
    except (OSError, yaml.YAMLError):
        raise BadReview("cannot be read as YAML") from None
    if not isinstance(rows, list) or not all(isinstance(one, Mapping) for one in rows):
        raise BadReview("must be the list that `bahi nlu review` printed")
    found = []
    for number, row in enumerate(rows, start=1):
        if not row.get("intent"):
            continue
        try:
            found.append(Example(UUID(str(row["id"])), str(row["intent"]), str(row["text"])))
        except (KeyError, ValueError):
            raise BadReview(f"row {number} has no id or no text") from None
    return found


def diff(examples: Sequence[Example], folder: Path) -> str:
    """The change of the example files that adds these, as a unified diff. Raises BadReview."""
    files = {path: path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.yml"))}
    after = dict(files)
    entities = {entity for text in files.values() for _, entity in _SPAN.findall(text)}
    for one in examples:
        unknown = {entity for _, entity in _SPAN.findall(one.text)} - entities
        if unknown:
            raise BadReview(f"{sorted(unknown)[0]} is no entity that the examples know")
        path = next((p for p, text in files.items() if _place(text, one.intent)), None)
        if path is None:
            raise BadReview(f"{one.intent} is no intent that the examples know")
        after[path] = _with_example(after[path], one)
    return "".join(_changes(path, files[path], after[path]) for path in files)


def _changes(path: Path, before: str, after: str) -> str:
    name = path.as_posix()
    lines = difflib.unified_diff(
        before.splitlines(keepends=True),
        after.splitlines(keepends=True),
        f"a/{name}",
        f"b/{name}",
    )
    return "".join(lines)


def _place(text: str, intent: str) -> tuple[int, str] | None:
    """Behind which line of a file an intent's examples end, and how far in they stand."""
    lines = text.splitlines()
    for at, line in enumerate(lines):
        found = _INTENT.match(line)
        if not found or found[2] != intent:
            continue
        last = at
        for number in range(at + 1, len(lines)):
            if re.match(rf"{found[1]}- ", lines[number]):
                break
            if lines[number].lstrip().startswith("- "):
                last = number
        indent = re.match(r"\s*", lines[last])
        return (last, indent[0] if indent else "") if last > at else None
    return None


def _with_example(text: str, one: Example) -> str:
    lines = text.splitlines()
    place = _place(text, one.intent)
    example = unmasked(one)
    if place is None or any(line.strip() == f"- {example}" for line in lines):
        return text
    lines.insert(place[0] + 1, f"{place[1]}- {example}")
    return "\n".join(lines) + "\n"


def unmasked(one: Example) -> str:
    """The text with invented names and figures in the place of the masks, the same each time."""
    chance = int.from_bytes(blake2b(one.id.bytes, digest_size=8).digest(), "big")
    text = one.text
    while "NAME" in text:
        text = text.replace("NAME", STAND_INS[chance % len(STAND_INS)], 1)
        chance //= len(STAND_INS)

    def figure(found: re.Match[str]) -> str:
        nonlocal chance
        first, rest = "1234567"[chance % 7], len(found[0]) - 1
        chance = chance // 7 + 11
        return first + "".join("05"[(chance >> at) & 1] for at in range(rest))

    return _FIGURES.sub(figure, text)
