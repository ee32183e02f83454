"""What a component's training depends on beside its own class: the modules that it calls."""

from __future__ import annotations

import hashlib
import inspect
from collections.abc import Iterable
from types import ModuleType

from erp_core.kernel import hindi_numbers, spelling
from nlu import text


def of_modules(more: Iterable[ModuleType] = ()) -> str:
    """Return a hash of the source of the spelling, number and text modules, and of `more`.

    Rasa looks at the component's class alone and would serve a stale model without it.
    """
    digest = hashlib.sha256()
    for module in (spelling, hindi_numbers, text, *more):
        digest.update(inspect.getsource(module).encode())
    return digest.hexdigest()
