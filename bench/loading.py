"""200,000 polygons from a file into an indexed layer, against ogr2ogr with COPY and a GiST index.

Both start from the same GeoPackage. Ours reads, checks every row against the definition, finds its region,
stores longitude/latitude and mercator geometry in Hilbert order with history, change log and constraints, and
makes all indexes. The two take turns, so that the noise of the machine falls on both.

    python -m bench.loading [ROWS] [ROUNDS]
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import geopandas as gpd
import numpy as np
import psycopg
import pyogrio
import shapely

from api.embedded.cluster import Cluster
from layers.database import Addresses, admin_connection
from layers.definitions.loading import read_catalog
from layers.importing.loading import load
from layers.importing.sources import read_vector_file
from layers.schema.migrating import migrate
from layers.scope import Scope

LIMIT = 1.5
WEST, SOUTH, EAST, NORTH = 115.6, 31.7, 116.1, 32.2


def polygons(count: int) -> gpd.GeoDataFrame:
    draw = np.random.default_rng(1)
    x, y, d = draw.uniform(WEST, EAST, count), draw.uniform(SOUTH, NORTH, count), 0.0001
    ring = [(-d, -d), (0, -1.2 * d), (d, -d), (d, d), (0, 1.1 * d), (-d, d), (-d, -d)]
    corners = np.stack([np.stack([x + dx, y + dy], axis=1) for dx, dy in ring], axis=1)
    return gpd.GeoDataFrame(
        {
            "code": [f"b{number}" for number in range(count)],
            "name": [f"building {number}" for number in range(count)],
            "height_m": draw.integers(3, 90, count).astype(float),
            "floors": draw.integers(1, 30, count),
            "built": draw.integers(1960, 2020, count),
            "address": [f"road {number % 977}" for number in range(count)],
        },
        geometry=shapely.polygons(corners),
        crs=4326,
    )


def regions(steps: int = 16) -> gpd.GeoDataFrame:
    """Return a county of 16 x 16 communities."""
    rows = []
    for number, (column, row) in enumerate(np.ndindex(steps, steps)):
        offset = np.array([column, row, column + 1, row + 1]) * (EAST - WEST) / steps
        rows.append(
            {"system": "admin", "level": "community", "code": f"341504001{number:03d}", "name": "c",
             "geometry": shapely.box(*(offset + np.array([WEST, SOUTH, WEST, SOUTH])))}
        )  # fmt: skip
    return gpd.GeoDataFrame(rows, crs=4326)


def ours(addresses: Addresses, file: Path) -> float:
    catalog = read_catalog()
    with admin_connection(addresses) as connection:
        start = time.perf_counter()
        frame = read_vector_file(file, datum="wgs84")
        load(
            connection, catalog.layer("buildings"), catalog.code_lists, frame,
            scope=Scope.everything("bench"), source="bench",
        )  # fmt: skip
        seconds = time.perf_counter() - start
        connection.execute("ALTER TABLE city.buildings DISABLE TRIGGER no_truncate")
        connection.execute("TRUNCATE city.buildings")
        connection.execute("ALTER TABLE city.buildings ENABLE TRIGGER no_truncate")
    return seconds


def theirs(addresses: Addresses, file: Path, *more: str) -> float:
    parts = psycopg.conninfo.conninfo_to_dict(addresses.admin)
    target = "PG:" + " ".join(f"{key}='{value}'" for key, value in parts.items())
    with admin_connection(addresses) as connection:
        connection.execute("DROP TABLE IF EXISTS results.peer")
    options = ["-lco", "SPATIAL_INDEX=GIST", "-lco", "SCHEMA=results", "-lco", "GEOMETRY_NAME=geom"]
    command = ["ogr2ogr", "-f", "PostgreSQL", target, str(file), "-nln", "peer", *options, *more]
    start = time.perf_counter()
    subprocess.run([*command, "--config", "PG_USE_COPY", "YES"], check=True, stderr=subprocess.DEVNULL)
    return time.perf_counter() - start


def main(rows: int = 200_000, rounds: int = 5) -> int:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o711)
        cluster = Cluster(Path(folder) / "home")
        try:
            addresses = cluster.start()
            migrate(addresses)
            catalog = read_catalog()
            with admin_connection(addresses) as connection:
                load(
                    connection, catalog.layer("regions"), catalog.code_lists, regions(),
                    scope=Scope.everything("bench"), source="bench",
                )  # fmt: skip
            file = Path(folder) / "polygons.gpkg"
            pyogrio.write_dataframe(polygons(rows), file)
            rows_of_times = [
                (
                    ours(addresses, file),
                    theirs(addresses, file),
                    theirs(addresses, file, "-t_srs", "EPSG:3857"),
                )
                for _ in range(rounds)
            ]
        finally:
            cluster.destroy()
    mine, peer, turning = (statistics.median(column) for column in zip(*rows_of_times, strict=True))
    ratio = statistics.median(a / b for a, b, _ in rows_of_times)
    equal_work = statistics.median(a / c for a, _, c in rows_of_times)
    print(f"{rows} polygons, file to indexed table, {rounds} rounds in turns")
    print(f"ours {mine:.2f} s, ogr2ogr {peer:.2f} s, ratio {ratio:.2f} (at most {LIMIT})")
    print(
        f"ogr2ogr that turns to mercator, as we do beside storing degrees: {turning:.2f} s, {equal_work:.2f}"
    )
    return 0 if ratio <= LIMIT else 1


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
