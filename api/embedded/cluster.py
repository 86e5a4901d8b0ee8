"""The private PostgreSQL cluster of a city: made, started, stopped and recovered.

It lies in ``<home>/cluster`` and listens on a unix socket in a short private directory only. Its superuser
has no password: the socket lets in the operating-system user that owns the files (and root), by peer
credentials. The two login roles of the application have generated passwords, kept in files of mode 0600.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import secrets
import shutil
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import quote

import psycopg

from api.embedded.packages import PostgreSQL, find_postgresql
from api.embedded.places import PORT, make_socket_directory, own, place_outside, socket_directory
from api.embedded.processes import Account, end_processes, run_as, server_account, server_processes
from api.embedded.tuning import MEGABYTE, as_file, memory_bytes, server_settings
from geo.errors import Unavailable
from layers.database import Addresses
from layers.schema.bootstrap import bootstrap

DATABASE = "onemap"
SUPERUSER = "postgres"
_LEAST_FREE = 256 * MEGABYTE
"""A new cluster with its extensions takes about 100 MB, and the log of changes grows beside it."""

_START_TIMEOUT = 120.0
_STOP_TIMEOUT = 60.0
_LOCK_TIMEOUT = 240.0


@dataclass(frozen=True, slots=True)
class ClusterStatus:
    """What a look at the cluster shows.

    Attributes
    ----------
    state : {"absent", "stopped", "running"}
        ``absent`` where it was never made.
    data : Path
        The data directory.
    process : int or None
        Id of the postmaster while it runs.
    socket : Path or None
        Directory of the unix socket while it runs.
    major : int or None
        Major version of PostgreSQL that made the data.
    """

    state: Literal["absent", "stopped", "running"]
    data: Path
    process: int | None = None
    socket: Path | None = None
    major: int | None = None


class Cluster:
    """One private PostgreSQL cluster.

    Parameters
    ----------
    home : Path
        The place of the city, ``.onemap``; made where it is missing.
    throw_away : bool
        True for tests: fast, and lost where the machine stops.
    """

    def __init__(self, home: Path, *, throw_away: bool = False) -> None:
        self.home = Path(os.path.abspath(home))  # noqa: PTH100 - resolve() would need every parent to be readable
        self.throw_away = throw_away

    @property
    def directory(self) -> Path:
        """Return where the cluster really lies, with links followed."""
        return (self.home / "cluster").resolve()

    @property
    def data(self) -> Path:
        """Return the data directory."""
        return self.directory / "data"

    def start(self) -> Addresses:
        """Make the cluster where it is missing, start it where it is down, and return its addresses.

        Safe to call again and from several processes at once. After a crash of the server it first ends
        what the crash left.

        Raises
        ------
        Unavailable
            Where PostgreSQL is missing or of another version than the data, the disk is full, a folder is
            closed to us, or the server does not answer in time.
        """
        with readable_errors(self.home):
            self.home.mkdir(parents=True, exist_ok=True, mode=0o711)
            with self._lock():
                server = find_postgresql(self._major())
                account = server_account()
                self._place(account)
                if not (self.data / "PG_VERSION").exists():
                    self._make(server, account)
                if self._postmaster() is None:
                    self._launch(server, account)
                self._wait_until_ready()
                addresses = self._addresses()
                bootstrap(
                    self.superuser_address("postgres"),
                    DATABASE,
                    self._password("application"),
                    self._password("admin"),
                )
                return addresses

    def stop(self) -> None:
        """Stop the server where it runs: open transactions are rolled back.

        Raises
        ------
        Unavailable
            Where it does not stop in time.
        """
        if not self.home.exists():
            return
        with readable_errors(self.home), self._lock():
            self._halt()

    def destroy(self) -> None:
        """Stop the server and delete the cluster with all its data and passwords."""
        if not self.home.exists():
            return
        with readable_errors(self.home), self._lock():
            self._halt()
            shutil.rmtree(self.directory, ignore_errors=True)
            shutil.rmtree(socket_directory(self.directory), ignore_errors=True)
            shutil.rmtree(self.home / "secrets", ignore_errors=True)
            (self.home / "cluster").unlink(missing_ok=True)

    def status(self) -> ClusterStatus:
        """Return what state the cluster is in, without changing it."""
        with readable_errors(self.home):
            major = self._major()
            if major is None:
                return ClusterStatus("absent", self.data)
            process = self._postmaster()
            if process is None:
                return ClusterStatus("stopped", self.data, major=major)
            return ClusterStatus("running", self.data, process, socket_directory(self.directory), major)

    def superuser_address(self, database: str = DATABASE) -> str:
        """Return the address for the bootstrap and for repairs; it opens for the owner of the files only."""
        return f"postgresql://{SUPERUSER}@/{database}?host={socket_directory(self.directory)}&port={PORT}"

    def _addresses(self) -> Addresses:
        def address(role: str, name: str) -> str:
            password = quote(self._password(name), safe="")
            socket = socket_directory(self.directory)
            return f"postgresql://{role}:{password}@/{DATABASE}?host={socket}&port={PORT}"

        return Addresses(
            application=address("onemap_app", "application"), admin=address("onemap_admin", "admin")
        )

    def _password(self, name: str) -> str:
        """Return the kept password of a role, made at the first call."""
        path = self.home / "secrets" / name
        if not path.exists():
            path.parent.mkdir(mode=0o700, exist_ok=True)
            fresh = path.with_suffix(".new")
            fresh.unlink(missing_ok=True)
            with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                file.write(secrets.token_urlsafe(24))
            fresh.replace(path)
        return path.read_text()

    def _place(self, account: Account) -> None:
        """Make the cluster's directory where the server's account can reach it."""
        link = self.home / "cluster"
        if not link.exists():
            link.unlink(missing_ok=True)  # a link whose data is gone
            if account.is_other and not account.may_enter(self.home):
                place_outside(link)
            else:
                link.mkdir(mode=0o700)
        directory = self.directory
        own(directory, account)
        (directory / "log").mkdir(mode=0o700, exist_ok=True)
        own(directory / "log", account)
        if not account.may_enter(directory):
            raise Unavailable(
                f"the user {account.name!r} cannot reach {directory}; name another place with ONEMAP_HOME",
                path=str(directory),
            )

    def _make(self, server: PostgreSQL, account: Account) -> None:
        """Make the data directory beside its place and move it there when it is whole."""
        directory = self.directory
        free = shutil.disk_usage(directory).free
        if free < _LEAST_FREE:
            raise Unavailable(
                f"the disk of {directory} is full: {free // MEGABYTE} MB are free and "
                f"{_LEAST_FREE // MEGABYTE} MB are needed; make room or name another place with ONEMAP_HOME",
                path=str(directory),
                free_bytes=free,
            )
        fresh = directory / "data.new"
        shutil.rmtree(fresh, ignore_errors=True)
        command: list[str | Path] = [
            server.programs / "initdb",
            *("-D", fresh, "-U", SUPERUSER, "-E", "UTF8", "--locale=C.UTF-8"),
            *("--auth-local=peer", "--auth-host=reject", "--no-instructions"),
        ]
        if self.throw_away:
            command.append("--no-sync")
        done = run_as(
            account, command, environment=_environment(server), directory=directory, timeout=_START_TIMEOUT
        )
        if done.returncode != 0:
            shutil.rmtree(fresh, ignore_errors=True)
            raise _failure("the database could not be made", done.stdout, directory)
        fresh.rename(self.data)

    def _configure(self, account: Account) -> None:
        """Write the files that say how the server behaves and who may come in."""
        settings = server_settings(memory_bytes(), throw_away=self.throw_away)
        settings["unix_socket_directories"] = str(socket_directory(self.directory))
        settings["port"] = str(PORT)
        main = self.data / "postgresql.conf"
        include = "include = 'onemap.conf'\n"
        if not main.read_text().endswith(include):
            with main.open("a") as file:
                file.write(include)
        users = sorted({"root", account.name})
        files = {
            "onemap.conf": as_file(settings),
            "pg_hba.conf": f"local all {SUPERUSER} peer map=onemap\nlocal all all scram-sha-256\n",
            "pg_ident.conf": "".join(f"onemap {user} {SUPERUSER}\n" for user in users),
        }
        for name, text in files.items():
            path = self.data / name
            if not path.exists() or path.read_text() != text:
                path.write_text(text)
            path.chmod(0o600)
            own(path, account)

    def _launch(self, server: PostgreSQL, account: Account) -> None:
        """Start the server, after ending what a killed one left behind."""
        end_processes(self.data)
        (self.data / "postmaster.pid").unlink(missing_ok=True)
        socket = make_socket_directory(self.directory, account)
        for name in (f".s.PGSQL.{PORT}", f".s.PGSQL.{PORT}.lock"):
            (socket / name).unlink(missing_ok=True)  # its process number may be another program's by now
        self._configure(account)
        log = self.directory / "log" / "start.log"
        log.unlink(missing_ok=True)
        done = run_as(
            account,
            [
                *(server.programs / "pg_ctl", "start", "-s", "-w", "-D", self.data, "-l", log),
                *("-t", str(int(_START_TIMEOUT))),
            ],
            environment=_environment(server),
            directory=self.directory,
            timeout=_START_TIMEOUT + 10,
        )
        if done.returncode != 0:
            raise _failure(
                "the database server did not start", done.stdout + self._log_tail(), self.directory
            )

    def _halt(self) -> None:
        process = self._postmaster()
        if process is None:
            end_processes(self.data)  # what a crash left
            return
        # SIGINT is PostgreSQL's fast stop, SIGQUIT its immediate one, from which the next start recovers.
        for order, patience in ((signal.SIGINT, _STOP_TIMEOUT), (signal.SIGQUIT, 10.0)):
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, order)
            end = time.monotonic() + patience
            while time.monotonic() < end:
                if not server_processes(self.data):
                    return
                time.sleep(0.02)
        raise Unavailable(f"the database server (process {process}) does not stop", process=process)

    def _wait_until_ready(self) -> None:
        end = time.monotonic() + _START_TIMEOUT
        while True:
            try:
                psycopg.connect(self.superuser_address("postgres"), connect_timeout=5).close()
                return
            except psycopg.OperationalError as error:
                if self._postmaster() is None or time.monotonic() > end:
                    facts = f"{error}\n{self._log_tail()}"
                    raise _failure("the database server does not answer", facts, self.directory) from error
            time.sleep(0.1)

    def _postmaster(self) -> int | None:
        """Return the id of the running postmaster: the one in its file, if that process is really it."""
        try:
            number = int((self.data / "postmaster.pid").read_text().split("\n", 1)[0])
        except (FileNotFoundError, ValueError):
            return None
        return number if number in server_processes(self.data) else None

    def _major(self) -> int | None:
        version = self.data / "PG_VERSION"
        return int(version.read_text()) if version.exists() else None

    def _log_tail(self, lines: int = 12) -> str:
        """Return the last lines of the server's newest log files."""
        logs = sorted((self.directory / "log").glob("*.log"), key=lambda path: path.stat().st_mtime)
        text = "".join(path.read_text(errors="replace") for path in logs[-2:])
        return "\n".join(text.splitlines()[-lines:])

    @contextlib.contextmanager
    def _lock(self) -> Iterator[None]:
        """Let one process at a time start or stop this cluster."""
        end = time.monotonic() + _LOCK_TIMEOUT
        with (self.home / "cluster.lock").open("w") as file:
            while True:
                try:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError as error:
                    if time.monotonic() > end:
                        raise Unavailable(
                            f"another process is still starting or stopping the database of {self.home}",
                            home=str(self.home),
                        ) from error
                time.sleep(0.05)
            yield


@contextlib.contextmanager
def readable_errors(home: Path) -> Iterator[None]:
    """Turn what the file system refuses into an error that says where and what to do."""
    try:
        yield
    except PermissionError as error:
        raise Unavailable(
            f"{error.filename or home} belongs to another user or is closed; run as its owner, or name "
            "another place with ONEMAP_HOME",
            path=str(error.filename or home),
        ) from error
    except OSError as error:
        raise Unavailable(
            f"{error.filename or home}: {error.strerror}", path=str(error.filename or home)
        ) from error


def _environment(server: PostgreSQL) -> dict[str, str]:
    return {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", **server.environment}


def _failure(what: str, output: str, directory: Path) -> Unavailable:
    """Return the error for a server program that failed, with the line that tells why."""
    if "No space left on device" in output:
        return Unavailable(
            f"{what}: the disk of {directory} is full; make room or name another place with ONEMAP_HOME",
            path=str(directory),
        )
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    telling = [line for line in lines if not line.startswith(("pg_ctl:", "Examine the log"))]
    reason = " / ".join((telling or lines or ["no reason given"])[-2:])
    return Unavailable(f"{what}: {reason} (log: {directory / 'log'})", output=output[-2000:])
