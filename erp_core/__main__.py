"""`python -m erp_core …` is `bahi …`."""

from __future__ import annotations

import sys

from erp_core.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
