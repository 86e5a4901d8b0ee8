"""Sharing one cluster: it runs while somebody uses it, and the last one to leave stops it."""

from __future__ import annotations

import contextlib
import fcntl
from collections.abc import Iterator
from pathlib import Path

from api.embedded.cluster import Cluster, readable_errors
from geo.errors import Refused
from layers.database import Addresses


@contextlib.contextmanager
def in_use(cluster: Cluster) -> Iterator[Addresses]:
    """Start the cluster where it is down, and stop it at the end unless it is kept or still used by others.

    A process that is killed leaves no claim behind: the lock goes with it.
    """
    with _users(cluster) as users:
        fcntl.flock(users, fcntl.LOCK_SH)
        try:
            yield cluster.start()
        finally:
            if _is_last(users) and not _kept(cluster).exists():
                cluster.stop()


def start_and_keep(cluster: Cluster) -> Addresses:
    """Start the cluster and let it run until `stop_kept`, whoever comes and goes."""
    with _users(cluster) as users:
        fcntl.flock(users, fcntl.LOCK_SH)
        addresses = cluster.start()
        _kept(cluster).touch()
        return addresses


def stop_kept(cluster: Cluster, *, although_used: bool = False) -> None:
    """Stop the cluster.

    Raises
    ------
    Refused
        Where another process uses it and `although_used` is False.
    """
    if not cluster.home.exists():
        return
    with _users(cluster) as users:
        if not _is_last(users) and not although_used:
            raise Refused(
                f"the database of {cluster.home} is used by another `onemap`; stop it first, or add --force",
                home=str(cluster.home),
            )
        _kept(cluster).unlink(missing_ok=True)
        cluster.stop()


@contextlib.contextmanager
def _users(cluster: Cluster) -> Iterator[int]:
    """Open the file whose shared lock every user holds."""
    with readable_errors(cluster.home):
        cluster.home.mkdir(parents=True, exist_ok=True, mode=0o711)
        file = (cluster.home / "users.lock").open("w")
    with file:
        yield file.fileno()


def _is_last(users: int) -> bool:
    try:
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _kept(cluster: Cluster) -> Path:
    return cluster.home / "kept"
