"""Settings: from the environment, else from the data directory, else a default."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

SECRET_NAMES = {
    "whatsapp_app_secret": "WHATSAPP_APP_SECRET",
    "whatsapp_verify_token": "WHATSAPP_VERIFY_TOKEN",
    "whatsapp_access_token": "WHATSAPP_ACCESS_TOKEN",
    "secret_key": "BAHI_SECRET_KEY",
}


@dataclass(frozen=True)
class Settings:
    """Everything that differs between a desk, a test and a server."""

    data_dir: Path
    database_url: str | None
    database_admin_url: str | None
    redis_url: str | None
    port: int
    simulator_port: int
    public_url: str
    whatsapp_api_url: str
    whatsapp_app_secret: str
    whatsapp_verify_token: str
    whatsapp_access_token: str
    secret_key: str
    now: str | None
    trace: bool

    @classmethod
    def load(cls, environ: Mapping[str, str] = os.environ) -> Settings:
        """Read the environment, then `stores.json` and `secrets.json` of the data directory.

        Secrets that are set nowhere are made once and kept there, readable by their owner alone.
        """
        data_dir = Path(environ.get("BAHI_DATA_DIR") or ".bahi").resolve()
        stores = _read_json(data_dir / "stores.json")
        kept = _secrets(data_dir, environ)
        port = int(environ.get("BAHI_PORT") or 8000)
        simulator_port = int(environ.get("BAHI_SIMULATOR_PORT") or 8001)
        database_url = environ.get("DATABASE_URL") or stores.get("database_url")
        return cls(
            data_dir=data_dir,
            database_url=database_url,
            database_admin_url=environ.get("DATABASE_ADMIN_URL") or database_url,
            redis_url=environ.get("REDIS_URL") or stores.get("redis_url"),
            port=port,
            simulator_port=simulator_port,
            public_url=environ.get("BAHI_PUBLIC_URL") or f"http://127.0.0.1:{port}",
            whatsapp_api_url=environ.get("WHATSAPP_API_URL")
            or f"http://127.0.0.1:{simulator_port}/graph",
            now=environ.get("BAHI_NOW") or None,
            trace=environ.get("BAHI_TRACE") == "1",
            **kept,
        )


def _secrets(data_dir: Path, environ: Mapping[str, str]) -> dict[str, str]:
    given = {name: environ.get(variable, "") for name, variable in SECRET_NAMES.items()}
    if all(given.values()):
        return given
    path = data_dir / "secrets.json"
    if not path.exists():
        _write_once(path, {name: secrets.token_urlsafe(32) for name in SECRET_NAMES})
    kept = _read_json(path)
    return {name: given[name] or kept[name] for name in SECRET_NAMES}


def _write_once(path: Path, content: dict[str, str]) -> None:
    """Several processes may start at once: link() lets exactly one file win, and whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    draft.touch(mode=0o600)
    draft.write_text(json.dumps(content))
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()


def _read_json(path: Path) -> dict[str, str]:
    if not path.exists():
        return {}
    content: dict[str, str] = json.loads(path.read_text())
    return content
