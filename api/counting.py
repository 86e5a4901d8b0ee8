"""What this process counts, and what the others that answer on the same port have told of themselves."""

from __future__ import annotations

import json
import os
import time
from typing import TYPE_CHECKING

import structlog

from tilecache.statistics import Family, Sample, gauge

if TYPE_CHECKING:
    from api.service import Service

#: Seconds after which a process that tells nothing any more is taken for dead.
_SILENT = 10.0

log = structlog.get_logger(__name__)


def counted(service: Service) -> list[Family]:
    """Return counters and gauges of this process."""
    tiles, told = service.tiles, service.feed.told_at
    lag = float("nan") if told is None else time.monotonic() - told
    in_memory = tiles.memory.bytes + service.composer.bytes
    waiting = float(service.admission.waiting)
    return [
        *tiles.statistics.families(),
        gauge("tile_memory_bytes", "Bytes of tiles in memory.", float(in_memory)),
        gauge("tile_memory_tiles", "Tiles in memory.", float(len(tiles.memory))),
        gauge("tile_memory_evicted", "Tiles that left memory for want of room.", float(tiles.memory.evicted)),
        gauge("tile_disk_evicted", "Tiles that left the disk for want of room.", float(tiles.evicted)),
        gauge("tile_disk_used", "1 while tiles are kept on disk too.", float(tiles.has_disk)),
        gauge("tile_drawing", "Tiles that are being drawn.", float(tiles.drawing)),
        gauge("database_waiting", "Requests that wait for a connection.", waiting),
        gauge(
            "change_log_lag_seconds",
            "Seconds since the change log was last read; NaN before the first time.",
            lag,
        ),
    ]


def tell_others(service: Service) -> None:
    """Write what this process counts where the others read it; alone it tells nobody."""
    settings = service.settings
    if not settings.process:
        return
    place = settings.process_folder / f"{settings.process}.json"
    unfinished = place.with_suffix(f".{os.getpid()}")
    try:
        unfinished.write_text(json.dumps(counted(service)))
        unfinished.replace(place)
    except OSError as error:
        log.warning("the other processes cannot be told what this one counts", reason=error.strerror)


def counted_by_all(service: Service) -> dict[str, list[Family]]:
    """Return what each process that answers on the port counts, by its number; of one alone without."""
    own = service.settings.process
    if not own:
        return {"": counted(service)}
    found = {str(own): counted(service)}
    for place in service.settings.process_folder.glob("*.json"):
        if place.stem in found or time.time() - place.stat().st_mtime > _SILENT:
            continue
        found[place.stem] = [
            Family(name, kind, about, tuple(Sample(*sample) for sample in samples))
            for name, kind, about, samples in json.loads(place.read_text())
        ]
    return dict(sorted(found.items()))
