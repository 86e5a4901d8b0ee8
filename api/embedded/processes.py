"""The operating system's side of a private server: whose processes, which are left, what they may reach."""

from __future__ import annotations

import os
import pwd
import signal
import stat
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from geo.errors import Unavailable

SERVER_USER = "postgres"
"""The user that Debian's packages create; PostgreSQL refuses to run as root."""


@dataclass(frozen=True, slots=True)
class Account:
    """The operating-system user that a server runs as.

    Attributes
    ----------
    name : str
        Login name.
    uid, gid : int
        Its numbers.
    groups : tuple of int
        All groups it is in.
    """

    name: str
    uid: int
    gid: int
    groups: tuple[int, ...]

    @property
    def is_other(self) -> bool:
        """True where processes must change to this account because we are root."""
        return os.geteuid() == 0 and self.uid != 0

    def may_enter(self, directory: Path) -> bool:
        """Tell whether the account can pass through a directory and all that are above it."""
        return all(self._may_pass(part) for part in (directory, *directory.parents))

    def _may_pass(self, directory: Path) -> bool:
        status = directory.stat()
        if status.st_uid == self.uid:
            return bool(status.st_mode & stat.S_IXUSR)
        if status.st_gid in self.groups:
            return bool(status.st_mode & stat.S_IXGRP)
        return bool(status.st_mode & stat.S_IXOTH)


def server_account() -> Account:
    """Return the unprivileged account for the server: ourselves, or `SERVER_USER` where we are root.

    Raises
    ------
    Unavailable
        Where we are root and the account does not exist, or where our own user has no name.
    """
    try:
        entry = pwd.getpwnam(SERVER_USER) if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())
    except KeyError as error:
        raise Unavailable(
            f"the database needs an operating-system user with a name ({error.args[0]}); as root install "
            f"postgresql-common, which creates the user {SERVER_USER!r}, or run as an ordinary user",
        ) from error
    groups = os.getgrouplist(entry.pw_name, entry.pw_gid)
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid, tuple(groups))


def run_as(
    account: Account,
    command: Sequence[str | Path],
    *,
    environment: Mapping[str, str],
    directory: Path,
    timeout: float,
) -> subprocess.CompletedProcess[str]:
    """Run a program as the account, with this environment only, and return what it printed.

    Parameters
    ----------
    account : Account
        Who runs it.
    command : sequence of str or Path
        Program and arguments; no shell reads them.
    environment : mapping of str to str
        The whole environment of the program.
    directory : Path
        Where it runs; the account must be able to enter it.
    timeout : float
        Seconds until it is ended.

    Raises
    ------
    Unavailable
        Where the program does not end in time.
    """
    try:
        return subprocess.run(  # noqa: S603 - program and arguments are our own, never a caller's text
            [str(part) for part in command],
            env=dict(environment),
            cwd=directory,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=timeout,
            check=False,
            user=account.uid if account.is_other else None,
            group=account.gid if account.is_other else None,
            extra_groups=account.groups if account.is_other else None,
        )
    except subprocess.TimeoutExpired as error:
        raise Unavailable(f"{command[0]} did not end within {timeout:.0f} s", seconds=timeout) from error


def server_processes(data: Path) -> list[int]:
    """Return the ids of the PostgreSQL processes that work in a data directory.

    A process is known by its working directory and its program, never by a number in a file: that number may
    belong to a zombie or to something else by now.
    """
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            program = (entry / "exe").readlink()  # "… (deleted)" after an upgrade of the package
            if program.name.split(" ")[0] == "postgres" and (entry / "cwd").readlink() == data:
                found.append(int(entry.name))
        except OSError:
            continue  # it has ended, or is another user's and so not ours
    return sorted(found)


def end_processes(data: Path, *, timeout: float = 20.0) -> None:
    """Kill what is left of a server in its data directory, and wait until it is gone.

    A backend that is busy with a long query outlives its killed postmaster and holds the shared memory, so
    that no new server can start beside it.

    Raises
    ------
    Unavailable
        Where a process stays, which happens while it waits for a disk that does not answer.
    """
    end = time.monotonic() + timeout
    while left := server_processes(data):
        for number in left:
            try:
                os.kill(number, signal.SIGKILL)
            except ProcessLookupError:
                continue
        if time.monotonic() > end:
            raise Unavailable(f"processes {left} of the old database server do not end", processes=left)
        time.sleep(0.05)
