"""Logs carry ids, codes and timings. An error's own words may hold a name, so they stay out."""

from __future__ import annotations

import logging
import os
import sys
import traceback
import warnings
from types import TracebackType

QUIET = (
    "rasa", "sanic", "matplotlib", "tensorflow", "absl", "asyncio", "urllib3", "apscheduler",
    "fontTools", "fpdf", "PIL",
)  # fmt: skip
"""Libraries that are heard from WARNING on; fontTools would list the letters of each bill."""


class Discreet(logging.Formatter):
    """Writes of an exception where it was raised and of what type, never its message."""

    def formatException(  # noqa: N802 - logging's own name
        self,
        ei: tuple[type[BaseException] | None, BaseException | None, TracebackType | None],
    ) -> str:
        """The frames and the type."""
        kind, error, trace = ei
        frames = "".join(traceback.format_tb(trace)).rstrip()
        name = kind.__name__ if kind else "?"
        code = getattr(error, "code", "")
        return f"{frames}\n{name} {code if isinstance(code, (str, int)) else ''}".rstrip()


def configure_logging(process: str) -> None:
    """Log to stderr in one line a record."""
    handler = logging.StreamHandler(sys.stderr)
    pattern = f"%(asctime)s {process} %(levelname)s %(name)s %(message)s"
    handler.setFormatter(Discreet(pattern, "%H:%M:%S"))
    logging.basicConfig(
        handlers=[handler], level=os.environ.get("BAHI_LOG_LEVEL", "INFO"), force=True
    )
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    warnings.simplefilter("ignore")
