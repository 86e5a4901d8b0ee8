"""The private cluster: made once, found again, recovered after a crash, closed to others."""

from __future__ import annotations

import contextlib
import os
import signal
import stat
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from api.embedded.cluster import Cluster
from api.embedded.processes import server_account, server_processes
from api.embedded.use import in_use, start_and_keep, stop_kept
from geo.errors import Refused, Unavailable

pytestmark = [pytest.mark.postgis, pytest.mark.usefixtures("postgis")]

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can make what this test needs")


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    made = Cluster(tmp_path / "home", throw_away=True)
    yield made
    made.destroy()


@pytest.fixture
def small_disk() -> Iterator[Path]:
    """Give a disk of 400 MB that the server's user can reach."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        place.chmod(0o755)
        mounted = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=400m,mode=0755", "tmpfs", place],
            capture_output=True,
            text=True,
            check=False,
        )
        if mounted.returncode != 0:
            pytest.skip(f"this system lets nobody mount a tmpfs: {mounted.stderr.strip()}")
        try:
            yield place
        finally:
            subprocess.run(["umount", "-l", place], check=True)


def value(address: str, query: str) -> object:
    with psycopg.connect(address) as connection:
        row = connection.execute(query).fetchone()
        assert row is not None
        return row[0]


def make_table(cluster: Cluster, rows: int) -> None:
    with psycopg.connect(cluster.superuser_address()) as connection:
        connection.execute("CREATE TABLE public.kept AS SELECT generate_series(1, %s) AS n", [rows])


def rows_kept(cluster: Cluster) -> object:
    return value(cluster.superuser_address(), "SELECT count(*) FROM public.kept")


def test_a_start_makes_the_cluster_and_the_next_ones_find_it(cluster):
    assert cluster.status().state == "absent"
    first = cluster.start()
    process = cluster.status().process
    assert cluster.start() == first
    assert cluster.status().process == process
    cluster.stop()
    assert cluster.status().state == "stopped"
    assert server_processes(cluster.data) == []
    assert Cluster(cluster.home, throw_away=True).start() == first


def test_stopping_what_does_not_run_is_no_error(cluster):
    cluster.stop()
    cluster.start()
    cluster.stop()
    cluster.stop()


def test_two_processes_that_start_at_once_share_one_server(cluster):
    script = (
        "import sys; from pathlib import Path; from api.embedded.cluster import Cluster;"
        "c = Cluster(Path(sys.argv[1]), throw_away=True); a = c.start();"
        "print(a.application, c.status().process)"
    )
    starts = [
        subprocess.Popen([sys.executable, "-c", script, cluster.home], stdout=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    told = {process.communicate(timeout=120)[0] for process in starts}
    assert [process.returncode for process in starts] == [0, 0, 0]
    assert len(told) == 1


def test_the_roles_that_may_log_in_are_neither_superuser_nor_owner(cluster):
    addresses = cluster.start()
    for address, role in ((addresses.application, "onemap_app"), (addresses.admin, "onemap_admin")):
        assert value(address, "SELECT current_user::text") == role
        facts = "rolsuper OR rolcreaterole OR rolcreatedb OR rolbypassrls OR rolreplication"
        assert value(address, f"SELECT {facts} FROM pg_roles WHERE rolname = current_user") is False  # noqa: S608
        assert (
            value(address, "SELECT count(*) FROM pg_class WHERE pg_get_userbyid(relowner) = current_user")
            == 0
        )


def test_a_wrong_password_is_refused(cluster):
    addresses = cluster.start()
    head, _, tail = addresses.application.partition("@")
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(f"{head}x@{tail}")


def test_passwords_lie_in_files_that_only_their_owner_reads(cluster):
    addresses = cluster.start()
    files = sorted((cluster.home / "secrets").iterdir())
    assert [file.name for file in files] == ["admin", "application"]
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
    assert stat.S_IMODE((cluster.home / "secrets").stat().st_mode) == 0o700
    assert files[1].read_text() in addresses.application
    assert len({file.read_text() for file in files}) == 2


def test_no_tcp_port_is_open(cluster):
    cluster.start()
    process = cluster.status().process
    own = {
        target.removeprefix("socket:[").removesuffix("]")
        for entry in Path(f"/proc/{process}/fd").iterdir()
        if (target := str(entry.readlink())).startswith("socket:[")
    }
    tables = [
        Path(f"/proc/{process}/net/{name}") for name in ("tcp", "tcp6") if Path(f"/proc/net/{name}").exists()
    ]
    inodes = {line.split()[9] for table in tables for line in table.read_text().splitlines()[1:]}
    assert own
    assert not own & inodes


def test_the_socket_path_is_short_however_long_the_home_is(tmp_path):
    cluster = Cluster(tmp_path / ("deep" * 30) / ("deeper" * 20), throw_away=True)
    try:
        addresses = cluster.start()
        socket = cluster.status().socket
        assert socket is not None
        assert len(os.fsencode(socket / ".s.PGSQL.5432")) <= 107
        assert stat.S_IMODE(socket.stat().st_mode) == 0o700
        assert value(addresses.application, "SELECT 1") == 1
    finally:
        cluster.destroy()


def test_a_killed_server_with_a_busy_backend_is_recovered_and_keeps_its_data(tmp_path):
    cluster = Cluster(tmp_path / "home")  # not throw-away: the data must survive
    try:
        cluster.start()
        make_table(cluster, 1000)
        busy = threading.Thread(target=_compute_for_minutes, args=(cluster.superuser_address(),))
        busy.start()
        _wait_for(lambda: value(cluster.superuser_address(), _BUSY) == 1)
        process = cluster.status().process
        assert process is not None
        os.kill(process, signal.SIGKILL)
        _wait_for(lambda: process not in server_processes(cluster.data))
        assert server_processes(cluster.data), "the busy backend outlives its postmaster"
        cluster.start()
        busy.join(timeout=10)
        assert cluster.status().process != process
        assert rows_kept(cluster) == 1000
    finally:
        cluster.destroy()


@pytest.mark.parametrize("whose", ["a living process", "a zombie", "nobody"])
def test_a_process_number_left_by_a_crash_does_not_block_the_start(cluster, whose):
    cluster.start()
    make_table(cluster, 10)
    left = (cluster.data / "postmaster.pid").read_text().split("\n", 1)[1]
    cluster.stop()
    zombie = subprocess.Popen(["true"])
    os.waitid(os.P_PID, zombie.pid, os.WEXITED | os.WNOWAIT)
    number = {"a living process": os.getpid(), "a zombie": zombie.pid, "nobody": 4194303}[whose]
    (cluster.data / "postmaster.pid").write_text(f"{number}\n{left}")
    assert cluster.status().state == "stopped"
    cluster.start()
    zombie.wait()
    assert rows_kept(cluster) == 10


def test_a_cluster_that_was_half_made_is_made_anew(cluster):
    cluster.start()
    cluster.stop()
    cluster.data.rename(cluster.directory / "data.new")
    cluster.start()
    assert cluster.status().state == "running"
    assert not (cluster.directory / "data.new").exists()


def test_data_of_another_version_is_refused_with_both_numbers(cluster):
    cluster.start()
    cluster.stop()
    (cluster.data / "PG_VERSION").write_text("99\n")
    with pytest.raises(Unavailable, match=r"PostgreSQL 99.*install postgresql-99-postgis-3"):
        cluster.start()


def test_a_broken_setting_is_told_with_its_reason(cluster):
    cluster.start()
    cluster.stop()
    (cluster.data / "postgresql.auto.conf").write_text("no_such_setting = on\n")
    with pytest.raises(Unavailable, match="no_such_setting"):
        cluster.start()


@as_root
def test_a_closed_folder_stays_closed_and_the_data_lies_elsewhere(tmp_path):
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    cluster = Cluster(closed / "home", throw_away=True)
    try:
        cluster.start()
        assert cluster.data.is_relative_to("/var/lib/onemap")
        assert stat.S_IMODE(closed.stat().st_mode) == 0o700
        assert (closed / "home/cluster").is_symlink()
    finally:
        cluster.destroy()
    assert not cluster.data.exists()


@as_root
def test_an_open_folder_holds_the_data_itself():
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        cluster = Cluster(Path(folder) / "home", throw_away=True)
        try:
            cluster.start()
            assert cluster.data == Path(folder) / "home/cluster/data"
            assert cluster.data.stat().st_uid == server_account().uid != 0
        finally:
            cluster.destroy()


@as_root
def test_a_new_home_at_the_place_of_a_deleted_one_starts_empty(tmp_path):
    place = tmp_path / "home"
    first = Cluster(place, throw_away=True)
    first.start()
    make_table(first, 5)
    directory = first.directory
    for name in ("cluster", "cluster.lock", "secrets/admin", "secrets/application"):
        (place / name).unlink()
    second = Cluster(place, throw_away=True)
    try:
        second.start()
        with pytest.raises(psycopg.errors.UndefinedTable):
            rows_kept(second)
        previous = directory.with_suffix(".previous")
        assert (previous / "data/PG_VERSION").exists()
        assert server_processes(previous / "data") == []
    finally:
        second.destroy()
        subprocess.run(["rm", "-r", directory.with_suffix(".previous")], check=True)


@as_root
def test_a_full_disk_is_told_before_anything_is_made(small_disk):
    (small_disk / "ballast").write_bytes(bytes(300 << 20))
    cluster = Cluster(small_disk / "home", throw_away=True)
    with pytest.raises(Unavailable, match=r"full: \d+ MB are free and 256 MB are needed"):
        cluster.start()
    assert cluster.status().state == "absent"


@as_root
def test_a_disk_that_fills_up_stops_the_write_and_the_start_but_loses_nothing(small_disk):
    cluster = Cluster(small_disk / "home", throw_away=True)
    try:
        cluster.start()
        make_table(cluster, 10)
        with (
            psycopg.connect(cluster.superuser_address()) as connection,
            pytest.raises(psycopg.errors.DiskFull),
        ):
            connection.execute(
                "CREATE TABLE public.wide AS SELECT repeat('x', 1000) FROM generate_series(1, 400000)"
            )
        assert value(cluster.superuser_address(), "SELECT to_regclass('public.wide') IS NULL") is True
        cluster.stop()
        with contextlib.suppress(OSError), (small_disk / "ballast").open("wb", buffering=0) as ballast:
            while ballast.write(bytes(1 << 16)):
                pass
        with pytest.raises(Unavailable, match="is full"):
            cluster.start()
        (small_disk / "ballast").unlink()
        cluster.start()
        assert rows_kept(cluster) == 10
    finally:
        (small_disk / "ballast").unlink(missing_ok=True)
        cluster.destroy()


def test_the_last_user_stops_the_cluster(cluster):
    with in_use(cluster):
        with in_use(Cluster(cluster.home, throw_away=True)):
            pass
        assert cluster.status().state == "running"
        with pytest.raises(Refused, match="used by another"):
            stop_kept(cluster)
    assert cluster.status().state == "stopped"


def test_a_kept_cluster_outlives_its_users(cluster):
    start_and_keep(cluster)
    with in_use(cluster):
        pass
    assert cluster.status().state == "running"
    stop_kept(cluster)
    assert cluster.status().state == "stopped"


def test_a_killed_user_leaves_the_cluster_to_the_next_one(cluster):
    script = (
        "import sys, time; from pathlib import Path\n"
        "from api.embedded.cluster import Cluster; from api.embedded.use import in_use\n"
        "with in_use(Cluster(Path(sys.argv[1]), throw_away=True)): print('in', flush=True); time.sleep(600)"
    )
    user = subprocess.Popen([sys.executable, "-c", script, cluster.home], stdout=subprocess.PIPE, text=True)
    assert user.stdout is not None
    assert user.stdout.readline() == "in\n"
    user.kill()
    user.wait()
    assert cluster.status().state == "running"
    with in_use(cluster) as addresses:
        assert value(addresses.application, "SELECT 1") == 1
    assert cluster.status().state == "stopped"


_BUSY = (
    "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE 'SELECT count(*) FROM gen%'"
)


def _compute_for_minutes(address: str) -> None:
    with contextlib.suppress(psycopg.OperationalError), psycopg.connect(address) as connection:
        connection.execute(
            "SELECT count(*) FROM generate_series(1, 100000) a, generate_series(1, 100000) b WHERE a * b < 0"
        )


def _wait_for(condition, seconds: float = 20.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "this did not happen in time"
        time.sleep(0.05)
