"""Vector tiles of a million points and 200,000 polygons: ours, tipg, MapServer, and the limits of both sides.

    .venv/bin/python -m bench.tiles [--full] [--rounds N] [--tipg PYTHON]

Makes a cluster of its own with two layers of six attributes, loaded as any layer is, and copies of their
tables for the peers: schema ``bench`` in the same order, schema ``loose`` in the order in which they came.
Every server is asked by wrk (``apt install wrk``) with eight connections for each tile once; the servers take
turns in every round, and what is printed are medians of the rounds' ratios. ``--tipg`` names the Python of an
environment with tipg and uvicorn (``python -m venv x; x/bin/pip install tipg uvicorn``); MapServer and nginx
are Debian's ``cgi-mapserver`` and ``nginx``, and what is not there is left out. Ours starts each round with
an empty cache. The bare query runs prepared over two connections, without HTTP.

Two comparisons: *same* asks for z14 to z16, where our tiles hold what the peers' hold, of tables in the same
order; *own* for z12 to z16, where ours are stored along a Hilbert curve, have attributes by zoom and are
thinned below z14, while the peers draw the table as it came.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import shutil
import statistics
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Awaitable, Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import geopandas as gpd
import mapbox_vector_tile
import morecantile
import numpy as np
import psycopg
import shapely

from api.embedded.cluster import Cluster
from bench import tile_peers as peers
from bench.loading import EAST, NORTH, SOUTH, WEST, polygons, regions
from layers.database import Addresses, admin_connection
from layers.definitions.loading import Catalog, read_catalog
from layers.importing.loading import load
from layers.schema.adding import add_layer
from layers.schema.migrating import migrate
from layers.scope import Scope

CONNECTIONS = 8
SHARES = {12: 30, 13: 70, 14: 120, 15: 140, 16: 140}
Tile = tuple[int, int, int]

#: Beside ``code`` and ``status``, which every tile has.
_ATTRIBUTES = {"kind": "text", "height_m": "number", "floors": "integer", "address": "text"}
_LAYER = """
name: {name}
title: {{zh: {name}, en: {name}}}
description: {{zh: {name}, en: {name}}}
geometry: {geometry}
classification: internal
owner: {{zh: x, en: x}}
source: bench
licence: Apache-2.0
zoom: {{min: 10, max: 16}}
style: {{group: governance, order: 900, symbol: {{{symbol}}}}}
fields:
  - {{name: kind, title: {{zh: x, en: x}}, type: text, length: 40, tile_from: 10}}
  - {{name: height_m, title: {{zh: x, en: x}}, type: number, tile_from: 14}}
  - {{name: floors, title: {{zh: x, en: x}}, type: integer, tile_from: 14}}
  - {{name: address, title: {{zh: x, en: x}}, type: text, length: 80, tile_from: 14}}
"""
LAYERS = {"shapes": ("polygon", "opacity: 0.5", "POLYGON"), "spots": ("point", "radius: [[10, 2]]", "POINT")}


@dataclass(frozen=True)
class Measured:
    """Tiles a second, milliseconds of one, and bytes of the mean one."""

    rate: float
    p50: float
    p99: float
    size: float


def some_tiles(number: int, seed: int = 7) -> list[Tile]:
    """Return tiles of z12 to z16 over the data, the same each time."""
    draw = np.random.default_rng(seed)
    matrix = morecantile.tms.get("WebMercatorQuad")
    found = []
    for zoom, share in SHARES.items():
        every = [(t.z, t.x, t.y) for t in matrix.tiles(WEST, SOUTH, EAST, NORTH, zooms=[zoom])]
        wanted = min(len(every), max(1, share * number // 500))
        found += [every[i] for i in draw.choice(len(every), wanted, replace=False)]
    draw.shuffle(found)
    return [(int(z), int(x), int(y)) for z, x, y in found]


def ask(port: int, paths: list[str], *, seconds: float = 0, gzip: bool = False, etag: str = "") -> Measured:
    """Ask by wrk for each path once, or for some seconds in turns."""
    with tempfile.NamedTemporaryFile("w", suffix=".paths") as listed:
        listed.write("\n".join(paths) + "\n")
        listed.flush()
        variables = {"PATHS": listed.name, "ONCE": "0" if seconds else "1"}
        variables |= {"ENCODING": "gzip"} if gzip else {}
        variables |= {"ETAG": etag} if etag else {}
        done = subprocess.run(
            ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds or 300:.0f}s", "--timeout", "60s",
             "-s", str(Path(__file__).with_name("wrk.lua")), f"http://127.0.0.1:{port}"],
            env={**os.environ, **variables}, capture_output=True, text=True, check=True,
        )  # fmt: skip
    told = json.loads(done.stdout.strip().splitlines()[-1])
    if told["errors"]:
        raise SystemExit(f"{told['errors']} errors of {paths[0]}")
    count = told["requests"]
    return Measured(count / told["seconds"], told["p50"], told["p99"], told["bytes"] / count)


async def bare(admin: str, statement: str, tiles: list[Tile]) -> Measured:
    """Draw by the bare query over two connections."""
    settings = {"jit": "off", "search_path": "city,ext", "role": "onemap_owner"}
    owners = [await asyncpg.connect(admin, server_settings=settings) for _ in "ab"]
    prepared = [await owner.prepare(statement) for owner in owners]
    times: list[float] = []
    sizes: list[int] = []

    async def lane(query: Callable[..., Awaitable[bytes]], mine: list[Tile]) -> None:
        for tile in mine:
            begin = time.perf_counter()
            sizes.append(len(await query(*tile)))
            times.append(1000 * (time.perf_counter() - begin))

    begin = time.perf_counter()
    await asyncio.gather(*(lane(one.fetchval, tiles[n::2]) for n, one in enumerate(prepared)))
    spent = time.perf_counter() - begin
    for owner in owners:
        await owner.close()
    p99 = sorted(times)[int(len(times) * 0.99)]
    return Measured(len(tiles) / spent, statistics.median(times), p99, statistics.mean(sizes))


def bare_statement(table: str) -> str:
    columns = ", ".join(("code", "status", *_ATTRIBUTES))
    return f"""
        SELECT ST_AsMVT(q, 'x', 4096, 'g', 'id') FROM (
            SELECT id, ST_AsMVTGeom(geom_3857, ST_TileEnvelope($1, $2, $3), 4096, 64, true) AS g, {columns}
            FROM {table} WHERE geom_3857 && ST_TileEnvelope($1, $2, $3, margin => 64.0 / 4096)) AS q"""


def frames(points: int, shapes: int) -> dict[str, gpd.GeoDataFrame]:
    areas = polygons(shapes).rename(columns={"name": "kind"})
    areas["kind"] = [f"kind {number % 23}" for number in range(shapes)]
    draw = np.random.default_rng(3)
    spots = gpd.GeoDataFrame(
        {
            "code": [f"c{number}" for number in range(points)],
            "kind": [f"kind {number % 23}" for number in range(points)],
            "height_m": draw.integers(3, 90, points).astype(float),
            "floors": draw.integers(1, 30, points),
            "address": [f"road {number % 977}" for number in range(points)],
        },
        geometry=shapely.points(draw.uniform(WEST, EAST, points), draw.uniform(SOUTH, NORTH, points)),
        crs=4326,
    )
    return {"shapes": areas[[*spots.columns]], "spots": spots}


def prepare(addresses: Addresses, cluster: Cluster, points: int, shapes: int) -> None:
    """Load both layers, and copy their tables for the peers."""
    migrate(addresses)
    catalog: Catalog = read_catalog()
    scope = Scope.everything("bench")
    with admin_connection(addresses) as connection:
        load(connection, catalog.layer("regions"), catalog.code_lists, regions(), scope=scope, source="bench")
        for name, (geometry, symbol, _) in LAYERS.items():
            document = _LAYER.format(name=name, geometry=geometry, symbol=symbol)
            catalog = add_layer(connection, document, scope=scope).catalog
        for name, frame in frames(points, shapes).items():
            load(connection, catalog.layer(name), catalog.code_lists, frame, scope=scope, source="bench")
            connection.execute(f"VACUUM ANALYZE city.{name}".encode())
    database = urlsplit(addresses.admin).path[1:]
    columns = ", ".join(("id", "geom_3857", "code", "status", *_ATTRIBUTES))
    with psycopg.connect(cluster.superuser_address(database), autocommit=True) as owner:
        owner.execute("CREATE ROLE bench LOGIN PASSWORD 'bench' SUPERUSER")
        owner.execute("ALTER ROLE bench SET search_path = bench, ext, public")
        owner.execute("ALTER ROLE bench SET jit = off")
        for schema, order in (("bench", "id"), ("loose", "md5(code)")):
            owner.execute(f"CREATE SCHEMA {schema} AUTHORIZATION onemap_owner")
            for name in LAYERS:
                table = f"{schema}.{name}"
                owner.execute(f"CREATE TABLE {table} AS SELECT {columns} FROM city.{name} ORDER BY {order}")
                owner.execute(f"ALTER TABLE {table} ADD PRIMARY KEY (id)")
                owner.execute(f"CREATE INDEX ON {table} USING gist (geom_3857)")
                owner.execute(f"VACUUM ANALYZE {table}")
                owner.execute(f"GRANT SELECT ON {table} TO onemap_owner")


def decoded(port: int, path: str, *, gzip: bool = False) -> tuple[int, bytes]:
    """Return how many features a tile holds, and its bytes as they came."""
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}")
    if gzip:
        request.add_header("Accept-Encoding", "gzip")
    with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310 - our own address
        body, kind = answer.read(), answer.headers.get("Content-Type", "")
    if gzip or not body:
        return 0, body
    if not kind.startswith(("application/vnd.mapbox-vector-tile", "application/x-protobuf")):
        raise SystemExit(f"{path} is no tile but {kind}: {body[:200]!r}")
    layers = mapbox_vector_tile.decode(body).values()
    return sum(len(layer["features"]) for layer in layers), body


def line(name: str, found: Measured, *more: str) -> None:
    print(
        f"  {name:34} {found.rate:7.0f}/s  p50 {found.p50:6.2f}  p99 {found.p99:7.2f} ms"
        f"  {found.size / 1000:6.1f} kB  {'  '.join(more)}",
        flush=True,
    )


def middle(rounds: list[Measured]) -> Measured:
    keys = Measured.__annotations__
    return Measured(*(statistics.median(getattr(one, key) for one in rounds) for key in keys))


Servers = dict[str, tuple[int, Callable[..., str]]]


@dataclass(frozen=True)
class Case:
    """One comparison of one layer: the tiles, and the schema in which the peers find its table."""

    comparison: str
    schema: str
    name: str
    tiles: list[Tile]

    def ways(self, admin: str, servers: Servers) -> dict[str, Callable[[list[Tile]], Measured]]:
        """Return what draws a list of tiles."""

        def by_query(table: str) -> Callable[[list[Tile]], Measured]:
            return lambda tiles: asyncio.run(bare(admin, bare_statement(table), tiles))

        def by_server(port: int, path_of: Callable[..., str]) -> Callable[[list[Tile]], Measured]:
            return lambda tiles: ask(port, [path_of(self.schema, self.name, *tile) for tile in tiles])

        found = {"bare": by_query(f"city.{self.name}")}
        if self.schema != "bench":
            found["bare, as it came"] = by_query(f"{self.schema}.{self.name}")
        return found | {name: by_server(*server) for name, server in servers.items()}

    def look_into(self, servers: Servers, tiles: list[Tile]) -> None:
        """Print how much the servers' tiles hold: what is no tile ends the bench."""
        held = {
            server: sum(decoded(port, path_of(self.schema, self.name, *tile))[0] for tile in tiles)
            for server, (port, path_of) in servers.items()
        }
        print(f"{self.name}, {self.comparison}: features in {len(tiles)} tiles: {held}", flush=True)


class Bench:
    """The cluster with its tables, the peers that run all the time, and what was measured.

    Attributes
    ----------
    ratios : mapping of str to float
        What the project's limits are about.
    """

    def __init__(self, arguments: argparse.Namespace, folder: Path, addresses: Addresses) -> None:
        self._arguments, self._folder, self._addresses = arguments, folder, addresses
        self._homes = 0
        self.ratios: dict[str, float] = {}

    def _home(self) -> Path:
        self._homes += 1
        return self._folder / f"home-{self._homes}"

    def uncached(self) -> None:
        """Compare all servers on tiles that nobody has asked for."""
        arguments, addresses = self._arguments, self._addresses
        own = some_tiles(arguments.tiles)
        same = [tile for tile in some_tiles(arguments.tiles, seed=17) if tile[0] > 13 and tile not in own]
        warm = [tile for tile in some_tiles(50, seed=8) if tile not in own and tile not in same]
        cases = [
            Case(comparison, schema, name, tiles)
            for comparison, schema, tiles in (("same", "bench", same), ("own", "loose", own))
            for name in LAYERS
        ]
        found: dict[tuple[str, str], dict[str, list[Measured]]] = {}
        with ExitStack() as stack:
            servers: Servers = {}
            if arguments.tipg:
                port = stack.enter_context(peers.tipg(arguments.tipg, addresses))
                servers["tipg"] = (port, peers.tipg_path)
            if peers.MAPSERVER.exists() and shutil.which("nginx"):
                kinds = {name: kind for name, (_, _, kind) in LAYERS.items()}
                first = peers.mapserver_path("bench", "shapes", *own[0])
                port = stack.enter_context(peers.mapserver(self._folder, addresses, kinds, first))
                servers["MapServer"] = (port, peers.mapserver_path)
            for turn in range(arguments.rounds):
                with peers.ours(addresses, self._home()) as port:
                    every: Servers = {**servers, "ours": (port, lambda _, name, *tile: our_path(name, tile))}
                    for case in cases:
                        if not turn:
                            first = 14 if case.comparison == "same" else 0
                            case.look_into(every, [tile for tile in warm if tile[0] >= first][:20])
                        rounds = found.setdefault((case.comparison, case.name), {})
                        for way, draw in case.ways(addresses.admin, every).items():
                            draw(warm)
                            rounds.setdefault(way, []).append(draw(case.tiles))
        for case in cases:
            self._tell(case, found[case.comparison, case.name])

    def _tell(self, case: Case, found: dict[str, list[Measured]]) -> None:
        print(f"{case.name}, {case.comparison}: {len(case.tiles)} tiles, medians of rounds")
        for way, rounds in found.items():
            rate, p99 = (
                statistics.median(
                    getattr(mine, key) / getattr(other, key)
                    for mine, other in zip(found["ours"], rounds, strict=True)
                )
                for key in ("rate", "p99")
            )
            prefix = f"{case.comparison} {case.name} {way}"
            self.ratios |= {f"{prefix} rate": rate, f"{prefix} p99": p99}
            line(way, middle(rounds), f"ours {rate:.2f} times its rate, p99 {p99:.2f} of its")

    def cached(self) -> None:
        """Compare kept tiles with the same bytes as files, and 304 with 200."""
        seconds = 6 if self._arguments.full else 3
        for name in LAYERS:
            tiles = some_tiles(self._arguments.tiles)
            paths = [our_path(name, tile) for tile in tiles]
            with peers.ours(self._addresses, self._home()) as port, ExitStack() as stack:
                bodies = {path: decoded(port, path, gzip=True)[1] for path in paths}
                bodies = {path: body for path, body in bodies.items() if body}
                paths, largest = list(bodies), max(bodies, key=lambda path: len(bodies[path]))
                with urllib.request.urlopen(f"http://127.0.0.1:{port}{largest}") as answer:
                    etag = str(answer.headers["ETag"])
                files = stack.enter_context(peers.files(self._folder, bodies)) if shutil.which("nginx") else 0
                found: dict[str, list[Measured]] = {}
                for _ in range(self._arguments.rounds):
                    found.setdefault("cached", []).append(ask(port, paths, seconds=seconds, gzip=True))
                    if files:
                        found.setdefault("nginx", []).append(ask(files, paths, seconds=seconds))
                    one = ask(port, [largest], seconds=seconds)
                    found.setdefault("200 of one tile", []).append(one)
                    known = ask(port, [largest], seconds=seconds, etag=etag)
                    found.setdefault("304 of one tile", []).append(known)
            print(f"{name}, cached, one worker each")
            for way, rounds in found.items():
                line(way, middle(rounds))
            for ratio, over, under in (
                ("cached of nginx", "cached", "nginx"), ("304 of 200", "304 of one tile", "200 of one tile"),
            ):  # fmt: skip
                if under in found:
                    pairs = zip(found[over], found[under], strict=True)
                    self.ratios[f"{name} {ratio}"] = statistics.median(a.rate / b.rate for a, b in pairs)
                    print(f"  {ratio}: {self.ratios[f'{name} {ratio}']:.2f}")

    def together(self) -> None:
        """Let 500 readers miss one tile at once, and count the queries."""
        path = our_path("shapes", next(tile for tile in some_tiles(500) if tile[0] == 14))
        with peers.ours(self._addresses, self._home()) as port:
            asyncio.run(at_once(port, path, 500))
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics") as answer:
                told = answer.read().decode().splitlines()
        drawn = [text.split()[-1] for text in told if text.startswith("onemap_tile_draw_seconds_count")]
        print(f"500 misses of one tile at once: {' + '.join(drawn)} query")


async def at_once(port: int, path: str, number: int) -> None:
    pairs = [await asyncio.open_connection("127.0.0.1", port) for _ in range(number)]
    for _, writer in pairs:
        writer.write(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n".encode())
    answers = await asyncio.gather(*(reader.read() for reader, _ in pairs))
    if not all(answer.startswith(b"HTTP/1.1 200") for answer in answers):
        raise SystemExit("not every reader was answered")


def our_path(name: str, tile: Tile) -> str:
    return f"/tiles/{name}/{tile[0]}/{tile[1]}/{tile[2]}.mvt"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--full", action="store_true", help="1,000,000 points, 200,000 polygons, 500 tiles")
    parser.add_argument("--points", type=int, default=100_000)
    parser.add_argument("--polygons", type=int, default=40_000)
    parser.add_argument("--tiles", type=int, default=150)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", choices=["uncached", "cached", "together"])
    parser.add_argument("--tipg", default="", help="Python of an environment with tipg and uvicorn")
    arguments = parser.parse_args()
    if not shutil.which("wrk"):
        raise SystemExit("wrk is not installed: apt install wrk")
    if arguments.full:
        arguments.points, arguments.polygons, arguments.tiles = 1_000_000, 200_000, 500
    print(f"{arguments.points} points, {arguments.polygons} polygons; {peers.versions(arguments.tipg)}")
    print(f"load of the machine before: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o711)
        # with the settings of a city's, for all servers alike: a test's has little memory
        cluster = Cluster(Path(folder) / "cluster")
        try:
            addresses = cluster.start()
            prepare(addresses, cluster, arguments.points, arguments.polygons)
            bench = Bench(arguments, Path(folder), addresses)
            for part in ("together", "uncached", "cached"):
                if arguments.only in (None, part):
                    getattr(bench, part)()
        finally:
            cluster.destroy()
    print(f"load of the machine after: {os.getloadavg()[0]:.1f}")
    print(json.dumps({name: round(ratio, 3) for name, ratio in bench.ratios.items()}))


if __name__ == "__main__":
    main()
