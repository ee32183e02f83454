"""python -m simulator: WhatsApp on your desk."""

from __future__ import annotations

import argparse
import socket
import sys
from collections.abc import Sequence
from pathlib import Path

from erp_core.kernel.settings import Settings
from simulator.server import create_app
from simulator.shops import DEMO


def main(arguments: Sequence[str] | None = None) -> None:
    """Serve until stopped; exits with a sentence if a port is taken or a file is missing."""
    settings = Settings.load()
    wanted = _parser(settings).parse_args(arguments)
    missing = [path for path in wanted.shop if not path.exists()]
    if missing:
        sys.exit(f"The shop file {missing[0]} does not exist; name another with --shop.")
    if _taken(wanted.host, wanted.port):
        sys.exit(f"Port {wanted.port} is taken; stop what uses it or set BAHI_SIMULATOR_PORT.")
    app = create_app(settings, shops=wanted.shop, webhook_url=wanted.webhook)
    sys.stdout.write(f"Simulator: http://{wanted.host}:{wanted.port}/\n")
    sys.stdout.flush()
    app.run(host=wanted.host, port=wanted.port, access_log=False, motd=False)


def _parser(settings: Settings) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m simulator", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
    parser.add_argument("--port", type=int, default=settings.simulator_port)
    parser.add_argument(
        "--shop",
        type=Path,
        nargs="+",
        metavar="FILE",
        default=[DEMO],
        help="shop files whose people have phones (as `bahi shop load` reads them)",
    )
    parser.add_argument(
        "--webhook",
        metavar="URL",
        default=f"http://127.0.0.1:{settings.port}/webhooks/whatsapp/webhook",
        help="where webhooks go",
    )
    return parser


def _taken(host: str, port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return True
    return False


if __name__ == "__main__":
    main()
