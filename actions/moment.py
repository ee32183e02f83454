"""One moment of a business for all that an action reads: one transaction, until it writes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar
from dataclasses import replace

from erp_core.journal.context import Reader
from erp_core.kernel.actor import Actor
from erp_core.runtime import Bahi

_current: ContextVar[Moment | None] = ContextVar("moment", default=None)


class Moment:
    """The transaction that is read in, opened when something is read for the first time."""

    def __init__(self) -> None:
        self._open = ExitStack()
        self._reader: Reader | None = None
        self._in_use = 0
        self._is_over = False
        self._wrong: BaseException | None = None

    @contextmanager
    def reading(self, bahi: Bahi, business_id: int, actor: Actor) -> Iterator[Reader]:
        """A reader of this moment; of a later one, within what was begun before it was over."""
        if self._is_over or (self._reader and self._reader.business_id != business_id):
            with bahi.read(business_id, actor) as reader:
                yield reader
            return
        if self._reader is None:
            self._reader = self._open.enter_context(bahi.read(business_id, actor))
        self._in_use += 1
        try:
            yield replace(self._reader, actor=actor)
        except BaseException as error:
            self._is_over, self._wrong = True, error  # it may have ended the transaction
            raise
        finally:
            self._in_use -= 1
            self._close_unless_used()

    def pass_by(self) -> None:
        """Something is written: what is read from now on is of another moment."""
        self._is_over = self._reader is not None
        self._close_unless_used()

    def close(self) -> None:
        """End the transaction, if there is one: it is rolled back if something went wrong in it."""
        wrong, self._wrong = self._wrong, None
        self._reader, self._is_over = None, False
        if wrong is None:
            self._open.close()
        else:
            self._open.__exit__(type(wrong), wrong, wrong.__traceback__)

    def _close_unless_used(self) -> None:
        if self._is_over and not self._in_use:
            self.close()


@contextmanager
def one_moment() -> Iterator[None]:
    """Within it everything is read in one moment, until something is written."""
    moment = Moment()
    token = _current.set(moment)
    try:
        yield
    finally:
        _current.reset(token)
        moment.close()


@contextmanager
def reading(bahi: Bahi, business_id: int, actor: Actor) -> Iterator[Reader]:
    """A reader of the action's moment, or of one of its own outside of actions."""
    moment = _current.get()
    opened = moment.reading(bahi, business_id, actor) if moment else bahi.read(business_id, actor)
    with opened as reader:
        yield reader


def pass_by() -> None:
    """Say that something is being written."""
    if moment := _current.get():
        moment.pass_by()
