"""Find the mistakes of domain.yml and data/ before any training, each with its file and line.

    scripts/check.py [FOLDER]

First what stands in the files by itself, then whether rules and stories contradict each other; some
seconds in all. Ends with 1 when something is wrong.
"""

from __future__ import annotations

import contextlib
import difflib
import importlib
import io
import logging
import re
import sys
import time
import traceback
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

DOMAIN = "domain.yml"
LANGUAGES = ("hindi", "english")
"""Besides the one without a condition, which is Hinglish."""
TITLE = 20
"""Characters of a button on WhatsApp."""
BY_RASA = frozenset(
    {
        "action_listen", "action_restart", "action_session_start", "action_default_fallback",
        "action_deactivate_loop", "action_revert_fallback_events", "action_back",
        "action_default_ask_affirmation", "action_default_ask_rephrase", "action_extract_slots",
        "action_two_stage_fallback", "action_unlikely_intent", "action_send_text",
    }
)  # fmt: skip
SLOTS_BY_RASA = frozenset({"requested_slot", "session_started_metadata"})
FALLBACK = "nlu_fallback"
NOTHING = ("null", "~", "")
ANNOTATION = re.compile(r"\[[^\]]*\](?:\(([^)]*)\)|(\{[^}]*\}))")
PLACE = re.compile(r"(?<!\{)\{(\w+)(?::[^{}]*)?\}(?!\})")


class Text(str):
    """A scalar of a YAML file, and the line that it stands in."""

    line: int = 0
    block: bool = False

    def lines(self) -> Iterator[Text]:
        """The lines of a block, each with its own number."""
        for count, content in enumerate(self.splitlines(), start=1 if self.block else 0):
            line = Text(content)
            line.line = self.line + count
            yield line


class Map(dict[Any, Any]):
    """A mapping, with its line and what stands in it twice."""

    line: int = 0
    twice: tuple[Text, ...] = ()


class Reader(getattr(yaml, "CBaseLoader", yaml.BaseLoader)):  # type: ignore[misc]
    """Reads scalars as text, and notes where everything stands."""


def _scalar(_: Any, node: yaml.ScalarNode) -> Text:
    text = Text(node.value)
    text.line = node.start_mark.line + 1
    text.block = node.style in ("|", ">")
    return text


def _mapping(reader: Any, node: yaml.MappingNode) -> Map:
    found = Map()
    found.line = node.start_mark.line + 1
    for key_node, value_node in node.value:
        key = reader.construct_object(key_node, deep=True)
        if key in found:
            found.twice += (key,)
        found[key] = reader.construct_object(value_node, deep=True)
    return found


def _sequence(reader: Any, node: yaml.SequenceNode) -> list[Any]:
    return [reader.construct_object(one, deep=True) for one in node.value]


Reader.add_constructor("tag:yaml.org,2002:str", _scalar)
Reader.add_constructor("tag:yaml.org,2002:map", _mapping)
Reader.add_constructor("tag:yaml.org,2002:seq", _sequence)
for _kind in ("int", "float", "bool", "null"):
    Reader.add_constructor(f"tag:yaml.org,2002:{_kind}", _scalar)


@dataclass(order=True)
class Mistake:
    """What is wrong, and where."""

    file: str
    line: int
    text: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.text}" if self.line else f"{self.file}: {self.text}"


@dataclass
class Files:
    """The files that a model is made of, as they stand."""

    root: Path
    mistakes: list[Mistake] = field(default_factory=list)
    places: dict[str, tuple[str, int]] = field(default_factory=dict)
    """Where each rule and story stands, by its name."""

    def wrong(self, file: str, at: Any, text: str) -> None:
        """Note a mistake."""
        line = at if isinstance(at, int) else getattr(at, "line", 0)
        self.mistakes.append(Mistake(file, line, text))

    def known(self, file: str, name: Any, kind: str, names: Iterable[str], of: str = "") -> None:
        """Note a name that domain.yml does not have."""
        if isinstance(name, Text) and name not in (names := set(names)):
            about = f"{of}: " if of else ""
            text = f"{about}there is no {kind} {name} in {DOMAIN}{meant(name, names)}"
            self.wrong(file, name, text)

    def read(self, file: str) -> Map:
        """A file's content; empty when it cannot be read, which is noted."""
        try:
            content = yaml.load((self.root / file).read_text(encoding="utf-8"), Loader=Reader)
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            self.wrong(file, mark.line + 1 if mark else 0, f"this is not YAML: {error.problem}")
            return Map()
        except (OSError, ValueError) as error:
            self.wrong(file, 0, f"this cannot be read: {error}")
            return Map()
        if not isinstance(content, Map):
            self.wrong(file, 1, "this holds nothing that Rasa reads")
            return Map()
        for found in _maps(content):
            for key in found.twice:
                self.wrong(file, key, f"{key!r} stands here a second time; only one counts")
        return content

    def below(self, *folders: str) -> list[str]:
        """The YAML files of some folders."""
        return sorted(
            path.relative_to(self.root).as_posix()
            for folder in folders
            for path in (self.root / folder).glob("**/*.yml")
        )


def _maps(value: Any) -> Iterator[Map]:
    if isinstance(value, Map):
        yield value
    for one in (
        value.values() if isinstance(value, Map) else value if isinstance(value, list) else ()
    ):
        yield from _maps(one)


@dataclass
class Domain:
    """The names that domain.yml gives."""

    intents: dict[str, Text]
    entities: set[str]
    slots: dict[str, Any]
    forms: dict[str, Any]
    actions: dict[str, Text]
    responses: dict[str, Any]

    @classmethod
    def of(cls, content: Map) -> Domain:
        """From what domain.yml holds."""
        return cls(
            intents=_named(content.get("intents")),
            entities=set(_named(content.get("entities"))),
            slots=content.get("slots") or {},
            forms=content.get("forms") or {},
            actions=_named(content.get("actions")),
            responses=content.get("responses") or {},
        )


def _named(listed: Any) -> dict[str, Text]:
    """Names of a list whose items are names, or mappings with one name."""
    found: dict[str, Text] = {}
    for one in listed or []:
        name = next(iter(one)) if isinstance(one, Map) else one
        found[name] = name
    return found


def meant(name: str, known: Iterable[str]) -> str:
    """ " (did you mean …?)" where something is close."""
    close = difflib.get_close_matches(name, list(known), n=1, cutoff=0.75)
    return f" (did you mean {close[0]}?)" if close else ""


# domain.yml


def check_domain(files: Files, domain: Domain) -> None:
    """Responses, forms and slots."""
    for name, variations in domain.responses.items():
        check_response(files, name, variations)
    for name, form in domain.forms.items():
        for slot in (form or {}).get("required_slots") or []:
            check_form_slot(files, domain, name, slot)
    for name, slot in domain.slots.items():
        for mapping in (slot or {}).get("mappings") or []:
            files.known(DOMAIN, mapping.get("entity"), "entity", domain.entities, f"slot {name}")
            files.known(DOMAIN, mapping.get("intent"), "intent", domain.intents, f"slot {name}")


def check_response(files: Files, name: Text, variations: Any) -> None:
    """Each response says the same in all three languages, and its buttons fit."""
    if not isinstance(variations, list) or not variations:
        files.wrong(DOMAIN, name, f"{name} says nothing")
        return
    languages: dict[str, Map] = {}
    for one in variations:
        languages.setdefault(_language(one), one)
        for button in one.get("buttons") or []:
            title = button.get("title", Text())
            if len(PLACE.sub("", title)) > TITLE:
                files.wrong(DOMAIN, title, f"{name}: a button's title holds {TITLE} characters")
    for language in ("", *LANGUAGES):
        if language not in languages:
            which = language or "Hinglish (the one without a condition)"
            files.wrong(DOMAIN, name, f"{name} has no text in {which}")
    facts = {language: _facts(one) for language, one in languages.items()}
    for language in LANGUAGES:
        if language in facts and "" in facts and facts[language] != facts[""]:
            other = ", ".join(sorted(facts[language] ^ facts[""]))
            text = f"{name}: {language} and Hinglish put in different facts: {other}"
            files.wrong(DOMAIN, languages[language].line, text)


def _language(variation: Map) -> str:
    for condition in variation.get("condition") or []:
        if condition.get("name") == "language":
            return str(condition.get("value"))
    return ""


def _facts(variation: Map) -> set[str]:
    texts = [variation.get("text", "")]
    texts += [button.get("title", "") for button in variation.get("buttons") or []]
    return {match for text in texts for match in PLACE.findall(text)}


def check_form_slot(files: Files, domain: Domain, form: str, slot: Text) -> None:
    """A form can ask for each slot that it needs."""
    files.known(DOMAIN, slot, "slot", domain.slots, form)
    names = [
        f"{kind}_ask_{what}" for kind in ("action", "utter") for what in (f"{form}_{slot}", slot)
    ]
    if not any(name in domain.actions or name in domain.responses for name in names):
        there = f"there is neither action_ask_{slot} nor utter_ask_{slot}"
        files.wrong(DOMAIN, slot, f"{form} cannot ask for {slot}: {there}")


def check_actions(files: Files, domain: Domain) -> None:
    """Each action of the domain is there in actions/, and the other way round."""
    there = actions_of(files)
    if there is None:
        return
    for name, at in domain.actions.items():
        if name not in there:
            files.wrong(DOMAIN, at, f"there is no action {name} in actions/{meant(name, there)}")
    for name in sorted(there - set(domain.actions)):
        files.wrong(DOMAIN, 0, f"the action {name} of actions/ is not listed under actions:")


def actions_of(files: Files) -> set[str] | None:
    """The names of all actions; None when they cannot be imported, which is noted."""
    if not (files.root / "actions").is_dir():
        return set()
    from channels.whatsapp.action_loading import load_actions

    logging.getLogger("rasa_sdk").setLevel(logging.ERROR)
    try:
        executor = load_actions()
    except SyntaxError as error:
        files.wrong(_shown(files, error.filename or ""), error.lineno or 0, f"{error.msg}")
        return None
    except Exception as error:
        frame = traceback.extract_tb(error.__traceback__)[-1]
        files.wrong(_shown(files, frame.filename), frame.lineno or 0, f"{error}")
        return None
    return set(executor.actions)


def _shown(files: Files, file: str) -> str:
    path = Path(file)
    return path.relative_to(files.root).as_posix() if path.is_relative_to(files.root) else file


# data/nlu


def check_examples(files: Files, domain: Domain) -> None:
    """Examples belong to intents that there are, and name entities that there are."""
    seen: dict[str, tuple[str, str, int]] = {}
    counted = dict.fromkeys(domain.intents, 0)
    for file in files.below("data/nlu"):
        for block in files.read(file).get("nlu") or []:
            _check_block(files, domain, file, block, seen, counted)
    for intent, count in counted.items():
        if count == 0 and intent != FALLBACK:
            files.wrong(DOMAIN, domain.intents[intent], f"no example in data/nlu for {intent}")


def _check_block(
    files: Files,
    domain: Domain,
    file: str,
    block: Map,
    seen: dict[str, tuple[str, str, int]],
    counted: dict[str, int],
) -> None:
    intent = block.get("intent")
    files.known(file, intent, "intent", domain.intents)
    examples = block.get("examples")
    if not isinstance(examples, Text):
        return
    for line in examples.lines():
        if not line.strip():
            continue
        if not line.lstrip().startswith("- "):
            files.wrong(file, line, "an example begins with “- ”")
            continue
        if intent is None:
            continue
        counted[intent] = counted.get(intent, 0) + 1
        for entity in _entities(line):
            files.known(file, _at(line, entity), "entity", domain.entities)
        text = ANNOTATION.sub(lambda one: one[0][1 : one[0].index("]")], line.strip()[2:]).strip()
        other, at, number = seen.setdefault(text.casefold(), (intent, file, line.line))
        if other != intent:
            files.wrong(file, line, f"the same text is an example of {other} at {at}:{number}")


def _entities(line: str) -> Iterator[str]:
    for plain, braced in ANNOTATION.findall(line):
        if plain:
            yield plain.partition(":")[0]
        elif braced:
            found = yaml.safe_load(braced)
            if isinstance(found, dict) and "entity" in found:
                yield str(found["entity"])


# data/rules, data/stories, tests/stories


def check_dialogues(files: Files, domain: Domain) -> None:
    """Steps of rules and stories are things that there are."""
    for file in files.below("data/rules", "data/stories", "tests/stories"):
        content = files.read(file)
        for kind in ("rule", "story"):
            for one in content.get(f"{kind}s" if kind == "rule" else "stories") or []:
                name = one.get(kind)
                if name is None:
                    files.wrong(file, one.line, f"a {kind} has a name: `- {kind}: …`")
                    continue
                if name in files.places and not file.startswith("tests/"):
                    at, line = files.places[name]
                    files.wrong(file, name, f"{name!r} is also the name of the one at {at}:{line}")
                files.places.setdefault(name, (file, name.line))
                for step in [*(one.get("condition") or []), *(one.get("steps") or [])]:
                    _check_step(files, domain, file, step)


def _check_step(files: Files, domain: Domain, file: str, step: Any) -> None:
    if not isinstance(step, Map):
        files.wrong(file, step, f"a step is a mapping, such as `- intent: greeting`, not {step!r}")
        return
    for alternative in step.get("or") or []:
        _check_step(files, domain, file, alternative)
    files.known(file, step.get("intent"), "intent", domain.intents)
    for entity in step.get("entities") or []:
        name = next(iter(entity)) if isinstance(entity, Map) else entity
        files.known(file, name, "entity", domain.entities)
    said = step.get("user") or Text()
    for line in said.lines():
        for entity in _entities(line):
            files.known(file, _at(line, entity), "entity", domain.entities)
    known = {*domain.actions, *domain.responses, *domain.forms, *BY_RASA}
    files.known(file, step.get("action"), "action, response or form", known)
    files.known(file, step.get("active_loop"), "form", {*domain.forms, *NOTHING})
    for slot in _named(step.get("slot_was_set")).values():
        files.known(file, slot, "slot", {*domain.slots, *SLOTS_BY_RASA})


def _at(place: Text, name: str) -> Text:
    """A name that stands somewhere in a line."""
    text = Text(name)
    text.line = place.line
    return text


def check_words(files: Files, domain: Domain) -> None:
    """Every response is used: uttered by a rule, asked by a form, or listed in words.yml."""
    words = "data/stories/words.yml"
    if not (files.root / words).exists():
        return
    used = {
        step.get("action")
        for file in files.below("data/rules", "data/stories")
        for part in ("rules", "stories")
        for one in files.read(file).get(part) or []
        for step in one.get("steps") or []
    }
    for name in domain.responses:
        if name not in used:
            files.wrong(DOMAIN, name, f"nobody says {name}: list it in {words}, or take it out")


# Rules and stories together


def check_rules(files: Files) -> None:
    """Have Rasa's own rule policy look for contradictions."""
    warnings.simplefilter("ignore")
    from channels.whatsapp import lean

    lean.do_without()
    import structlog

    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    logging.disable(logging.WARNING)
    from rasa.core.policies import rule_policy
    from rasa.engine.graph import ExecutionContext, GraphSchema
    from rasa.engine.storage.resource import Resource
    from rasa.shared.core.domain import Domain as RasaDomain
    from rasa.shared.core.generator import TrainingDataGenerator
    from rasa.shared.core.training_data import loading
    from rasa.shared.core.training_data.structures import StoryGraph

    class Unkept(rule_policy.RulePolicy):
        """Learns the rules, and keeps nothing."""

        def persist(self) -> None:
            """Nowhere."""

    content = yaml.load((files.root / DOMAIN).read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    config = yaml.safe_load((files.root / "config.yml").read_text(encoding="utf-8"))
    told = next((one for one in config["policies"] if one["name"] == "RulePolicy"), {})
    paths = [str(files.root / file) for file in files.below("data/rules", "data/stories")]
    try:
        # Progress bars of a second are noise.
        with contextlib.redirect_stderr(io.StringIO()):
            domain = RasaDomain.from_dict(content)
            steps = loading.load_data_from_files(paths, domain)
            trackers = TrainingDataGenerator(
                StoryGraph(steps),
                domain,
                remove_duplicates=True,
                augmentation_factor=0,
                use_story_concatenation=False,
            ).generate()
            policy = Unkept(
                {**Unkept.get_default_config(), **told},
                None,
                Resource("rules"),
                ExecutionContext(GraphSchema({})),
            )
            policy.train(trackers, domain)
    except rule_policy.InvalidRule as error:
        for line in str(error).splitlines():
            if line.startswith("- "):
                _note_contradiction(files, line[2:].strip())
    except Exception as error:
        files.wrong(DOMAIN, 0, f"Rasa says: {str(error).splitlines()[0]}")


def _note_contradiction(files: Files, said: str) -> None:
    """Put the places to the names in Rasa's sentence."""
    named = sorted((name for name in files.places if f"'{name}'" in said), key=said.index)
    places = [files.places[name] for name in named]
    others = [f"{file}:{line}" for file, line in places[1:]]
    text = re.sub(r"\s+", " ", said).rstrip(".")
    behind = f" ({', '.join(others)})" if others else ""
    file, line = places[0] if places else ("data/rules", 0)
    files.wrong(file, line, f"{text}{behind}")


def mistakes_of(root: Path) -> list[Mistake]:
    """All mistakes, in the order of the files; contradictions only once the rest is right."""
    files = Files(root)
    domain = Domain.of(files.read(DOMAIN))
    if not files.mistakes:
        check_domain(files, domain)
        check_examples(files, domain)
        check_dialogues(files, domain)
        check_words(files, domain)
        check_actions(files, domain)
    if not files.mistakes:
        check_rules(files)
    return sorted({str(one): one for one in files.mistakes}.values())


def main(arguments: list[str]) -> int:
    """Say what is wrong; the exit code."""
    root = Path(arguments[0]).resolve() if arguments else ROOT
    sys.path.insert(0, str(root))
    importlib.invalidate_caches()
    began = time.monotonic()
    found = mistakes_of(root)
    for one in found:
        print(one)
    if found:
        count = "1 mistake" if len(found) == 1 else f"{len(found)} mistakes"
        print(f"{count}; nothing was trained.")
    else:
        print(f"domain.yml and data/ fit together ({time.monotonic() - began:.1f} s)")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
