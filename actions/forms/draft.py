"""The draft: what is being written, kept in the session until a yes."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any

from actions import waiting
from actions.context import Turn
from actions.reading.agreeing import leaves_and_asks

OF_THE_TURN = frozenset(
    {
        "asked",
        "answering",
        "confirmed",
        "kept",
        "passed",
        "noted",
        "goods_noted",
        "told",
        waiting.LEFT,
    }
)
"""What a draft notes for the moment and shows nobody."""


ASKED_IN_FULL = 2
"""So often a question stands in full below answers to others; then it is named once more."""


class ReadAgain(Exception):
    """Something was added that a reader of the moment before does not see."""


@dataclass
class Draft:
    """What is being written: `data` so far, and what is `pending` an answer before it can go on.

    All of it is JSON and lives in the session; nothing is written to the business before a yes.
    """

    id: str
    form: str
    data: dict[str, Any] = field(default_factory=dict)
    pending: dict[str, Any] | None = None

    @classmethod
    def of(cls, slots: Any) -> Draft | None:
        """The draft in a tracker's slots, if there is one."""
        kept = slots.get("draft")
        return cls(**kept) if kept else None

    def kept(self) -> dict[str, Any]:
        """As the slot keeps it."""
        return {"id": self.id, "form": self.form, "data": self.data, "pending": self.pending}

    def set_apart(self) -> Draft:
        """What it says as a draft of its own, with the question that it was asked."""
        said = {key: value for key, value in self.data.items() if key != "asked"}
        return Draft(self.id, self.form, said, self["asked"] or None)

    @property
    def stamp(self) -> str:
        """What its buttons carry: the id, and a digest of all that its messages show."""
        shown = {key: value for key, value in self.data.items() if key not in OF_THE_TURN}
        asking = None if self.editing else self.pending
        said = json.dumps([shown, asking], sort_keys=True).encode()
        return f"{self.id}.{blake2b(said, digest_size=4).hexdigest()}"

    @property
    def editing(self) -> bool:
        """Whether "change it" was tapped, and nothing has been changed yet."""
        return self.pending is not None and self.pending["kind"] == "edit"

    @property
    def replying(self) -> bool:
        """Whether the message in hand answers a question, as against starting the form."""
        return "asked" in self.data

    def __getitem__(self, key: str) -> Any:
        return self.data.get(key)

    def __setitem__(self, key: str, value: Any) -> None:
        self.data[key] = value


def leave(turn: Turn, former: Draft, draft: Draft) -> None:
    """Another piece of work begins in a draft: the former one waits until it is done, or is
    dropped when it holds nothing, has waited before or shall be left; either is said."""
    what = what_of(turn, former)
    dropped = leaves_and_asks(turn) and not turn.leaves
    if turn.is_user and not dropped and waiting.worth_keeping(former.kept()):
        former[waiting.LEFT] = True
        draft["aside"] = former.kept()
        turn.say("utter_former_kept", what=what)
    else:
        turn.say("utter_former_dropped", what=what)


def start_over(turn: Turn, draft: Draft) -> None:
    """The draft becomes an empty one for another piece of work; what it held is left as such."""
    former = draft.set_apart()
    draft.id, draft.data = turn.new_id(), {"asked": None}
    leave(turn, former, draft)


def what_of(turn: Turn, draft: Draft) -> str:
    """What a draft is, with whose and how much."""
    return waiting.what_of(turn, draft.form, draft.data)
