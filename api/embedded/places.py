"""Where a cluster and its socket lie: in the home, or where the server's account can reach them."""

from __future__ import annotations

import hashlib
import os
import shutil
from pathlib import Path

from api.embedded.processes import Account, end_processes
from geo.errors import Unavailable

PORT = 5432
"""Part of the socket's file name; no TCP port is opened."""

_SOCKET_LIMIT = 107
"""Longest path of a unix socket that Linux takes, in bytes."""


def _short_name(path: Path) -> str:
    return hashlib.blake2b(os.fsencode(path), digest_size=6).hexdigest()


def own(path: Path, account: Account) -> None:
    """Give a path to the server's account where that is another one."""
    if account.is_other:
        os.chown(path, account.uid, account.gid)


def socket_directory(directory: Path) -> Path:
    """Return the directory of the unix socket: short, private, and the same for every caller."""
    name = _short_name(directory)
    if os.geteuid() == 0:
        return Path("/run/onemap") / name
    return Path(f"/tmp/onemap-{os.geteuid()}") / name  # noqa: S108 - made 0700 and checked to be ours


def make_socket_directory(directory: Path, account: Account) -> Path:
    """Make the directory of the unix socket, and refuse one that is not ours."""
    socket = socket_directory(directory)
    parent_mode = 0o711 if account.is_other else 0o700
    for path, mode in ((socket.parent, parent_mode), (socket, 0o700)):
        path.mkdir(mode=mode, parents=True, exist_ok=True)
        if path.is_symlink() or path.stat().st_uid not in (os.geteuid(), account.uid):
            raise Unavailable(f"{path} is not ours; remove it and start again", path=str(path))
        path.chmod(mode)
    own(socket, account)
    if len(os.fsencode(socket / f".s.PGSQL.{PORT}")) > _SOCKET_LIMIT:
        raise Unavailable(f"{socket} is too long for a unix socket", path=str(socket))
    return socket


def place_outside(link: Path) -> None:
    """Put the data below /var/lib/onemap, because a folder above the home is closed to the server's user."""
    target = Path("/var/lib/onemap") / _short_name(link)
    target.parent.mkdir(mode=0o711, parents=True, exist_ok=True)
    if target.exists():
        # Its home was deleted, and with it the link. A new home starts anew; the old data is set aside once.
        end_processes(target / "data")
        previous = target.with_suffix(".previous")
        shutil.rmtree(previous, ignore_errors=True)
        target.rename(previous)
    target.mkdir(mode=0o700)
    link.symlink_to(target)
