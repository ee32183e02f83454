"""Learning from a sentence: names for goods and people, pack sizes, what is sold and what may be
kept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any
from uuid import UUID

from rasa_sdk.events import EventType

from actions.base import say_error
from actions.context import Turn
from actions.forms.asking import register
from actions.forms.choices import pend_choice
from actions.forms.draft import Draft
from actions.forms.form import Form
from actions.forms.names import TEACH_FORM
from actions.forms.writing import Write
from actions.goods.stock_questions import stock_rows
from actions.match import (
    customer_option,
    product_named,
    product_option,
    recent,
    remember,
    unit_word,
)
from actions.reading.taught import Lesson, heard, is_lesson, meant, owner
from erp_core.catalogue import queries as catalogue
from erp_core.catalogue import service as products
from erp_core.inventory import queries as inventory
from erp_core.journal.context import Reader
from erp_core.kernel.errors import BahiError
from erp_core.kernel.matching import EXACT
from erp_core.kernel.quantity import convert, plain, positive
from erp_core.parties import queries as parties
from erp_core.parties import service as people
from erp_core.parties.permissions import Permission
from erp_core.reviews import service as reviews

NEEDS = {
    "product": Permission.ADD_PRODUCT,
    "customer": Permission.ADD_CUSTOMER,
    "pack": Permission.ADD_PRODUCT,
    "review": Permission.CHANGE_BUSINESS,
    **dict.fromkeys(("rename", "retire", "relist"), Permission.CHANGE_PRICE),
}
"""What somebody must be allowed to teach a lesson, by its kind or by what it is of."""

CHANGES: dict[str, Callable[[Lesson], dict[str, Any]]] = {
    "rename": lambda lesson: {"name": lesson.said},
    "retire": lambda lesson: {"active": False},  # noqa: ARG005
    "relist": lambda lesson: {"active": True},  # noqa: ARG005
}
"""What changes of the goods by a lesson about the list of goods."""


@register
class TeachForm(Form):
    """A lesson, shown once more before it is learnt."""

    form = TEACH_FORM
    slots = ("taught", "taught_confirmed")
    intents = frozenset()
    permission = Permission.ADD_CUSTOMER
    about_goods = True
    takes_money = False

    def take(self, turn: Turn, draft: Draft) -> bool:
        """The lesson; a new one in the place of the former."""
        lesson = heard(turn)
        if lesson is None:
            return False
        draft.data = {"asked": draft["asked"], "lesson": vars(lesson)}
        return True

    def settle(self, turn: Turn, reader: Reader, draft: Draft) -> None:
        """Find out what is meant, and whether it may be taught."""
        if draft["thing"] or not draft["lesson"]:
            return
        lesson = Lesson(**draft["lesson"])
        settle = {"alias": _settle_alias, "forget": _settle_forgetting, "pack": _settle_pack}
        if lesson.kind == "review":
            draft["thing"] = {"of": "review"}
        else:
            settle.get(lesson.kind, _settle_goods)(turn, reader, draft, lesson)
        thing = draft["thing"]
        if thing and not turn.may(NEEDS.get(lesson.kind) or NEEDS[thing["of"]]):
            turn.say("error_not_allowed")
            draft.pending = {"kind": "closed"}

    def choose(self, turn: Turn, draft: Draft, value: str) -> None:
        """Which product or customer is meant."""
        of = draft["answering"]["field"]
        name = next(one["name"] for one in draft["answering"]["options"] if one["id"] == value)
        draft["thing"] = {"of": of, "id": value, "name": name}
        if draft["lesson"]["kind"] == "pack":
            with turn.read() as reader:
                _set_pack(turn, draft, catalogue.product(reader, UUID(value)))

    def filled(self, draft: Draft) -> dict[str, Any]:
        """The slots."""
        return {"taught": draft["thing"], "taught_confirmed": draft["confirmed"]}

    def ask(self, turn: Turn, reader: Reader, draft: Draft, slot: str) -> None:  # noqa: ARG002
        """Show what would be learnt."""
        if slot == "taught":
            turn.say("utter_ask_taught")
            return
        response, facts = _words(turn, draft)
        turn.say(f"utter_confirm_{response}", draft_id=draft.stamp, **facts)


class WriteTeaching(Write):
    """Learn it."""

    action = "action_teach"
    writes = TeachForm

    def write(self, turn: Turn, draft: Draft) -> list[EventType]:
        """Write it, and say how to undo it."""
        _learn(turn, draft)
        response, facts = _words(turn, draft)
        turn.say(f"utter_done_{response}", **facts)
        thing = draft["thing"]
        return [remember(turn, **{thing["of"]: thing["id"]})] if "id" in thing else []


def learn_on_the_way(turn: Turn) -> bool:
    """Learn from a message in the middle of other work; True when it was a lesson.

    Nothing is asked then, as two questions at once would be one too many; what is unclear is left.
    """
    if not is_lesson(turn):
        return False
    draft = Draft(turn.new_id(), TEACH_FORM, {"lesson": vars(heard(turn))})
    with turn.read() as reader:
        TeachForm().settle(turn, reader, draft)
    if draft.pending is None and draft["thing"]:
        try:
            _learn(turn, draft)
        except BahiError as error:
            say_error(turn, error)
            return True
        response, facts = _words(turn, draft)
        turn.say(f"utter_done_{response}", **facts)
    return True


def _settle_alias(turn: Turn, reader: Reader, draft: Draft, lesson: Lesson) -> None:
    known = owner(reader, lesson.said) or _namesake(reader, lesson.said)
    product, customer = meant(reader, lesson)
    for of, found in (("product", product), ("customer", customer)):
        if found.one is None:
            continue
        if known and known["id"] != str(found.one.id):
            turn.say("utter_name_means_other", said=lesson.said, name=known["name"])
            draft.pending = {"kind": "closed"}
        elif known and "alias" not in known:
            turn.say("utter_name_known_already", said=lesson.said, name=known["name"])
            draft.pending = {"kind": "closed"}
        else:
            draft["thing"] = {"of": of, "id": str(found.one.id), "name": found.one.name}
        return
    found, of = (product, "product") if product.options else (customer, "customer")
    options = [
        product_option(turn, one) if of == "product" else customer_option(turn, one)
        for one in found.options
    ]
    pend_choice(draft, found, options, field=of, may_add=False)


def _settle_forgetting(turn: Turn, reader: Reader, draft: Draft, lesson: Lesson) -> None:
    known = owner(reader, lesson.said)
    if known is None:
        turn.say("error_alias")
        draft.pending = {"kind": "closed"}
        return
    draft["thing"] = {**known, "name": known["name"]}


def _settle_goods(turn: Turn, reader: Reader, draft: Draft, lesson: Lesson) -> None:
    found, _ = meant(reader, lesson)
    if found.one is None and len(found.options) == 1:
        found = replace(found, one=found.options[0])
    if found.one:
        draft["thing"] = {"of": "product", "id": str(found.one.id), "name": found.one.name}
        return
    options = [product_option(turn, one) for one in found.options]
    pend_choice(draft, found, options, field="product", may_add=False)


def _settle_pack(turn: Turn, reader: Reader, draft: Draft, lesson: Lesson) -> None:
    before = recent(turn, "product")
    if not lesson.means and before:
        _set_pack(turn, draft, catalogue.product(reader, before))
        return
    found = product_named(reader, lesson.means or "")
    if found.one:
        _set_pack(turn, draft, found.one)
        return
    options = [product_option(turn, one) for one in found.options]
    pend_choice(draft, found, options, field="product", index=0, may_add=False)


def _set_pack(turn: Turn, draft: Draft, product: catalogue.Product) -> None:
    lesson = Lesson(**draft["lesson"])
    try:
        positive(Decimal(lesson.holds), product.unit)
        fits = convert(Decimal(1), lesson.unit, product.unit) is None
    except BahiError as error:
        say_error(turn, error)
        fits = False
    else:
        if not fits:
            turn.say("error_bad_unit")
    if not fits:
        draft.pending = {"kind": "closed"}
        return
    draft["thing"] = {
        "of": "pack",
        "id": str(product.id),
        "name": product.name,
        "unit": product.unit,
    }


def _learn(turn: Turn, draft: Draft) -> None:
    lesson, thing, key = Lesson(**draft["lesson"]), draft["thing"], f"draft:{draft.id}"
    if lesson.kind == "review":
        turn.run(reviews.consent, key=key, keeps=lesson.on)
    elif lesson.kind == "pack":
        turn.run(
            products.set_pack,
            key=key,
            product_id=UUID(thing["id"]),
            unit=lesson.unit,
            holds=Decimal(lesson.holds),
        )
    elif lesson.kind in CHANGES:
        change = CHANGES[lesson.kind](lesson)
        turn.run(products.change_product, key=key, product_id=UUID(thing["id"]), **change)
    elif lesson.kind == "forget":
        forget = products.drop_alias if thing["of"] == "product" else people.drop_nickname
        turn.run(forget, key=key, alias=lesson.said)
    elif thing["of"] == "product":
        turn.run(products.add_alias, key=key, product_id=UUID(thing["id"]), alias=lesson.said)
    else:
        turn.run(people.add_nickname, key=key, customer_id=UUID(thing["id"]), alias=lesson.said)


def _words(turn: Turn, draft: Draft) -> tuple[str, dict[str, Any]]:
    """Which response, and its facts: teach_alias, teach_forget, teach_pack, teach_review_on, …"""
    lesson, thing = Lesson(**draft["lesson"]), draft["thing"]
    if lesson.kind == "review":
        return ("teach_review_on" if lesson.on else "teach_review_off"), {}
    if lesson.kind == "pack":
        return "teach_pack", {
            "product": thing["name"],
            "pack": unit_word(turn, lesson.unit),
            "holds": plain(Decimal(lesson.holds)),
            "unit": unit_word(turn, thing["unit"], lesson.holds),
        }
    facts = {"said": lesson.said, "name": thing["name"]}
    if lesson.kind == "retire":
        with turn.read() as reader:
            left = inventory.stock_list(reader, [UUID(thing["id"])])
        facts["stock"] = stock_rows(turn, left)
    return f"teach_{lesson.kind}", facts


def _namesake(reader: Reader, said: str) -> dict[str, str] | None:
    """A product or customer that is called so itself."""
    for of, matches in (
        ("product", catalogue.find_products(reader, said, limit=1)),
        ("customer", parties.find_customers(reader, said, limit=1)),
    ):
        if matches and matches[0].score == EXACT:
            return {"of": of, "id": str(matches[0].item.id), "name": matches[0].item.name}
    return None
