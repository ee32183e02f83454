"""What Rasa works out several times over in one training, worked out once.

A training reads each file twice or more, and looks each time whether it is of the right shape,
which takes longer than to read it.
"""

from __future__ import annotations

import functools
from typing import Any


def look_at_shapes_once() -> None:
    """From here on this process looks once at a content that is right."""
    from rasa.shared.utils import validation

    look = validation.validate_yaml_schema
    if hasattr(look, "__wrapped__"):
        return
    seen: set[tuple[Any, ...]] = set()

    @functools.wraps(look)
    def once(content: str, *about: Any, **more: Any) -> None:
        asked = (content, about, *sorted(more.items()))
        if asked not in seen:
            look(content, *about, **more)
            seen.add(asked)

    validation.validate_yaml_schema = once
