"""Settings come from the environment, then from the data directory."""

from __future__ import annotations

import json
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from erp_core.kernel.settings import Settings


def test_defaults(tmp_path: Path) -> None:
    settings = Settings.load({"BAHI_DATA_DIR": str(tmp_path)})
    assert (settings.database_url, settings.redis_url) == (None, None)
    assert (settings.port, settings.simulator_port) == (8000, 8001)
    assert settings.public_url == "http://127.0.0.1:8000"
    assert settings.whatsapp_api_url == "http://127.0.0.1:8001/graph"
    assert (settings.now, settings.trace) == (None, False)


def test_the_embedded_servers_are_found(tmp_path: Path) -> None:
    stores = {"database_url": "postgresql://embedded", "redis_url": "unix://embedded"}
    (tmp_path / "stores.json").write_text(json.dumps(stores))
    settings = Settings.load({"BAHI_DATA_DIR": str(tmp_path)})
    assert settings.database_url == settings.database_admin_url == "postgresql://embedded"
    assert settings.redis_url == "unix://embedded"


def test_the_environment_comes_first(tmp_path: Path) -> None:
    (tmp_path / "stores.json").write_text(json.dumps({"database_url": "x", "redis_url": "y"}))
    settings = Settings.load(
        {
            "BAHI_DATA_DIR": str(tmp_path),
            "DATABASE_URL": "postgresql://app",
            "DATABASE_ADMIN_URL": "postgresql://admin",
            "REDIS_URL": "redis://r",
            "BAHI_PORT": "9000",
            "WHATSAPP_API_URL": "https://graph.example/v1",
            "WHATSAPP_APP_SECRET": "given",
            "BAHI_TRACE": "1",
        }
    )
    assert settings.database_url == "postgresql://app"
    assert settings.database_admin_url == "postgresql://admin"
    assert settings.redis_url == "redis://r"
    assert settings.public_url == "http://127.0.0.1:9000"
    assert settings.whatsapp_api_url == "https://graph.example/v1"
    assert settings.whatsapp_app_secret == "given"
    assert settings.trace


def test_an_empty_variable_is_as_good_as_none(tmp_path: Path) -> None:
    settings = Settings.load({"BAHI_DATA_DIR": str(tmp_path), "DATABASE_URL": "", "BAHI_PORT": ""})
    assert (settings.database_url, settings.port) == (None, 8000)


def test_secrets_are_made_once_and_kept_to_oneself(tmp_path: Path) -> None:
    folder = tmp_path / "new"
    first = Settings.load({"BAHI_DATA_DIR": str(folder)})
    assert Settings.load({"BAHI_DATA_DIR": str(folder)}) == first
    assert stat.S_IMODE((folder / "secrets.json").stat().st_mode) == 0o600
    secrets = {first.whatsapp_app_secret, first.whatsapp_verify_token, first.secret_key}
    assert len(secrets) == 3
    assert all(len(secret) >= 32 for secret in secrets)
    assert [path.name for path in folder.iterdir()] == ["secrets.json"]


def test_processes_that_start_at_once_agree_on_the_secrets(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        loaded = list(
            pool.map(lambda _: Settings.load({"BAHI_DATA_DIR": str(tmp_path)}), range(16))
        )
    assert loaded == [loaded[0]] * 16


def test_nothing_is_written_when_all_secrets_are_given(tmp_path: Path) -> None:
    Settings.load(
        {
            "BAHI_DATA_DIR": str(tmp_path / "none"),
            "WHATSAPP_APP_SECRET": "a",
            "WHATSAPP_VERIFY_TOKEN": "b",
            "WHATSAPP_ACCESS_TOKEN": "c",
            "BAHI_SECRET_KEY": "d",
        }
    )
    assert not (tmp_path / "none").exists()
