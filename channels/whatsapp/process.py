"""The process that serves: `python -m channels.whatsapp.process MODEL [CANDIDATE SHARE]`.

Looks what the models are made of before anything of Rasa is imported, so that what it does without
is not imported either (lean.py).
"""

from __future__ import annotations

import json
import os
import sys
import tarfile
from pathlib import Path
from typing import Any

from channels.whatsapp import lean

METADATA = "metadata.json"

BEHIND = 5
"""How far to step back (nice) behind the gateway, whose answer Meta waits for."""


def metadata_of(model: Path) -> dict[str, Any]:
    """A model's description of itself; empty when the archive cannot be read."""
    try:
        with tarfile.open(model) as archive:
            file = archive.extractfile(METADATA)
            found: dict[str, Any] = json.load(file) if file else {}
    except (OSError, tarfile.TarError, KeyError, ValueError):
        return {}
    return found


def main() -> None:
    """Serve the models named on the command line until told to stop."""
    os.nice(BEHIND)
    told = [metadata_of(Path(name)) for name in sys.argv[1:3]]
    if all(metadata and lean.can_serve(lean.components(metadata)) for metadata in told):
        lean.do_without()
    from channels.whatsapp import serving

    serving.main()


if __name__ == "__main__":
    main()
