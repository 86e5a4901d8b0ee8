"""An uncached tile through `read_tile`, against a bare ST_AsMVT statement, prepared, on the same table.

The bare statement runs as the table's owner: no scope, no function, the same columns, the same margin. Both
take turns on one connection each, tile by tile.

    python -m bench.tiles_uncached [ROWS]
"""

from __future__ import annotations

import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import asyncpg
import morecantile
import numpy as np

from api.embedded.cluster import Cluster
from bench.loading import EAST, NORTH, SOUTH, WEST, polygons, regions
from layers.database import Addresses, admin_connection, open_reading_pool
from layers.definitions.loading import read_catalog
from layers.features.reading import read_tile
from layers.importing.loading import load
from layers.schema.migrating import migrate
from layers.scope import LayerScope, Scope

LIMIT = 1.3
ZOOMS = {16: 300, 14: 150, 12: 20}
ROUNDS = 5


def bare_statement(fields: list[str]) -> str:
    listed = "".join(f', t."{name}"' for name in ["code", "status", *fields])
    return f"""
        SELECT ST_AsMVT(q, 'buildings', 4096, 'g', 'id') FROM (
            SELECT t.id, ST_AsMVTGeom(t.geom_3857, ST_TileEnvelope($1, $2, $3), 4096, 64, true) AS g{listed}
            FROM city.buildings AS t
            WHERE t.geom_3857 && ST_TileEnvelope($1, $2, $3, margin => 64.0 / 4096)
        ) AS q"""


async def timed(call: Callable[[], Awaitable[object]]) -> float:
    start = time.perf_counter()
    await call()
    return time.perf_counter() - start


async def compare(addresses: Addresses) -> dict[int, tuple[float, float, float]]:
    """Return, by zoom, median milliseconds of ours and of the bare statement, and their ratio."""
    layer = read_catalog().layer("buildings")
    scope = LayerScope("buildings", True)
    matrix = morecantile.tms.get("WebMercatorQuad")
    draw = np.random.default_rng(2)
    pool = await open_reading_pool(addresses, size=1)
    peer = await asyncpg.connect(addresses.admin, server_settings={"jit": "off"})
    await peer.execute("SET ROLE onemap_owner")
    found = {}
    async with pool.acquire() as connection:
        for zoom, count in ZOOMS.items():
            fields = [one.name for one in layer.fields if one.tile_from is not None and one.tile_from <= zoom]
            bare = await peer.prepare(bare_statement(fields))
            spots = zip(draw.uniform(WEST, EAST, count), draw.uniform(SOUTH, NORTH, count), strict=True)
            tiles = [matrix.tile(longitude, latitude, zoom) for longitude, latitude in spots]
            mine: list[float] = []
            theirs: list[float] = []
            for _ in range(ROUNDS):
                for tile in tiles:
                    z, x, y = tile.z, tile.x, tile.y
                    mine.append(await timed(lambda: read_tile(connection, layer, scope, z, x, y)))  # noqa: B023
                    theirs.append(await timed(lambda: bare.fetchval(z, x, y)))  # noqa: B023
            a, b = statistics.median(mine) * 1e3, statistics.median(theirs) * 1e3
            found[zoom] = (a, b, a / b)
    await peer.close()
    await pool.close()
    return found


def main(rows: int = 200_000) -> int:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o711)
        cluster = Cluster(Path(folder) / "home")
        try:
            addresses = cluster.start()
            migrate(addresses)
            catalog = read_catalog()
            with admin_connection(addresses) as connection:
                for name, frame in {"regions": regions(), "buildings": polygons(rows)}.items():
                    load(
                        connection, catalog.layer(name), catalog.code_lists, frame,
                        scope=Scope.everything("bench"), source="bench",
                    )  # fmt: skip
                connection.execute("VACUUM ANALYZE city.buildings")
            found = asyncio.run(compare(addresses))
        finally:
            cluster.destroy()
    print(f"{rows} polygons, one connection each, median of {ROUNDS} rounds in turns")
    for zoom, (mine, bare, ratio) in found.items():
        print(
            f"z{zoom}: ours {mine:.2f} ms, bare ST_AsMVT {bare:.2f} ms, ratio {ratio:.2f} (at most {LIMIT})"
        )
    return 0 if all(ratio <= LIMIT for _, _, ratio in found.values()) else 1


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
