"""An uncached tile over HTTP against the bare ST_AsMVT query through a prepared statement.

    .venv/bin/python bench/tile_http.py [--layer buildings] [--tiles 60]

Takes the database of ``ONEMAP_DATABASE_URL`` and ``ONEMAP_DATABASE_ADMIN_URL`` with a loaded city, starts the
service as a process of its own that keeps no tile, and asks for the same tiles in turn, one from each side
after the other, so that noise of the machine meets both. The bare query is the owner's: no scope, no
function, the same columns.

A round trip over HTTP costs a fixed time even where nothing is drawn. It is measured beside the tiles (a tile
outside the layer's zooms, which is answered without the database) and the ratio is printed with it and
without it: the first is what a reader waits, the second what drawing through the service costs.
"""

from __future__ import annotations

import argparse
import asyncio
import re
import socket
import statistics
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import morecantile

from api.settings import read_settings
from bench.tile_peers import ours
from layers.definitions import LayerDefinition
from layers.definitions.loading import read_catalog
from layers.features.reading import extent_of
from layers.scope import Scope

TARGET = 1.3
REPEATS = 5


@dataclass(frozen=True)
class Timing:
    """Milliseconds of one tile, the best of its repeats, on both sides, and of an empty round trip."""

    size: int
    bare: float
    served: float
    empty: float


def bare_query(layer: LayerDefinition, zoom: int) -> str:
    """Return the query that draws the tile with the columns that the service's tile has."""
    names = [field.name for field in layer.fields if field.tile_from is not None and field.tile_from <= zoom]
    columns = ", ".join(f'"{name}"' for name in ("code", "status", *names))
    return f"""
        SELECT ST_AsMVT(q, '{layer.name}', 4096, 'geom', 'id') FROM (
            SELECT id, ST_AsMVTGeom(geom_3857, ST_TileEnvelope($1, $2, $3), 4096, 64, true) AS geom, {columns}
            FROM city.{layer.table}
            WHERE geom_3857 && ST_TileEnvelope($1, $2, $3, margin => 64.0 / 4096)
        ) AS q"""


class Reader:
    """The cheapest client there is: what is measured is the service, not a library's objects."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def get(self, path: str) -> int:
        """Ask, read the whole answer and return its status."""
        self._socket.sendall(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
        received = self._socket.recv(1 << 18)
        while b"\r\n\r\n" not in received:
            received += self._socket.recv(1 << 18)
        head, _, body = received.partition(b"\r\n\r\n")
        length = re.search(rb"content-length: (\d+)", head, re.IGNORECASE)
        missing = (int(length[1]) if length else 0) - len(body)
        while missing > 0:
            missing -= len(self._socket.recv(1 << 18))
        return int(head[9:12])


async def measure(port: int, admin: str, layer: LayerDefinition, zoom: int, most: int) -> list[Timing]:
    """Measure up to ``most`` tiles of one zoom, spread over the layer's extent."""
    owner = await asyncpg.connect(
        admin, server_settings={"search_path": "city, ext", "jit": "off", "role": "onemap_owner"}
    )
    extent = await extent_of(owner, layer, Scope.everything("bench").for_layer(layer))
    if extent is None:
        raise SystemExit(f"layer {layer.name} is empty")
    prepared = await owner.prepare(bare_query(layer, zoom))
    every = list(morecantile.tms.get("WebMercatorQuad").tiles(*extent, zooms=[zoom]))
    reader = Reader(port)
    found = []
    for tile in every[:: max(1, len(every) // (4 * most))]:
        bare, served, empty, size = [], [], [], 0
        for _ in range(REPEATS):
            begin = time.perf_counter()
            drawn = await prepared.fetchval(tile.z, tile.x, tile.y)
            bare.append(time.perf_counter() - begin)
            begin = time.perf_counter()
            reader.get(f"/tiles/{layer.name}/{tile.z}/{tile.x}/{tile.y}.mvt")
            served.append(time.perf_counter() - begin)
            begin = time.perf_counter()
            reader.get(f"/tiles/{layer.name}/0/0/0.mvt")
            empty.append(time.perf_counter() - begin)
            size = len(drawn or b"")
        if size:
            found.append(Timing(size, *(1000 * min(times) for times in (bare, served, empty))))
        if len(found) >= most:
            break
    await owner.close()
    return found


def line(timings: list[Timing]) -> str:
    """Return medians and ratios as one line."""
    size, bare, served, empty = (
        [getattr(timing, name) for timing in timings] for name in ("size", "bare", "served", "empty")
    )
    alone = (sum(served) - sum(empty)) / sum(bare)
    return (
        f"{len(timings):4} tiles {statistics.median(size) / 1000:7.1f} kB"
        f"  bare {statistics.median(bare):6.2f}  served {statistics.median(served):6.2f}"
        f"  empty round trip {statistics.median(empty):5.2f}"
        f"  ratio {sum(served) / sum(bare):5.2f}, without the round trip {alone:5.2f}"
    )


def main() -> None:
    """Print milliseconds and ratios by zoom."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--layer", default="buildings")
    parser.add_argument("--tiles", type=int, default=60)
    arguments = parser.parse_args()
    layer = read_catalog().layer(arguments.layer)
    if layer.zoom is None:
        raise SystemExit(f"layer {layer.name} has no tiles")
    addresses = read_settings().addresses
    if addresses is None:
        raise SystemExit("set ONEMAP_DATABASE_URL and ONEMAP_DATABASE_ADMIN_URL")
    every: list[Timing] = []
    kept_nowhere = {"ONEMAP_TILE_MEMORY_MB": "0", "ONEMAP_TILE_DISK_MB": "0"}
    with tempfile.TemporaryDirectory() as home, ours(addresses, Path(home), **kept_nowhere) as port:
        print(f"{layer.name}: best of {REPEATS}, median milliseconds a tile, ratios of sums")
        for zoom in range(layer.zoom.min, layer.zoom.max + 1):
            timings = asyncio.run(measure(port, addresses.admin, layer, zoom, arguments.tiles))
            every += timings
            if timings:
                print(f"z{zoom:<3} {line(timings)}")
        print(f"all  {line(every)}")
        heavy = [timing for timing in every if timing.bare >= 1]
        if heavy:
            print(f">1ms {line(heavy)}   target {TARGET}")


if __name__ == "__main__":
    main()
