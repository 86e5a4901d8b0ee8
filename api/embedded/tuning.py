"""Settings of the private server, from the memory of the machine."""

from __future__ import annotations

import os
from pathlib import Path

MEGABYTE = 1 << 20
_CGROUP_LIMITS = (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"))
_SHARED_MEMORY = Path("/dev/shm")  # noqa: S108 - POSIX shared memory, not a temporary file


def memory_bytes() -> int:
    """Return the memory that this process may use: the machine's, or less where a cgroup limits it."""
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    for path in _CGROUP_LIMITS:
        if path.exists() and (limit := path.read_text().strip()).isdigit():
            total = min(total, int(limit))
    return total


def server_settings(memory: int, *, throw_away: bool) -> dict[str, str]:
    """Return the settings that differ from PostgreSQL's own.

    Parameters
    ----------
    memory : int
        Bytes of memory of the machine.
    throw_away : bool
        True for a test's cluster: nothing is forced to the disk, so a crash may lose it.

    Examples
    --------
    >>> server_settings(24 << 30, throw_away=False)["shared_buffers"]
    '2048MB'
    >>> server_settings(1 << 30, throw_away=False)["shared_buffers"]
    '128MB'
    """

    def share(part: int, least: int, most: int) -> str:
        return f"{min(max(memory // part // MEGABYTE, least), most)}MB"

    settings = {
        "listen_addresses": "",
        "max_connections": "100",
        "shared_buffers": share(8, 128, 256 if throw_away else 2048),
        "effective_cache_size": share(2, 256, 1 << 20),
        "work_mem": share(512, 8, 32),
        "maintenance_work_mem": share(32, 64, 512),
        "random_page_cost": "1.1",  # solid-state disks, and a city that mostly fits in memory
        "jit": "off",  # compiling costs more than it saves on queries of milliseconds
        "max_wal_size": "4GB",
        "min_wal_size": "256MB" if not throw_away else "80MB",
        "checkpoint_completion_target": "0.9",
        "timezone": "UTC",
        "log_timezone": "UTC",
        "logging_collector": "on",
        "log_directory": "../log",
        "log_filename": "postgresql-%a.log",
        "log_truncate_on_rotation": "on",
        "log_rotation_age": "1d",
        "log_rotation_size": "0",
        "log_checkpoints": "off",
        "log_line_prefix": "%m [%p] %u@%d ",
        # A small /dev/shm (64 MB in containers) makes parallel queries fail; files in the data do not.
        "dynamic_shared_memory_type": "posix" if _shared_memory_is_ample() else "mmap",
    }
    if throw_away:
        settings |= {
            "fsync": "off",
            "synchronous_commit": "off",
            "full_page_writes": "off",
            "wal_level": "minimal",
            "max_wal_senders": "0",
        }
    return settings


def as_file(settings: dict[str, str]) -> str:
    r"""Write settings as a configuration file of PostgreSQL.

    Examples
    --------
    >>> as_file({"jit": "off", "log_line_prefix": "it's"})
    "jit = 'off'\nlog_line_prefix = 'it''s'\n"
    """
    return "".join(f"{key} = '{value.replace(chr(39), chr(39) * 2)}'\n" for key, value in settings.items())


def _shared_memory_is_ample() -> bool:
    if not _SHARED_MEMORY.is_dir():
        return False
    status = os.statvfs(_SHARED_MEMORY)
    return status.f_bavail * status.f_frsize >= 512 * MEGABYTE
