"""An expense of the last days, spoken of by what it was for: "wo bijli wala 2400 tha", "petrol wala
hata do", whatever is being written."""

from __future__ import annotations

from datetime import timedelta

from actions.context import Turn
from actions.entities import NUMBERS
from actions.forms.draft import Draft
from actions.goods.said import words_of_goods
from actions.invoicing.put_right import figures_of
from actions.lexicon import only, says, where, words
from actions.reading.instead import is_plain
from erp_core.expenses import queries as expenses
from erp_core.kernel.money import from_decimal
from erp_core.parties.permissions import Permission

LOOKED_BACK = timedelta(days=7)
_OTHERS = ("customer_name", "customer_phone", "order_id", "invoice_number", "date")


def expense_meant(turn: Turn) -> str | None:
    """What the expense was for that a message takes back or puts right."""
    if not turn.is_user or not is_plain(turn) or any(turn.first(one) for one in _OTHERS):
        return None
    if figures := figures_of(turn):
        return _of_amount(turn, from_decimal(figures[0]))
    found = where(turn.words, "undoing.which_one")
    if found is None or not found[0] or not _undoes_or_corrects(turn):
        return None
    said = turn.words[found[0] - 1]
    if only([said], "filler") or _is_in_hand(turn, said):
        return None
    known = any(said in words(f"{one.item or ''} {one.vendor or ''}") for one in _spent(turn))
    return said if known else None


def _of_amount(turn: Turn, refused: int) -> str | None:
    """ "Chhotu wrote electricity 1850 but it was 1580": what is named of an expense of just the
    amount that is refused."""
    called = (set(words(f"{one.item or ''} {one.vendor or ''}")) for one in _spent(turn, refused))
    named = (one for held in called for one in turn.words if one in held)
    said = next((one for one in named if not only([one], "filler")), None)
    return None if said is None or _is_in_hand(turn, said) else said


def _spent(turn: Turn, paise: int | None = None) -> list[expenses.Expense]:
    if not turn.may(Permission.VIEW_EXPENSES):
        return []
    with turn.read() as reader:
        spent = expenses.expenses_between(reader, turn.today - LOOKED_BACK, turn.today)
    return [one for one in spent if paise in (None, one.amount)]


def _undoes_or_corrects(turn: Turn) -> bool:
    numbers = [one for one in turn.entities if one.name in NUMBERS]
    right = says(turn.words, "had_been") and len(numbers) == 1
    return right or (not numbers and says(turn.words, "undoing.back"))


def _is_in_hand(turn: Turn, said: str) -> bool:
    """Whether what is being written holds something that is called so."""
    draft = Draft.of(turn.slots)
    if draft is None:
        return False
    held = {word for line in draft["lines"] or [] for word in words_of_goods(line)}
    for one in (draft.data, *(draft["several"] or [])):
        held |= set(words(f"{one.get('item') or ''} {one.get('vendor') or ''}"))
    return said in held
