"""The command line itself: exit codes, errors as one line, the port before the work."""

from __future__ import annotations

import os
import socket
import subprocess
import sys

import pytest


def told(done: subprocess.CompletedProcess[str]) -> str:
    """Return the one line of a known error."""
    assert done.returncode == 1, done.stderr
    assert done.stderr.startswith("onemap: ")
    assert done.stderr.count("\n") == 1
    return done.stderr


def test_help_lists_the_commands_and_imports_nothing_heavy(onemap):
    done = onemap("--help")
    assert done.returncode == 0
    for command in ("up", "serve", "db"):
        assert f"\n  {command} " in done.stdout
    program = "import sys, api.cli.main; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    ).stdout
    assert not {"numpy", "geopandas", "fastapi", "psycopg"} & set(loaded.split())


@pytest.mark.parametrize(
    "arguments", [["bogus"], ["up", "--port", "high"], ["up", "--port", "65536"], ["db", "x"]]
)
def test_a_wrong_command_line_ends_with_2(onemap, arguments):
    assert onemap(*arguments).returncode == 2


def test_a_taken_port_is_told_before_anything_is_made(onemap, tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        line = told(onemap("up", "--port", str(port)))
    assert f"port {port} of 127.0.0.1 is taken by another program" in line
    assert "--port" in line
    assert not (tmp_path / "home").exists()


def test_a_service_without_accounts_listens_to_this_machine_only(onemap):
    assert "ONEMAP_HOST is 0.0.0.0" in told(onemap("serve", ONEMAP_HOST="0.0.0.0"))  # noqa: S104


def test_a_setting_that_cannot_be_used_is_named(onemap):
    assert "ONEMAP_PORT" in told(onemap("up", ONEMAP_PORT="high"))


def test_half_of_a_named_database_is_refused(onemap):
    line = told(onemap("db", "migrate", ONEMAP_DATABASE_URL="postgresql://onemap_app@/city"))
    assert "ONEMAP_DATABASE_ADMIN_URL" in line


def test_a_named_database_that_does_not_answer_is_told_without_its_password(onemap):
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        address = f"postgresql://onemap_app:secret@127.0.0.1:{closed.getsockname()[1]}/city"
        variables = {"ONEMAP_DATABASE_URL": address, "ONEMAP_DATABASE_ADMIN_URL": address}
        line = told(onemap("db", "status", **variables))
    assert "onemap_app@127.0.0.1/city does not answer" in line
    assert "secret" not in line


def test_the_status_of_a_place_without_a_city_makes_nothing(onemap, tmp_path):
    done = onemap("db", "status")
    assert done.returncode == 0
    assert "absent" in done.stdout
    assert not (tmp_path / "home").exists()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_home_that_may_not_be_written_is_told(onemap, tmp_path):
    tmp_path.chmod(0o500)
    assert "name another place with ONEMAP_HOME" in told(onemap("db", "start"))
