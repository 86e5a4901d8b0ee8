"""Settings: what is taken, what is refused, and that nothing is read at import."""

import ipaddress
from pathlib import Path

import pytest

from api.settings import BadSetting, Settings, is_loopback, read_settings, unknown_variables


def test_settings_are_read_when_asked_for_and_not_before(monkeypatch):
    monkeypatch.setenv("ONEMAP_PORT", "8123")
    assert read_settings().port == 8123
    monkeypatch.setenv("ONEMAP_PORT", "8124")
    assert read_settings().port == 8124


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ONEMAP_PORT", "eighty"),
        ("ONEMAP_PORT", "70000"),
        ("ONEMAP_POOL_SIZE", "0"),
        ("ONEMAP_DATABASE_URL", "mysql://u:secret@h/d"),
    ],
)
def test_an_unusable_setting_is_named_without_its_value(monkeypatch, name, value):
    monkeypatch.setenv(name, value)
    with pytest.raises(BadSetting) as caught:
        read_settings()
    assert caught.value.details["setting"] == name
    assert value not in caught.value.message
    assert caught.value.__cause__ is None


def test_a_misspelt_variable_is_reported_with_the_nearest_name():
    found = unknown_variables({"ONEMAP_DATABSE_URL": "x", "ONEMAP_ZZZ": "1", "ONEMAP_PORT": "1", "PATH": "/"})
    assert found == {"ONEMAP_DATABSE_URL": "ONEMAP_DATABASE_URL", "ONEMAP_ZZZ": None}


@pytest.mark.parametrize(
    ("host", "answer"),
    [
        ("127.0.0.1", True),
        ("127.8.9.1", True),
        ("::1", True),
        ("[::1]", True),
        ("localhost", True),
        (str(ipaddress.IPv4Address(0)), False),
        ("", False),
        ("localhost.evil.example", False),
        ("192.168.1.4", False),
    ],
)
def test_loopback_is_this_machine_only(host, answer):
    assert is_loopback(host) is answer


def test_without_an_admin_address_the_application_address_serves_both(monkeypatch):
    monkeypatch.setenv("ONEMAP_DATABASE_URL", "postgresql://a@/onemap?host=/run/x")
    addresses = read_settings().addresses
    assert addresses is not None
    assert addresses.admin == addresses.application


def test_each_database_has_tiles_of_its_own_whatever_its_password():
    embedded = Settings()
    one = Settings(database_url="postgresql://onemap_app:old@/onemap?host=/run/one")
    same = Settings(database_url="postgresql://onemap_app:new@/onemap?host=/run/one")
    other = Settings(database_url="postgresql://onemap_app:old@/onemap?host=/run/other")
    assert one.tile_folder == same.tile_folder
    assert len({embedded.tile_folder, one.tile_folder, other.tile_folder}) == 3
    assert all(one.home in found.tile_folder.parents for found in (embedded, one, other))
    assert Settings(tiles=Path("/somewhere")).tile_folder == Path("/somewhere")
