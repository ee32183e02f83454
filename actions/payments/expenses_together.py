"""Several expenses of one message, asked and written together: "sabji 1200 gas 950 doodh 400".

They stand under `several` in the draft of an expense, each as the data of one.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from actions.context import Turn
from actions.forms.belonging import only_method
from actions.forms.choices import choice_payload, drop_button
from actions.forms.draft import Draft
from actions.forms.reopening import as_written
from actions.invoicing import reverse_charge
from actions.invoicing.put_right import figures_of
from actions.lexicon import only, says, words
from actions.phrasebook import Button
from actions.reading.money import amounts_said, written
from actions.wording import day
from erp_core.expenses import service
from erp_core.expenses.categories import guess_category
from erp_core.kernel.money import from_decimal, inr

WHICH, ONE, OUT = "which_expense", "one_expense", "out"


def gather(turn: Turn, draft: Draft, parts: list[Draft]) -> bool:
    """Put expenses together of which nothing must be asked any more; whether that is so."""
    if not all(_says_all(turn, one) for one in parts):
        return False
    draft["several"] = [{**one.data, "key": at} for at, one in enumerate(parts)]
    sum_up(draft)
    return True


def _says_all(turn: Turn, one: Draft) -> bool:
    dated = one["days"] or (one["on"] and date.fromisoformat(one["on"]) > turn.today)
    return bool(one["amount"] and (one["item"] or one["vendor"]) and not dated)


def sum_up(draft: Draft) -> None:
    """Note what all of them are, and come to; one that is left alone is an expense as any."""
    several = draft["several"]
    if len(several) == 1:
        (alone,) = draft.data.pop("several")
        draft.data.update({key: value for key, value in alone.items() if key != "key"})
        return
    draft["amount"] = sum(one["amount"] for one in several)
    draft["item"] = ", ".join(name_of(one) for one in several)


def names_one(turn: Turn, draft: Draft) -> int | None:
    """Which of them a message names."""
    said = {one for one in turn.words if not only([one], "filler")}
    fitting = [at for at, one in enumerate(draft["several"]) if said & set(words(name_of(one)))]
    return fitting[0] if len(fitting) == 1 else None


def take(turn: Turn, draft: Draft, others: list[Draft]) -> bool:
    """Change one of them, leave it out, or add `others`; how all were paid."""
    asked = draft["asked"] or {}
    if figures := figures_of(turn):
        return _put_right(draft, *map(from_decimal, figures))
    at = names_one(turn, draft)
    at = asked["index"] if at is None and asked.get("kind") == ONE else at
    amounts, item = amounts_said(turn), turn.value("item") or turn.value("product_name")
    if at is None:
        return _take_for_all(turn, draft) or _add(turn, draft, others)
    one = draft["several"][at]
    out = says(turn.words, "remove") or says(turn.words, "cancel") or says(turn.words, "negation")
    if out and not amounts:
        del draft["several"][at]
    elif amounts:
        one["amount"] = amounts[-1]
    elif method := only_method(turn):
        one["method"] = method
    elif item and asked.get("kind") == ONE:
        one["item"] = item
    else:
        return False
    sum_up(draft)
    return True


def _put_right(draft: Draft, wrong: int, right: int) -> bool:
    """ "Change from 1850 to 1580": whichever is of the amount that is refused."""
    fitting = [one for one in draft["several"] if one["amount"] == wrong]
    for one in fitting[:1]:
        one["amount"] = right
    sum_up(draft)
    return bool(fitting)


def _take_for_all(turn: Turn, draft: Draft) -> bool:
    method = only_method(turn)
    for one in draft["several"] if method else ():
        one["method"] = method
    return method is not None


def _add(turn: Turn, draft: Draft, others: list[Draft]) -> bool:
    if not others or not all(_says_all(turn, one) for one in others):
        return False
    key = max(one["key"] for one in draft["several"]) + 1
    draft["several"] += [{**one.data, "key": key + at} for at, one in enumerate(others)]
    sum_up(draft)
    return True


def choose(draft: Draft, value: str) -> None:
    """Which one shall be changed; or it is left out."""
    answering = draft["answering"]
    if answering["kind"] == WHICH:
        draft.pending = {"kind": ONE, "token": ONE, "index": int(value)}
    elif value == OUT:
        del draft["several"][answering["index"]]
        sum_up(draft)


def ask(turn: Turn, draft: Draft) -> None:
    """Ask for a yes to all of them."""
    total = inr(draft["amount"])
    turn.say("utter_confirm_expenses", rows=_rows(turn, draft), total=total, draft_id=draft.stamp)


def ask_pending(turn: Turn, draft: Draft) -> None:
    """Ask which one shall be changed, or what of it."""
    pending = draft.pending or {}
    if pending["kind"] == ONE:
        one = draft["several"][pending["index"]]
        title, payload = turn.line("button_leave_out"), choice_payload(draft, pending, OUT)
        out = Button(title=title, payload=payload)
        facts = {"amount": inr(one["amount"]), "item": name_of(one)}
        turn.say("utter_edit_one_expense", choices=[out], **facts)
        return
    rows = [
        Button(
            title=name_of(one),
            payload=choice_payload(draft, pending, str(at)),
            description=inr(one["amount"]),
        )
        for at, one in enumerate(draft["several"])
    ]
    turn.say("utter_which_expense", choices=[*rows[:9], drop_button(turn, draft)])


def write(turn: Turn, draft: Draft) -> str:
    """Write each as an expense of its own, once; what was noted of the last."""
    choices: list[Button] = []
    hints, ids, cards = "", [], []
    for one in draft["several"]:
        done = turn.run(
            service.log_expense,
            key=f"draft:{draft.id}:{one['key']}",
            amount_paise=one["amount"],
            item=name_of(one) if one.get("item") else None,
            vendor=one.get("vendor"),
            method=one.get("method") or "cash",
            on=date.fromisoformat(one["on"]) if one.get("on") else None,
            number=one.get("number"),
        )
        hint, offered = reverse_charge.offer(turn, done, name_of(one))
        hints, choices = hints + hint, [*choices, *offered]
        ids.append(done["expense_id"])
        card = Draft("", draft.form, {key: one[key] for key in one if key != "key"})
        cards.append(as_written(turn, card, done["expense_id"], done["amount"]))
    turn.say(
        "utter_expenses_logged",
        choices=choices[:3],
        count=len(draft["several"]),
        rows=_rows(turn, draft) + hints,
        total=inr(draft["amount"]),
    )
    last = name_of(draft["several"][-1])
    of_all = {"entry_id": ids[-1], "together": ids, "cards": cards}
    return written("expense_log", done["amount"], **of_all, item=last)


def name_of(one: Mapping[str, Any]) -> str:
    """What an expense was for, and how many of it: "pyaz (20 kg × ₹30)"."""
    item, counted = one.get("item"), one.get("counted")
    if not item or not counted:
        return str(item or one.get("vendor"))
    number, at_a_rate = counted
    bare = " ".join(item.replace(number, " ").split()) or item
    return f"{bare} ({number}{at_a_rate})"


def _rows(turn: Turn, draft: Draft) -> str:
    rows = [
        {
            "amount": inr(one["amount"]),
            "item": name_of(one),
            "category": turn.line(f"category_{guess_category(name_of(one))}"),
            "method": turn.line(f"method_{one.get('method') or 'cash'}"),
            "on": day(date.fromisoformat(one["on"]) if one.get("on") else turn.today),
        }
        for one in draft["several"]
    ]
    return turn.lines("line_expense_of", rows)
