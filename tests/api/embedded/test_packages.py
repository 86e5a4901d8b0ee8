"""Where PostgreSQL and the browser are looked for, and what is said where they are missing."""

from __future__ import annotations

from pathlib import Path

import pytest

from api.embedded import packages
from geo.errors import Unavailable


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give an empty system, whose packages would be unpacked in its folder ``unpacked``."""
    monkeypatch.setattr(packages, "_ROOT", tmp_path)
    monkeypatch.setattr(packages, "UNPACKED", tmp_path / "unpacked")
    monkeypatch.setenv("PATH", str(tmp_path / "usr/bin"))
    return tmp_path


def put(root: Path, version: str, *, postgis: bool = True) -> None:
    programs = root / "usr/lib/postgresql" / version / "bin"
    programs.mkdir(parents=True)
    (programs / "postgres").touch()
    if postgis:
        extension = root / "usr/share/postgresql" / version / "extension"
        extension.mkdir(parents=True)
        (extension / "postgis.control").touch()


def test_the_systems_server_comes_before_the_unpacked_one(root):
    put(root / "unpacked", "15")
    assert packages.find_postgresql().programs == root / "unpacked/usr/lib/postgresql/15/bin"
    put(root, "16")
    assert packages.find_postgresql().programs == root / "usr/lib/postgresql/16/bin"


def test_an_unpacked_server_gets_the_folders_of_its_libraries(root):
    (root / "unpacked/usr/lib").mkdir(parents=True)
    put(root / "unpacked", "15")
    environment = packages.find_postgresql().environment
    assert str(root / "unpacked/usr/lib") in environment["LD_LIBRARY_PATH"].split(":")
    assert environment["PROJ_DATA"] == str(root / "unpacked/usr/share/proj")


def test_the_systems_server_runs_in_a_plain_environment(root):
    put(root, "15")
    assert packages.find_postgresql().environment == {}


@pytest.mark.parametrize("version", ["13", "14"])
def test_a_server_that_is_too_old_is_none(root, version):
    put(root, version)
    with pytest.raises(Unavailable, match="PostgreSQL 15 with PostGIS 3 is not here"):
        packages.find_postgresql()


def test_a_server_without_postgis_is_none_and_the_message_says_what_to_do(root):
    put(root, "15", postgis=False)
    with pytest.raises(Unavailable) as told:
        packages.find_postgresql()
    for word in (
        "make postgis",
        "postgresql-15-postgis-3",
        "ONEMAP_DATABASE_URL",
        "ONEMAP_DATABASE_ADMIN_URL",
    ):
        assert word in told.value.message
    assert told.value.details["missing"] == ["postgresql-15-postgis-3"]


def test_data_of_one_version_takes_that_version_only(root):
    put(root, "15")
    put(root, "16")
    assert packages.find_postgresql(16).major == 16
    with pytest.raises(Unavailable, match=r"made by PostgreSQL 17.*postgresql-17-postgis-3"):
        packages.find_postgresql(17)


@pytest.mark.parametrize(("name", "package"), [("chromium", "chromium"), ("ogr2ogr", "gdal-bin")])
def test_a_missing_tool_is_told_with_what_to_install(root, name, package):
    find = packages.find_browser if name == "chromium" else lambda: packages.find_gdal(name)
    with pytest.raises(Unavailable, match=rf"{name} is not here.*make test-tools.*install {package}"):
        find()


def test_an_unpacked_tool_is_found_and_gets_its_folders(root):
    (root / "unpacked/usr/bin").mkdir(parents=True)
    (root / "unpacked/usr/bin/ogrinfo").touch()
    found = packages.find_gdal("ogrinfo")
    assert found.program == root / "unpacked/usr/bin/ogrinfo"
    assert found.environment["GDAL_DATA"] == str(root / "unpacked/usr/share/gdal")


def test_a_system_without_apt_is_told_the_other_ways(root):
    with pytest.raises(Unavailable, match=r"no apt.*ONEMAP_DATABASE_URL"):
        packages.install(["postgresql-15-postgis-3"])
