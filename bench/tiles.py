"""Vector tiles of a million points and 200,000 polygons: ours, tipg, and the limits of both sides.

    .venv/bin/python bench/tiles.py [--points N] [--polygons N] [--tiles N] [--tipg PYTHON]

Makes a cluster of its own with both tables, loads them through the catalogue's ``cameras`` and ``buildings``
layers, and asks each server for the same tiles of z12 to z16 with eight connections. ``--tipg`` names the
Python of an environment with tipg and uvicorn (``python -m venv``, ``pip install tipg uvicorn``); nginx is
measured where it is installed. Uncached means: each tile is asked for once, of a service whose
memory and disk are empty. The bare query runs prepared over two connections.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import asyncpg
import geopandas as gpd
import morecantile
import numpy as np
import psycopg
import shapely

from api.embedded.cluster import Cluster
from bench.loading import EAST, NORTH, SOUTH, WEST, polygons, regions
from bench.tiles_uncached import bare_statement
from layers.database import Addresses, admin_connection
from layers.definitions.loading import read_catalog
from layers.importing.loading import load
from layers.schema.migrating import migrate
from layers.scope import Scope

CONNECTIONS = 8
SHARES = {12: 30, 13: 70, 14: 120, 15: 140, 16: 140}
Tile = tuple[int, int, int]


@dataclass(frozen=True)
class Measured:
    """Tiles a second, and milliseconds of one."""

    rate: float
    p50: float
    p99: float
    size: float


def some_tiles(number: int) -> list[Tile]:
    """Return tiles of z12 to z16 over the data, the same each time."""
    draw = np.random.default_rng(7)
    matrix = morecantile.tms.get("WebMercatorQuad")
    found = []
    for zoom, share in SHARES.items():
        every = [(t.z, t.x, t.y) for t in matrix.tiles(WEST, SOUTH, EAST, NORTH, zooms=[zoom])]
        wanted = min(len(every), max(1, share * number // 500))
        found += [every[i] for i in draw.choice(len(every), wanted, replace=False)]
    draw.shuffle(found)
    return [tuple(map(int, tile)) for tile in found]


class Reader:
    """A client with one kept connection that does no more than find the end of an answer."""

    async def open(self, port: int) -> Reader:
        """Connect."""
        self._reader, self._writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 24)
        return self

    async def get(self, path: str, headers: str = "") -> tuple[int, int, str]:
        """Return status, bytes of the body, and ETag."""
        self._writer.write(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{headers}\r\n".encode())
        head = (await self._reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        status = int(head[9:12])
        names = dict(line.lower().split(": ", 1) for line in head.split("\r\n")[1:] if ": " in line)
        length = int(names.get("content-length", 0))
        if status not in (204, 304) and length:
            await self._reader.readexactly(length)
        elif "chunked" in names.get("transfer-encoding", ""):
            length = 0
            while size := int(await self._reader.readuntil(b"\r\n"), 16):
                await self._reader.readexactly(size + 2)
                length += size
            await self._reader.readuntil(b"\r\n")
        return status, length, names.get("etag", "")

    def close(self) -> None:
        """Hang up."""
        self._writer.close()


async def ask(work: list[Callable[[], Awaitable[int]]], lanes: int) -> Measured:
    """Do all work in some lanes side by side."""
    times: list[float] = []
    sizes: list[int] = []

    async def lane(mine: list[Callable[[], Awaitable[int]]]) -> None:
        for one in mine:
            begin = time.perf_counter()
            sizes.append(await one())
            times.append((time.perf_counter() - begin) * 1000)

    begin = time.perf_counter()
    await asyncio.gather(*(lane(work[number::lanes]) for number in range(lanes)))
    spent = time.perf_counter() - begin
    ordered = sorted(times)
    p99 = ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))]
    return Measured(len(work) / spent, statistics.median(times), p99, statistics.mean(sizes))


async def over_http(port: int, paths: list[str], headers: str = "") -> Measured:
    readers = [await Reader().open(port) for _ in range(CONNECTIONS)]
    lanes: list[Callable[[], Awaitable[int]]] = []
    for number, path in enumerate(paths):
        reader = readers[number % CONNECTIONS]

        async def one(reader: Reader = reader, path: str = path) -> int:
            status, length, _ = await reader.get(path, headers)
            if status not in (200, 204, 304):
                raise SystemExit(f"{path}: {status}")
            return length

        lanes.append(one)
    found = await ask(lanes, CONNECTIONS)
    for reader in readers:
        reader.close()
    return found


async def bare(admin: str, statement: str, tiles: list[Tile]) -> Measured:
    """Draw by the bare query over two connections."""
    owners = [
        await asyncpg.connect(admin, server_settings={"jit": "off", "search_path": "city,ext"}) for _ in "ab"
    ]
    prepared = []
    for owner in owners:
        await owner.execute("SET ROLE onemap_owner")
        prepared.append(await owner.prepare(statement))
    lanes: list[Callable[[], Awaitable[int]]] = []
    for number, tile in enumerate(tiles):

        async def one(query=prepared[number % 2], tile: Tile = tile) -> int:
            return len(await query.fetchval(*tile) or b"")

        lanes.append(one)
    found = await ask(lanes, 2)
    for owner in owners:
        await owner.close()
    return found


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as chosen:
        return int(chosen.getsockname()[1])


def start(command: list[str], port: int, path: str, environment: dict[str, str]) -> subprocess.Popen[bytes]:
    process = subprocess.Popen(command, env={**os.environ, **environment}, stderr=subprocess.DEVNULL)
    for _ in range(600):
        time.sleep(0.1)
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5).read()
            return process
        except OSError:
            if process.poll() is not None:
                break
    process.kill()
    raise SystemExit(f"{command[0]} did not start")


def our_service(addresses: Addresses, home: Path) -> tuple[subprocess.Popen[bytes], int]:
    port = free_port()
    uvicorn = ["-m", "uvicorn", "--factory", "api.main:create_app", "--port", str(port)]
    return (
        start(
            [sys.executable, *uvicorn, "--no-access-log", "--log-level", "warning"],
            port,
            "/readyz",
            {
                "ONEMAP_DATABASE_URL": addresses.application,
                "ONEMAP_DATABASE_ADMIN_URL": addresses.admin,
                "ONEMAP_HOME": str(home),
                "ONEMAP_PORT": str(port),
            },
        ),
        port,
    )


def tipg_service(python: str, addresses: Addresses) -> tuple[subprocess.Popen[bytes], int]:
    port = free_port()
    parts = urlsplit(addresses.admin)
    command = [python, "-m", "uvicorn", "tipg.main:app", "--port", str(port), "--no-access-log"]
    command += ["--log-level", "error"]
    environment = {
        "DATABASE_URL": f"postgresql://bench:bench@/{parts.path[1:]}?host={parse_qs(parts.query)['host'][0]}",
        "TIPG_DB_SCHEMAS": '["bench"]',
        "TIPG_MAX_FEATURES_PER_TILE": "1000000",
    }
    return start(command, port, "/healthz", environment), port


def nginx_files(folder: Path, bodies: dict[str, bytes]) -> tuple[subprocess.Popen[bytes], int]:
    """Serve the same bytes from files by one worker."""
    port = free_port()
    root = folder / "www"
    for path, body in bodies.items():
        target = root / path.lstrip("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(body)
    configuration = folder / "nginx.conf"
    configuration.write_text(
        f"worker_processes 1; pid {folder}/nginx.pid; daemon off; user root; error_log /dev/null;\n"
        "events { worker_connections 256; }\n"
        f"http {{ access_log off; sendfile on; keepalive_requests 1000000; open_file_cache max=2000;"
        f" server {{ listen 127.0.0.1:{port}; root {root}; }} }}\n"
    )
    return start(["nginx", "-c", str(configuration)], port, next(iter(bodies)), {}), port


def points_table(count: int) -> gpd.GeoDataFrame:
    draw = np.random.default_rng(3)
    x, y = draw.uniform(WEST, EAST, count), draw.uniform(SOUTH, NORTH, count)
    return gpd.GeoDataFrame(
        {"code": [f"c{number}" for number in range(count)]}, geometry=shapely.points(x, y), crs=4326
    )


def prepare(addresses: Addresses, cluster: Cluster, points: int, shapes: int) -> None:
    """Load the tables, and show them to tipg as views with the columns that our tiles have."""
    migrate(addresses)
    catalog = read_catalog()
    frames = {"regions": regions(), "buildings": polygons(shapes), "cameras": points_table(points)}
    with admin_connection(addresses) as connection:
        for name, frame in frames.items():
            load(
                connection, catalog.layer(name), catalog.code_lists, frame,
                scope=Scope.everything("bench"), source="bench",
            )  # fmt: skip
        connection.execute("VACUUM ANALYZE city.buildings")
        connection.execute("VACUUM ANALYZE city.cameras")
    database = urlsplit(addresses.admin).path[1:]
    with psycopg.connect(cluster.superuser_address(database), autocommit=True) as owner:
        owner.execute("CREATE ROLE bench LOGIN PASSWORD 'bench' SUPERUSER")
        owner.execute("CREATE SCHEMA bench")
        owner.execute("ALTER ROLE bench SET search_path = bench, ext, public")
        owner.execute("ALTER ROLE bench SET jit = off")
        for layer in ("buildings", "cameras"):
            names = [f.name for f in catalog.layer(layer).fields if f.tile_from is not None]
            columns = ", ".join(f't."{name}"' for name in ("code", "status", *names))
            owner.execute(
                f"CREATE TABLE bench.{layer} AS"
                f" SELECT t.id, t.geom_3857, {columns} FROM city.{layer} AS t ORDER BY t.id"
            )
            owner.execute(f"ALTER TABLE bench.{layer} ADD PRIMARY KEY (id)")
            owner.execute(f"CREATE INDEX ON bench.{layer} USING gist (geom_3857)")
            owner.execute(f"VACUUM ANALYZE bench.{layer}")


def line(name: str, found: Measured, base: Measured | None = None) -> str:
    ratio = "" if base is None else f"  {found.rate / base.rate:6.2f} of the first"
    return (
        f"  {name:38} {found.rate:8.0f}/s  p50 {found.p50:7.2f}  p99 {found.p99:7.2f} ms"
        f"  {found.size / 1000:6.1f} kB{ratio}"
    )


def fetch_bodies(port: int, paths: list[str]) -> dict[str, bytes]:
    found = {}
    for path in paths:
        request = urllib.request.Request(
            f"http://127.0.0.1:{port}{path}", headers={"Accept-Encoding": "gzip"}
        )
        with urllib.request.urlopen(request) as answer:  # noqa: S310 - our own address
            if answer.status == 200:
                found[path] = answer.read()
    return found


def etags(port: int, paths: list[str]) -> list[str]:
    async def all_of_them() -> list[str]:
        reader = await Reader().open(port)
        found = [(await reader.get(path))[2] for path in paths]
        reader.close()
        return found

    return asyncio.run(all_of_them())


def measure(  # noqa: PLR0915 - one course, told as it goes
    arguments: argparse.Namespace, folder: Path
) -> dict[str, Measured]:
    cluster = Cluster(folder / "cluster", throw_away=True)
    results: dict[str, Measured] = {}
    tiles = some_tiles(arguments.tiles)
    catalog = read_catalog()
    try:
        addresses = cluster.start()
        prepare(addresses, cluster, arguments.points, arguments.polygons)
        for layer in ("buildings", "cameras"):
            shown = [tile for tile in tiles if tile[0] in range(catalog.layer(layer).zoom.min, 17)]
            paths = [f"/tiles/{layer}/{z}/{x}/{y}.mvt" for z, x, y in shown]
            fields = [f.name for f in catalog.layer(layer).fields if f.tile_from is not None]
            statement = bare_statement(fields).replace("buildings", layer)
            print(f"{layer}: {len(paths)} tiles", flush=True)
            first = results[f"{layer} bare"] = asyncio.run(bare(addresses.admin, statement, shown))
            print(line("bare ST_AsMVT, two connections", first), flush=True)
            service, port = our_service(addresses, folder / f"home-{layer}")
            try:
                found = results[f"{layer} ours"] = asyncio.run(over_http(port, paths))
                print(line("ours, uncached", found, first), flush=True)
                gzip = "Accept-Encoding: gzip\r\n"
                warm = [path for path in paths for _ in range(20)]
                asyncio.run(over_http(port, paths, gzip))
                cached = results[f"{layer} cached"] = asyncio.run(over_http(port, warm, gzip))
                print(line("ours, cached", cached), flush=True)
                etag = etags(port, paths[:1])[0]
                same = asyncio.run(over_http(port, paths[:1] * len(warm), f"If-None-Match: {etag}\r\n"))
                results[f"{layer} 304"] = same
                print(line("ours, 304 of one tile", same, cached), flush=True)
                bodies = fetch_bodies(port, paths)
            finally:
                service.terminate()
                service.wait(20)
            if shutil.which("nginx"):
                server, port = nginx_files(folder, bodies)
                try:
                    warm = [path for path in bodies for _ in range(20)]
                    files = results[f"{layer} nginx"] = asyncio.run(over_http(port, warm))
                    print(line("nginx, the same bytes as files", files), flush=True)
                    print(f"  ours cached is {cached.rate / files.rate:.2f} of nginx", flush=True)
                finally:
                    server.terminate()
                    server.wait(20)
            if arguments.tipg:
                server, port = tipg_service(arguments.tipg, addresses)
                try:
                    theirs = [
                        f"/collections/bench.{layer}/tiles/WebMercatorQuad/{z}/{x}/{y}" for z, x, y in shown
                    ]
                    peer = results[f"{layer} tipg"] = asyncio.run(over_http(port, theirs))
                    print(line("tipg", peer, first), flush=True)
                    print(
                        f"  ours uncached is {found.rate / peer.rate:.2f} times tipg,"
                        f" p99 {found.p99 / peer.p99:.2f} of its",
                        flush=True,
                    )
                finally:
                    server.terminate()
                    server.wait(20)
    finally:
        cluster.destroy()
    return results


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--points", type=int, default=1_000_000)
    parser.add_argument("--polygons", type=int, default=200_000)
    parser.add_argument("--tiles", type=int, default=500)
    parser.add_argument("--tipg", default="")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o711)
        found = measure(arguments, Path(folder))
    print(json.dumps({name: asdict(one) for name, one in found.items()}))


if __name__ == "__main__":
    main()
