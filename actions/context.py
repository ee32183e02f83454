"""One turn as the actions see it: who writes, to which business, in which language."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache, cached_property, lru_cache, partial
from hashlib import blake2b
from typing import Any
from uuid import UUID

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.entities import Entity, method_of, read_entities
from actions.lexicon import only, says, words
from actions.moment import pass_by, reading
from actions.phrasebook import PLAIN, Button, Message, Phrasebook
from actions.purchases.spoken_vendor import with_vendor_spoken_of
from actions.reading.asides import without_tags
from actions.reading.examples import with_examples
from actions.reading.goods_notes import apart_from_notes
from actions.reading.in_order import Said, named_in
from actions.reading.misread_sums import may_spell_rates, with_rates_spelt
from actions.reading.phones import with_figures
from actions.reading.regional import yes_or_no
from actions.reading.tongue import tongue_of
from erp_core.journal.commands import Command
from erp_core.journal.context import CommandResult, Reader
from erp_core.kernel.actor import SYSTEM, Actor
from erp_core.kernel.errors import Forbidden
from erp_core.kernel.settings import Settings
from erp_core.parties import queries as parties
from erp_core.parties import service as parties_service
from erp_core.parties.permissions import Permission, allowed
from erp_core.reviews import service as reviews
from erp_core.runtime import Bahi

DEMO_NUMBER = "1065"
"""The business that a designer (in rasa shell, rasa interactive) runs as its owner."""

SURE = 0.9
FAIRLY_SURE = 0.75
"""Below this confidence nothing is done that reaches somebody else, without being asked."""
DOUBTFUL = 0.5
"""Below this confidence nothing is agreed to."""
OF_NO_CONSEQUENCE = frozenset(
    {reviews.keep, parties_service.change_language, parties_service.change_voice}
)
"""Commands that a mishearing may run: they touch no amount and nobody else."""

ASKS = "asks"
"""What a message that asks something notes beside what it speaks of: the draft it asks about."""

NOT_TO_FORGET = re.compile(
    r"\b(?:mat|na|nahi|mt)\s+bh(?:u|oo)l(?:na|n|iye|iyega|o|ye)?\b|\bbh(?:u|oo)lna\s+(?:mat|nahi|na|mt)\b"
    r"|\b(?:do\s+not|don'?t|dont|never)\s+forget(?:\s+to)?\b|मत\s+भूल(?:ना|िए|िएगा|ो)?|भूलना\s+मत",
    re.IGNORECASE,
)
"""What asks to keep something in mind. It forbids nothing, and is none of the other words."""
FORGETTABLE = frozenset(
    {
        "inventory_query", "price_query", "order_modify", "order_cancel", "deny", "nlu_fallback",
        "out_of_scope", "inventory_update",
    }
)  # fmt: skip
"""Intents that goods which shall not be forgotten are often taken for."""

_PIECE = re.compile(r"[^\s,;.!?]+")

YES_SIGNS = frozenset("👍✅✔☑👌🆗💯")

_runtime: Bahi | None = None


def use(bahi: Bahi | None) -> None:
    """Let the actions of this process work on a Bahi that is open already; None forgets it."""
    global _runtime
    _runtime = bahi


def runtime() -> Bahi:
    """The Bahi of this process, opened from the settings when nobody gave one."""
    global _runtime
    if _runtime is None:
        _runtime = Bahi.open(Settings.load())
    return _runtime


@dataclass
class Turn:
    """What an action may know and do. Messages it says leave together as one."""

    business_id: int
    actor: Actor
    language: str
    text: str
    intent: str
    entities: list[Entity]
    metadata: Mapping[str, Any]
    slots: Mapping[str, Any]
    reference: str
    dispatcher: CollectingDispatcher
    form: str | None = None
    confidence: float = 1.0
    phrasebook: Phrasebook = field(default_factory=Phrasebook.load)
    speaks: bool = False
    """Whether whoever writes is answered aloud as well."""
    quoted: Mapping[str, str] = field(default_factory=dict)
    """What the message that is quoted spoke of, if one is."""
    leaves: bool = False
    """Whether what is being written shall wait: "wo chhodo, pehle chai 80"."""
    insists: bool = False
    """Whether something shall not be forgotten."""
    note: str = ""
    """What was asked of how the goods are made, which is kept nowhere."""
    clauses: Sequence[Mapping[str, Any]] = ()
    """What each clause of the message was understood as, alone."""
    _commands: int = 0

    @classmethod
    def of(cls, tracker: Tracker, dispatcher: CollectingDispatcher) -> Turn:
        """The turn of the tracker's latest message; without metadata, the demo shop's owner's."""
        message = tracker.latest_message
        metadata = message.get("metadata") or {}
        if "business_id" not in metadata:
            metadata = {**metadata, **_demo_metadata()}
        actor, text = _actor(metadata["actor"], tracker.slots), _words_of(message, metadata)
        quoted = _quoted(tracker.slots, metadata)
        insists = NOT_TO_FORGET.search(text)
        if insists:
            text = text[: insists.start()] + " " * len(insists[0]) + text[insists.end() :]
        text = without_tags(text)
        until = _left_until(text) if tracker.slots.get("draft") else 0
        text = " " * until + text[until:]
        intent = _intent_of(message, text)
        business_id = int(metadata["business_id"])
        language = _language(business_id, actor, text, metadata, tracker.slots)
        slots = _as_quoted(tracker.slots, quoted)
        text, entities = _named(text, message, actor, business_id, slots)
        with _reader_at_need(business_id, actor) as reader:
            buys = actor.kind != "user"
            text, entities, note = apart_from_notes(text, intent, entities, reader, buys=buys)
        return cls(
            business_id=business_id,
            actor=actor,
            language=language,
            text=text,
            intent="order_modify" if insists and intent in FORGETTABLE else intent,
            entities=_as_proposed(entities, tracker.slots),
            metadata=metadata,
            slots=slots,
            reference=str(
                metadata.get("wamid") or message.get("message_id") or len(tracker.events)
            ),
            dispatcher=dispatcher,
            form=(tracker.active_loop or {}).get("name"),
            confidence=_confidence(message, text),
            speaks=bool(metadata.get("speaks")),
            quoted=quoted,
            leaves=bool(until),
            insists=insists is not None,
            note=note,
            clauses=_beside_notes(text, message.get("clauses") or ()),
        )

    @cached_property
    def by_clause(self) -> list[Turn]:
        """The turn for each clause, as if it alone had been said. A form asks several times."""
        return [self._of_clause(one) for one in self.clauses]

    def _of_clause(self, clause: Mapping[str, Any]) -> Turn:
        """The turn as if one of its clauses alone had been said; it answers in the same reply."""
        said = without_tags(clause["text"])
        text, entities = _named(said, clause, self.actor, self.business_id, self.slots)
        return replace(
            self,
            text=text,
            intent=_intent_of(clause, text),
            confidence=_confidence(clause, text),
            entities=_as_proposed(entities, self.slots),
            reference=f"{self.reference}/{clause['start']}",
            clauses=(),
        )

    @property
    def words(self) -> tuple[str, ...]:
        """The message in folded words."""
        return words(self.text)

    @property
    def own_id(self) -> UUID:
        """The id of a user or customer who writes; a guest has none."""
        if self.actor.id is None:
            raise Forbidden("not_allowed")
        return self.actor.id

    @property
    def is_user(self) -> bool:
        """Whether somebody who runs the business writes."""
        return self.actor.kind == "user"

    @property
    def today(self) -> date:
        """The date at the business."""
        return runtime().clock.today()

    @property
    def is_not_words(self) -> bool:
        """Whether a file, a place or the like came, or a button that is no longer known."""
        return self.metadata.get("kind") not in (None, "text", "button", "contacts", "welcome")

    @property
    def is_sure(self) -> bool:
        """Whether the language components have little doubt about the intent."""
        return self.confidence >= SURE and not self.is_heard

    @property
    def is_guess(self) -> bool:
        """Whether what is not asked about otherwise should be, before it is done."""
        return self.confidence < FAIRLY_SURE or self.is_heard

    @property
    def is_heard(self) -> bool:
        """Whether the words came by voice, and may be other words than were said."""
        return bool(self.metadata.get("voice"))

    @property
    def may_write(self) -> bool:
        """Whether a command may run. Of what was heard only a plain yes writes anything, to what
        was shown before, and only when the listener is sure of it."""
        if not self.is_heard:
            return True
        return (
            self.intent == "affirm" and bool(self.metadata["voice"]["sure"]) and not self.entities
        )

    @property
    def agrees(self) -> bool:
        """Whether what was taken for a yes is one: a tap, words, or a thumb; no picture else, and
        nothing that was not surely heard."""
        if not self.text:
            return True
        if self.is_heard and not self.may_write:
            return False
        if any(letter.isalnum() for letter in self.text):
            return self.confidence >= DOUBTFUL
        return any(sign in self.text for sign in YES_SIGNS)

    @property
    def method(self) -> str | None:
        """The way of paying that the words name beside goods: a power bank is no bank."""
        text = self.text
        for one in self.all("product_name"):
            text = f"{text[: one.start]}{' ' * (one.end - one.start)}{text[one.end :]}"
        return method_of(text)

    def may(self, permission: Permission) -> bool:
        """Whether the actor has a permission, of itself at least."""
        return allowed(self.actor.standing, permission)

    def all(self, name: str) -> list[Entity]:
        """The entities of one name, in the order in which they were said."""
        return [entity for entity in self.entities if entity.name == name]

    def first(self, name: str) -> Entity | None:
        """The first entity of a name."""
        return next((entity for entity in self.entities if entity.name == name), None)

    def value(self, name: str) -> str | None:
        """What the first entity of a name says."""
        entity = self.first(name)
        return entity.value if entity else None

    @contextmanager
    def read(self) -> Iterator[Reader]:
        """A reader for this actor, of the moment in which the action reads."""
        with reading(runtime(), self.business_id, self.actor) as reader:
            yield reader

    def run(
        self, command: Command, /, *, key: str | None = None, **arguments: Any
    ) -> CommandResult:
        """Run a command once: for a key, or for its place among the commands of this message.

        Raises Forbidden("heard_only") for what was heard and not yet confirmed.
        """
        if command not in OF_NO_CONSEQUENCE and not self.may_write:
            raise Forbidden("heard_only")
        self._commands += 1
        pass_by()
        return runtime().run(
            self.business_id,
            self.actor,
            key or f"{self.reference}:{self._commands}",
            command,
            **arguments,
        )

    def new_id(self) -> str:
        """An id for what this message starts: the same again when the turn is run again."""
        return blake2b(self.reference.encode(), digest_size=6).hexdigest()

    def line(self, response: str, /, **facts: Any) -> str:
        """The text of a response in the reader's language."""
        return self.phrasebook.line(response, self.language, **facts)

    def lines(self, response: str, rows: list[dict[str, Any]]) -> str:
        """A response once for each row, one below the other."""
        return "\n".join(self.line(response, **row) for row in rows)

    def say(
        self,
        response: str,
        /,
        *,
        choices: list[Button] | None = None,
        attachment: Mapping[str, Any] | None = None,
        **facts: Any,
    ) -> None:
        """Say a response; `choices` are offered after its own buttons."""
        facts = with_examples(self, response, facts)
        message: Message = self.phrasebook.render(response, self.language, **facts)
        beside = {"attachment": dict(attachment)} if attachment else {}
        if self.speaks:
            beside["spoken"] = self._spoken(response, facts)
        self.dispatcher.utter_message(
            text=message["text"],
            buttons=[*message.get("buttons", []), *(choices or [])],
            json_message=beside or None,
            utter_action=response,
        )

    def _spoken(self, response: str, facts: Mapping[str, Any]) -> dict[str, str]:
        """A response to be said aloud. No voice reads Hindi in Latin letters: who writes so is
        answered in the Hindi of the same response."""
        language = self.language if self.language == "english" else "hindi"
        return {
            "text": self.phrasebook.line(response, language, **facts),
            "language": language,
        }


def _vendor_name(business_id: int, actor: Actor, vendor_id: str) -> str:
    with reading(runtime(), business_id, actor) as reader:
        return parties.vendor(reader, UUID(vendor_id)).name


def _words_of(message: Mapping[str, Any], metadata: Mapping[str, Any]) -> str:
    """What somebody wrote. The title of a button is our own wording, and says nothing."""
    text = message.get("text") or ""
    return "" if metadata.get("kind") == "button" or text.startswith("/") else text


def _left_until(text: str) -> int:
    """Where that begins which is said to come before what is being written: "wo chhodo, pehle"."""
    pieces = list(_PIECE.finditer(text))
    rows = [words(one[0]) for one in pieces]
    first = next((at for at, one in enumerate(rows) if only(one or [""], "waiting.before")), 0)
    said = tuple(word for row in rows[:first] for word in row)
    puts_off = says(said, "wait") or says(said, "left_out.leave")
    beside = ("left_out.this", "left_out.leave", "wait", "filler", "waiting.beside")
    alone = all(any(only([one], cue) for cue in beside) for one in said)
    more = len(pieces) > first + 2
    return pieces[first].end() if puts_off and alone and more else 0


def _intent_of(message: Mapping[str, Any], text: str) -> str:
    """What was understood; a thumb up is a yes, whatever it was taken for, and so is "seri"."""
    wordless = text.strip() and not any(letter.isalnum() for letter in text)
    if wordless and any(sign in text for sign in YES_SIGNS):
        return "affirm"
    return yes_or_no(text) or (message.get("intent") or {}).get("name") or ""


def _confidence(message: Mapping[str, Any], text: str) -> float:
    given = float((message.get("intent") or {}).get("confidence") or 1.0)
    return 1.0 if yes_or_no(text) else given


def _quoted(slots: Mapping[str, Any], metadata: Mapping[str, Any]) -> Mapping[str, str]:
    """What the message that is quoted spoke of; a question, of what its draft has become since."""
    about = metadata.get("quoted") or {}
    spoken_of = {kind: value for kind, value in about.items() if kind != ASKS}
    if spoken_of or not about:
        return spoken_of
    became = json.loads((slots.get("recent") or {}).get("became") or "{}")
    of_draft: Mapping[str, str] = became.get(about[ASKS]) or {}
    return of_draft


def _as_quoted(slots: Mapping[str, Any], about: Mapping[str, str]) -> Mapping[str, Any]:
    """Whoever quotes a message speaks of what it spoke of, and of nothing that came after it."""
    if not about:
        return slots
    before = slots.get("recent") or {}
    kept = {name: before[name] for name in ("language", "became") if name in before}
    return {**slots, "recent": {**about, "of": " ".join(about), **kept}}


def _actor(given: Mapping[str, Any], slots: Mapping[str, Any]) -> Actor:
    """Who writes. A guest who gave a name in this very turn is a customer for the rest of it."""
    registered = ((slots.get("draft") or {}).get("data") or {}).get("registered")
    if given["kind"] == "guest" and registered:
        return Actor("customer", UUID(registered))
    return Actor(given["kind"], UUID(given["id"]) if given.get("id") else None, given.get("role"))


def _beside_notes(text: str, clauses: Sequence[Mapping[str, Any]]) -> Sequence[Mapping[str, Any]]:
    """The clauses of which more is left than a note that was taken out of the text."""
    return [one for one in clauses if text[one["start"] :][: len(one["text"])].strip()]


def _named(
    text: str,
    message: Mapping[str, Any],
    actor: Actor,
    business_id: int,
    slots: Mapping[str, Any],
) -> tuple[str, list[Entity]]:
    """The words with what is named in them, as whoever writes means it."""
    text, entities = with_figures(text, _entities(message, actor, business_id))
    if actor.kind != "user":
        return text, entities
    name_of = partial(_vendor_name, business_id, actor)
    text, entities = with_vendor_spoken_of(text, entities, slots, name_of)
    if may_spell_rates(text):
        with reading(runtime(), business_id, actor) as reader:
            return with_rates_spelt(reader, text, entities)
    return text, entities


def _entities(message: Mapping[str, Any], actor: Actor, business_id: int) -> list[Entity]:
    """What is named in a message, as the shop's list and people make it out."""
    with _reader_at_need(business_id, actor) as shop:
        said = Said(
            text=message.get("text") or "",
            intent=(message.get("intent") or {}).get("name") or "",
            buys=actor.kind != "user",
            shop=shop,
            today=lambda: runtime().clock.today(),
        )
        return named_in(said, read_entities(message.get("entities") or ()))


@contextmanager
def _reader_at_need(business_id: int, actor: Actor) -> Iterator[Callable[[], Reader]]:
    """Gives a reader, of a moment that begins when it is first wanted, if it ever is."""
    with ExitStack() as stack:
        yield cache(lambda: stack.enter_context(reading(runtime(), business_id, actor)))


def _as_proposed(entities: list[Entity], slots: Mapping[str, Any]) -> list[Entity]:
    """A name that is just being taught means already what it is to mean: "laal sabun kitna hai"."""
    draft = slots.get("draft") or {}
    lesson, thing = (draft.get("data") or {}).get("lesson"), (draft.get("data") or {}).get("thing")
    if not lesson or not thing or "name" not in thing:
        return entities
    said, names = (
        words(str(lesson.get("said"))),
        ("product_name", "customer_name", "item", "person"),
    )
    return [
        replace(one, value=thing["name"]) if one.name in names and words(one.value) == said else one
        for one in entities
    ]


def _language(
    business_id: int, actor: Actor, text: str, given: Mapping[str, Any], slots: Mapping[str, Any]
) -> str:
    """The language to answer in: the chosen one, else the writer's, else the last, else the shop's.

    Hinglish is also how those write in Latin letters whose shop speaks Hindi: it takes nobody back
    but from English.
    """
    usual = str(given.get("language") or PLAIN)
    if chosen_here := (slots.get("recent") or {}).get("language"):
        return str(chosen_here)
    written = tongue_of(text)
    if written == PLAIN and usual != "english":
        written = usual
    wanted = str(written or slots.get("language") or usual)
    if wanted == usual or actor.id is None:
        return wanted
    with reading(runtime(), business_id, actor) as reader:
        return parties.chosen_language(reader, actor) or wanted


@lru_cache(maxsize=1)
def _demo_metadata() -> dict[str, Any]:
    bahi = runtime()
    business_id = bahi.business_for_number(DEMO_NUMBER)
    if business_id is None:
        raise LookupError("no demo shop: bahi shop load demo/sharma_electronics.yml")
    with bahi.read(business_id, SYSTEM) as reader:
        owner = parties.all_users(reader, roles=("owner",))[0]
        language = owner.language or parties.business(reader).language
    return {
        "business_id": business_id,
        "actor": {"kind": "user", "id": str(owner.id), "role": owner.role},
        "language": language,
    }
