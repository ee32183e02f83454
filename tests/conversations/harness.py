"""Talks to Bahi in process: the real rules, forms, actions and database, without the channel.

A dialogue is a YAML list of steps (see the files beside this one):

    - owner: "[Ravi](customer_name) ko [2](quantity) [iPhone 15](product_name) ka order"
      intent: order_create          # what was said, with what the language components would find
    - owner: "cancel karo"
      intent: order_cancel
      quoting: "ORD-2026-00001"     # in answer to what Bahi last said of it; a regular expression
    - bahi: ["Ravi Kumar", "₹1,88,564"]   # each must stand in the reply; a regular expression
    - not: ["cost"]                 # none may
    - owner: "bill Ravi wala"
      intent: invoice_share
      sure: 0.5                     # how sure they would be of it; 1 when left out
    - first: "iPhone 15"            # what stands first to be tapped; `only: 3` so many buttons
    - tap: "✅ Haan"                # the button or row that begins so, of the last reply with one
    - again: "✅ Haan"              # the same button once more, as a double tap or a day later
    - db: {"orders[0].status": confirmed, "products.iPhone 15.reserved": "2"}
    - reads: m1                     # the file that shall be read
    - told: {"Ravi Kumar": "pakka"} # what went out to somebody else meanwhile

    - owner:                        # a message of several clauses, and what each alone is
        - payment_record: "[Ravi](customer_name) ne [500](amount) diye"
        - report_request: "[aaj](date) ki [sale](report_type) batao"
      intent: payment_record

Whoever speaks is named by role ("owner", "staff") or by the name of a customer; "guest" is unknown.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import re
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from rasa.core.agent import Agent
from rasa.core.channels.channel import OutputChannel, UserMessage
from rasa.shared.nlu.constants import ENTITIES, INTENT, INTENT_RANKING_KEY, METADATA, TEXT
from rasa.shared.nlu.training_data.message import Message
from ruamel.yaml import YAML

from actions import context
from actions.phrasebook import Phrasebook
from actions.talk.tellings import Words
from channels.whatsapp.action_loading import load_actions
from channels.whatsapp.inprocess import InProcessActions, trust_own_actions
from channels.whatsapp.parses import in_clauses, parse_of
from channels.whatsapp.quotes import told_of
from channels.whatsapp.served import spoken_of
from channels.whatsapp.straight import reading_domains_once
from erp_core.cli import shop_file, shop_load, shop_show
from erp_core.journal import outbox
from erp_core.kernel.actor import Actor
from erp_core.kernel.shorthand import written_out
from erp_core.parties import queries as parties
from erp_core.runtime import Bahi
from nlu.entities import EntityNormalizer

ROOT = Path(__file__).resolve().parents[2]
DEMO = ROOT / "demo" / "sharma_electronics.yml"
ANNOTATED = re.compile(r"\[([^\]]+)\]\(([a-z_]+)(?::([^)]*))?\)")

DOUBT = 0.35
"""How sure the pipeline is of "did not get that"."""

_wamids = itertools.count(1)


class Output(OutputChannel):
    """Collects what a turn says."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.buttons: list[dict[str, Any]] = []
        self.attachments: list[dict[str, Any]] = []
        self.reads: list[str] = []

    @classmethod
    def name(cls) -> str:
        return "whatsapp"

    async def send_response(self, _recipient_id: str, message: dict[str, Any]) -> None:
        if message.get("text"):
            self.texts.append(message["text"])
        self.buttons += message.get("buttons") or []
        custom = message.get("custom") or {}
        if "read" in custom:
            self.reads.append(custom["read"]["media"])
        attachment = custom.get("attachment")
        if attachment:
            self.attachments.append(attachment)

    @property
    def text(self) -> str:
        return "\n".join(self.texts)


@dataclass
class Person:
    """Somebody who writes: their chat, and what they last saw to tap."""

    chat: str
    name: str
    kind: str
    phone: str | None = None
    buttons: list[dict[str, Any]] = field(default_factory=list)
    heard: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    """What they were told, and what each of it spoke of."""
    tapped: dict[str, dict[str, Any]] = field(default_factory=dict)


class Talk:
    """One shop, and everybody who talks to it."""

    def __init__(self, agent: Agent, bahi: Bahi, business_id: int) -> None:
        self.agent = agent
        self.bahi = bahi
        self.business_id = business_id
        self.people: dict[str, Person] = {}
        self.last = Output()
        context.use(bahi)

    def say(
        self, who: str, text: str, intent: str | None = None, *, sure: float = 1.0, **metadata: Any
    ) -> Output:
        """Say something, entities as [text](entity); without an intent, the model decides."""
        plain, entities = annotated(text)
        parse_data = parsed(intent, plain, entities, sure=sure) if intent else None
        if parse_data:
            today = self.bahi.clock.today()
            parse_data = read_values(parse_data, today=metadata.get("today") or today.isoformat())
        return self._turn(who, plain, parse_data, metadata)

    def say_several(self, who: str, clauses: Sequence[Mapping[str, str]], intent: str) -> Output:
        """Say several clauses in one message: what the whole is taken for, and each alone."""
        today = self.bahi.clock.today().isoformat()
        said, alone = "", list[dict[str, Any]]()
        for clause in clauses:
            ((kind, text),) = clause.items()
            plain, entities = annotated(text)
            read = read_values(parsed(kind, plain, entities), today=today)
            alone.append({"start": len(annotated(said)[0]), **read})
            said += f"{text}, "
        plain, entities = annotated(said.removesuffix(", "))
        whole = read_values(parsed(intent, plain, entities), today=today)
        return self._turn(who, plain, {**whole, "clauses": alone}, {})

    def quote(self, who: str, wanted: str) -> dict[str, str]:
        """What the last message of Bahi to somebody that holds this spoke of."""
        return next(
            about for text, about in reversed(self.person(who).heard) if re.search(wanted, text)
        )

    def tap(self, who: str, title: str) -> Output:
        """Tap a button or row of the last message that had any."""
        return self._press(who, self.keep(who, title))

    def keep(self, who: str, title: str) -> dict[str, Any]:
        """A button of the last message that had any, to be tapped later by `tap_again`."""
        person = self.person(who)
        shown = [one for one in person.buttons if one["title"].startswith(title)]
        assert shown, f"no {title!r} among {[one['title'] for one in person.buttons]}"
        person.tapped[title] = shown[0]
        return shown[0]

    def tap_again(self, who: str, title: str) -> Output:
        """Tap a button that was tapped or shown before."""
        return self._press(who, self.person(who).tapped[title])

    def show(self) -> dict[str, Any]:
        """The shop's facts as `bahi shop show --json` prints them."""
        with self.bahi.read(self.business_id) as reader:
            facts: dict[str, Any] = shop_show.facts(reader)
        return facts

    def told(self) -> list[tuple[str, str]]:
        """Whom Bahi has told what on its own: (name, text), oldest first; each only once."""
        found = []
        with self.bahi.read(self.business_id) as reader:
            rows = outbox.claim_outbox(
                reader.connection, self.business_id, now=self.bahi.clock.now()
            )
            for row in sorted(rows, key=lambda one: one.created_at):
                name = (
                    parties.customer(reader, row.to.id).name
                    if row.to.kind == "customer"
                    else parties.user(reader, row.to.id).name
                )
                language = parties.language_of(reader, Actor(row.to.kind, row.to.id, "viewer"))
                shop = parties.business(reader)
                message = Words(reader, Phrasebook.load(), shop=shop).of(row, language)
                found.append((name, message["text"]))
                self._offer(name, message.get("buttons") or [])
                self._note_told(name, message["text"], told_of(row.facts))
            outbox.mark_dispatched(reader.connection, self.business_id, [row.id for row in rows])
        return found

    def person(self, who: str) -> Person:
        """Somebody by role or name."""
        if who not in self.people:
            self.people[who] = self._find(who)
        return self.people[who]

    def _offer(self, name: str, buttons: list[dict[str, Any]]) -> None:
        for person in [self.person("owner"), *self.people.values()]:
            if buttons and person.name == name:
                person.buttons = list(buttons)

    def _note_told(self, name: str, text: str, about: dict[str, str]) -> None:
        heard = next((one.heard for one in self.people.values() if one.name == name), None)
        if heard is not None:
            heard.append((text, about))

    def _find(self, who: str) -> Person:
        if who == "guest":
            return Person("guest", "", "guest", phone="919000000001")
        with self.bahi.read(self.business_id) as reader:
            for user in parties.all_users(reader):
                if user.role == who or user.name == who:
                    return Person(who, user.name, "user", user.phone)
            customer = next(
                one.item
                for one in parties.find_customers(reader, who)
                if one.item.name == who or one.score >= 85
            )
            return Person(who, customer.name, "customer", customer.phone)

    def _actor(self, person: Person) -> tuple[Actor, str]:
        with self.bahi.read(self.business_id) as reader:
            actor = parties.identify(reader, kind="phone", value=person.phone or "")
            actor = actor or Actor("guest")
            return actor, parties.language_of(reader, actor)

    def _press(self, who: str, button: Mapping[str, Any]) -> Output:
        intent, brace, rest = button["payload"][1:].partition("{")
        values = json.loads(brace + rest) if brace else {}
        entities = [
            {"entity": name, "value": value, "start": 0, "end": len(button["title"])}
            for name, value in values.items()
        ]
        parse_data = parsed(intent, button["title"], entities)
        return self._turn(who, button["title"], parse_data, {"kind": "button"})

    def _turn(
        self, who: str, text: str, parse_data: dict[str, Any] | None, metadata: Mapping[str, Any]
    ) -> Output:
        person = self.person(who)
        actor, language = self._actor(person)
        wamid = f"wamid.{self.business_id}.{next(_wamids)}"
        known: dict[str, Any] = {
            "business_id": self.business_id,
            "actor": {
                "kind": actor.kind,
                "id": str(actor.id) if actor.id else None,
                "role": actor.role,
            },
            "language": language,
            "wamid": wamid,
            **metadata,
        }
        if actor.kind == "guest":
            known["contact"] = {"phone": person.phone, "bsuid": None, "name": "G"}
        if text.startswith("/"):
            text = text.lstrip("/")
            known["command"] = text.split()[0]
        output = Output()
        text = text if parse_data else written_out(text)
        message = UserMessage(
            text=text,
            output_channel=output,
            sender_id=f"{self.business_id}:{person.chat}",
            parse_data=parse_data,
            message_id=wamid,
            metadata=known,
        )
        asyncio.run(self.agent.processor.handle_message(message))
        if output.buttons:
            person.buttons = output.buttons
        tracker = asyncio.run(self.agent.tracker_store.retrieve(message.sender_id))
        person.heard.append((output.text, spoken_of(tracker) if tracker else {}))
        self.last = output
        return output


def agent_of(model: Path) -> Agent:
    """An agent whose actions run in this process."""
    trust_own_actions()
    endpoint = InProcessActions(load_actions())
    with reading_domains_once():
        agent = Agent.load(str(model), action_endpoint=endpoint)
    agent.processor.action_endpoint = endpoint
    agent.processor.parse_message = in_clauses(parse_of(agent.processor))
    return agent


def shop(bahi: Bahi, folder: Path, *, language: str = "hinglish") -> int:
    """The demo shop as a business of its own."""
    number = str(20_000 + next(_wamids))
    text = DEMO.read_text(encoding="utf-8")
    text = text.replace('phone_number_id: "1065"', f'phone_number_id: "{number}"')
    text = text.replace("language: hinglish", f"language: {language}")
    file = folder / f"{number}.yml"
    file.write_text(text, encoding="utf-8")
    shop_load.load(bahi, shop_file.read(file)[0])
    business_id = bahi.business_for_number(number)
    assert business_id is not None
    return business_id


def annotated(text: str) -> tuple[str, list[dict[str, Any]]]:
    """("2 [iPhone](product_name)") → the plain text and its entities."""
    plain, entities, at = "", [], 0
    for match in ANNOTATED.finditer(text):
        plain += text[at : match.start()]
        entity = {"entity": match[2], "start": len(plain), "end": len(plain) + len(match[1])}
        entities.append({**entity, "value": match[1]})
        plain += match[1]
        at = match.end()
    return plain + text[at:], entities


def parsed(
    intent: str, text: str, entities: list[dict[str, Any]], *, sure: float = 1.0
) -> dict[str, Any]:
    """What the language components would say."""
    certain = {"name": intent, "confidence": sure}
    return {"text": text, "intent": certain, "entities": entities, "intent_ranking": [certain]}


def read_values(parse_data: dict[str, Any], *, today: str) -> dict[str, Any]:
    """What the normalizer of the pipeline makes of found entities: numbers, days, documents.

    As in the pipeline, a message that is nothing but a number or a day has no intent of its own.
    """
    message = Message(data={**parse_data, METADATA: {"today": today}})
    normalizer().process([message])
    intent = message.get(INTENT)
    if intent["confidence"] == 0 and parse_data["intent"]["confidence"] > 0:
        intent = {"name": "nlu_fallback", "confidence": DOUBT}
    return {
        TEXT: parse_data["text"],
        INTENT: intent,
        INTENT_RANKING_KEY: [intent],
        ENTITIES: message.get(ENTITIES),
    }


@lru_cache(maxsize=1)
def normalizer() -> EntityNormalizer:
    """The component of config.yml that reads values, set up as there."""
    pipeline = YAML(typ="safe", pure=True).load((ROOT / "config.yml").read_text())["pipeline"]
    name = f"{EntityNormalizer.__module__}.{EntityNormalizer.__name__}"
    own = next(one for one in pipeline if one["name"] == name)
    config = {**EntityNormalizer.get_default_config(), **own}
    return EntityNormalizer(config)


def fingerprint(paths: list[Path]) -> str:
    """One short word for the content of some files."""
    return f"{zlib.crc32(b''.join(path.read_bytes() for path in paths)):08x}"
