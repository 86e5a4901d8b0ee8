"""Live results: beside each published run a copy of it whose cells are computed again as features change.

A step reads changes, features and the moment in one snapshot, and writes cells, snapshot and announcement in
one transaction, so that a process that is killed leaves a result of one moment. What cannot be followed cell
by cell is computed whole by a run; when that is published, the live result begins again as its copy.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import psycopg
import shapely
import structlog
from numpy.typing import NDArray
from psycopg import sql
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb
from shapely.geometry.base import BaseGeometry

from geo.cells import corners, polygons, resolution_of, to_text
from geo.crs import mercator
from geo.errors import OneMapError
from layers.counts.keeping import settle_all
from layers.database import Addresses, admin_connection, connect_application, scoped
from layers.definitions.loading import Catalog, read_catalog
from layers.features.changes import POLL, Change, Follower, changes_since
from layers.keeping import kept_beside
from layers.runs.announcing import announce
from layers.runs.following import Live, Redone
from layers.runs.inputs import one_moment, read_here, scope_from
from layers.runs.kinds import Kind, Wanted, kind_named, kinds
from layers.runs.parameters import parse
from layers.runs.publishing import area_rows
from layers.runs.requesting import request
from layers.runs.results import RESULTS, binary_rows, create_table, drop, make_readable, table_name
from layers.schema.runtime import with_runtime_layers
from layers.scope import Scope

Connection = psycopg.Connection[Any]

#: One process keeps all live results; another one takes over when it is gone.
KEEPING_LOCK = 0x6C697665
#: Rows of a run beyond which no second copy is kept.
MOST_ROWS = 500_000
#: Seconds between two computations of regions and extents, and between two tries.
AREAS_SECONDS, AGAIN_SECONDS = 2.0, 1.0

_KEPT = """
SELECT p.kind, p.region, p.subject, p.run AS published, b.rows, b.has_results, l.run, l.base, l.waits_for,
       l.areas_snapshot::text, w.state AS waited, r.snapshot::text, r.parameters, r.scope
FROM onemap.run_publication AS p
JOIN onemap.run AS b ON b.id = p.run
LEFT JOIN onemap.live_result AS l ON (l.kind, l.region, l.subject) = (p.kind, p.region, p.subject)
LEFT JOIN onemap.run AS r ON r.id = l.run
LEFT JOIN onemap.run AS w ON w.id = l.waits_for
WHERE p.kind = ANY (%s)
"""
_COPY_RECORD = """
INSERT INTO onemap.run (kind, parameters, region, subject, classification, reach, scope, state, step, share,
    requested_by, requested_at, started_at, finished_at, attempt, inputs, snapshot, note, summary, rows,
    has_results, live)
SELECT kind, parameters, region, subject, classification, reach, scope, state, step, share, requested_by,
    requested_at, started_at, finished_at, attempt, inputs, snapshot, note, summary, rows, true, true
FROM onemap.run WHERE id = %s AND has_results
RETURNING id, summary, reach
"""
_POINT = """
INSERT INTO onemap.live_result AS l (kind, region, subject, run, base, areas_snapshot)
SELECT kind, region, subject, id, %(base)s, snapshot FROM onemap.run WHERE id = %(run)s
ON CONFLICT (kind, region, subject) DO UPDATE SET run = excluded.run, base = excluded.base, waits_for = NULL,
    areas_snapshot = excluded.areas_snapshot, as_of = clock_timestamp()
"""
# Whoever finds another snapshot than the one that the cells were computed from writes nothing.
_MOVE = """
UPDATE onemap.run SET snapshot = %(new)s::pg_snapshot, changed_at = clock_timestamp(),
    finished_at = clock_timestamp()
WHERE id = %(run)s AND live AND snapshot::text = %(old)s
"""
_AS_OF = "UPDATE onemap.live_result SET as_of = clock_timestamp() WHERE run = %s"
_AREAS = "UPDATE onemap.live_result SET areas_snapshot = %s::pg_snapshot WHERE run = %s"

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Kept:
    """One live result as its record says."""

    run: int
    kind: Kind
    live: Live
    region: str
    parameters: Any
    scope: Scope
    snapshot: str
    areas_snapshot: str
    wanted: list[Wanted]
    tables: Mapping[str, list[str]]

    def by_role(self, changes: list[Change]) -> dict[str, list[Change]]:
        """Return changes by the roles that their layer has."""
        found: dict[str, list[Change]] = {}
        for change in changes:
            for role in self.tables.get(change.layer, ()):
                found.setdefault(role, []).append(change)
        return found


class Keeper:
    """Keeps all live results of a database.

    Parameters
    ----------
    own : psycopg.Connection
        Of `layers.database.admin_connection`: writes results.
    reading : psycopg.Connection
        Of the application's role: reads inputs under the scope of who asked for the run.
    """

    def __init__(self, own: Connection, reading: Connection) -> None:
        self._own, self._reading = own, reading
        self._files = read_catalog()
        self._prepared: dict[int, Any] = {}
        self._areas_at: dict[int, float] = {}

    def round(self) -> None:
        """Bring every live result up to date, and the counts of incidents."""
        settle_all(self._own)
        catalog = with_runtime_layers(self._own, self._files)
        followed = [name for name, kind in kinds().items() if kind.live is not None]
        with self._own.cursor(row_factory=dict_row) as cursor:
            rows = cursor.execute(_KEPT.encode(), [followed]).fetchall()
        for row in rows:
            try:
                self._one(row, catalog)
            except OneMapError as error:
                log.warning("a live result cannot be kept", kind=row["kind"], reason=error.message)

    def _one(self, row: dict[str, Any], catalog: Catalog) -> None:
        if row["base"] != row["published"]:
            if row["has_results"] and (row["rows"] or 0) <= MOST_ROWS:
                begin(self._own, kind_named(row["kind"]), row["published"], old=row["run"])
                self._one(self._again(row), catalog)
            return
        if row["waits_for"] is not None and row["waited"] in ("queued", "running"):
            return
        kept = _kept(row, catalog)
        if kept is not None and not self._step(kept, catalog):
            self._whole(kept, catalog)

    def _again(self, row: dict[str, Any]) -> dict[str, Any]:
        with self._own.cursor(row_factory=dict_row) as cursor:
            query = _KEPT.encode() + b" AND (p.region, p.subject) = (%s, %s)"
            found = cursor.execute(query, [[row["kind"]], row["region"], row["subject"]]).fetchone()
        # published anew in this very moment: the next round sees to it
        return found if found is not None and found["base"] == found["published"] else {**row, "base": 0,
            "has_results": False}  # fmt: skip

    def _step(self, kept: Kept, catalog: Catalog) -> bool:
        """Compute again what changed; False where that is not possible cell by cell."""
        with one_moment(self._reading, kept.scope):
            changes = changes_since(self._reading, kept.snapshot, kept.tables)
            if not changes:
                cells = None
            elif (cells := kept.live.touched(kept.parameters, kept.by_role(changes))) is None:
                return False
            else:
                around = _around(cells)
                seen = read_here(self._reading, catalog, kept.wanted, region=kept.region, around=around)
                if kept.run not in self._prepared:
                    whole = read_here(self._reading, catalog, kept.wanted, region=kept.region)
                    self._prepared[kept.run] = kept.live.prepare(kept.parameters, whole.inputs)
        if cells is not None:
            redone = kept.live.recompute(
                kept.parameters, self._prepared[kept.run], cells, seen.inputs,
                lambda ancestors: stored(self._own, kept.kind, kept.run, ancestors),
            )  # fmt: skip
            if redone is None:
                return False
            write(self._own, kept, redone, seen.snapshot)
        self._areas(kept, catalog)
        return True

    def _areas(self, kept: Kept, catalog: Catalog) -> None:
        """Compute regions and extents again from all features, not with every change."""
        if time.monotonic() - self._areas_at.get(kept.run, -AREAS_SECONDS) < AREAS_SECONDS:
            return
        with one_moment(self._reading, kept.scope):
            if not changes_since(self._reading, kept.areas_snapshot, kept.tables):
                return
            seen = read_here(self._reading, catalog, kept.wanted, region=kept.region)
        areas = area_rows(kept.kind, kept.live.areas(kept.parameters, seen.inputs))
        with self._own.transaction():
            if self._own.execute(_AREAS.encode(), [seen.snapshot, kept.run]).rowcount == 1:
                self._own.execute("DELETE FROM onemap.run_area WHERE run = %s", [kept.run])
                with self._own.cursor() as cursor:
                    cursor.executemany(
                        "INSERT INTO onemap.run_area (run, layer, code, name, measures)"
                        " VALUES (%s, %s, %s, %s, %s)",
                        [(kept.run, one["layer"], one["code"], one["name"], Jsonb(one["measures"]))
                         for one in areas],
                    )  # fmt: skip
        self._areas_at[kept.run] = time.monotonic()

    def _whole(self, kept: Kept, catalog: Catalog) -> None:
        """Have everything computed anew by a run; when it is published, the live result begins again."""
        with scoped(self._reading, kept.scope) as connection:
            run = request(
                connection, kept.scope, catalog,
                kind=kept.kind.name, parameters=kept.parameters.model_dump(mode="json"), region=kept.region,
            )  # fmt: skip
        self._own.execute("UPDATE onemap.live_result SET waits_for = %s WHERE run = %s", [run, kept.run])
        log.info("a change is too great to be followed by cell", kind=kept.kind.name, run=run)


def _around(cells: NDArray[np.uint64]) -> BaseGeometry:
    """Return a box around cells, in degrees."""
    if not len(cells):
        return shapely.Point(0.0, 0.0)  # what has no place touches nothing
    around: BaseGeometry = shapely.box(*shapely.total_bounds(polygons(cells).to_numpy()))
    return around


def begin(own: Connection, kind: Kind, base: int, *, old: int | None) -> int | None:
    """Begin a live result as a copy of a published run; None where that has no cells any more."""
    with own.transaction():
        made = own.execute(_COPY_RECORD.encode(), [base]).fetchone()
        if made is None:
            return None
        run, summary, reach = made
        table = create_table(own, kind, run)
        source = sql.Identifier(RESULTS, table_name(kind.name, base))
        own.execute(sql.SQL("INSERT INTO {} SELECT * FROM {}").format(table, source))
        make_readable(own, kind, run, [level["resolution"] for level in summary["levels"]], reach)
        own.execute(
            "INSERT INTO onemap.run_area SELECT %s, layer, code, name, measures FROM onemap.run_area"
            " WHERE run = %s",
            [run, base],
        )
        own.execute(_POINT.encode(), {"run": run, "base": base})
        if old is not None:
            drop(own, kind.name, old)
            own.execute("DELETE FROM onemap.run WHERE id = %s AND live", [old])
        announce(own, run)
    return int(run)


def stored(own: Connection, kind: Kind, run: int, ancestors: NDArray[np.uint64]) -> pd.DataFrame:
    """Return the cells of a result that lie in some coarser ones, and those themselves."""
    names = kind.column_names
    query = sql.SQL("SELECT cell, {} FROM {} WHERE cell BETWEEN %s AND %s").format(
        sql.SQL(", ").join(map(sql.Identifier, names)), sql.Identifier(RESULTS, table_name(kind.name, run))
    )
    rows: list[tuple[Any, ...]] = []
    with own.cursor(binary=True) as cursor:
        for low, high in _ranges(ancestors):
            rows += cursor.execute(query, [low, high]).fetchall()
    values = np.array([row[1:] for row in rows], dtype=np.float64).reshape(len(rows), len(names))
    cells = np.array([row[0] for row in rows], dtype=np.int64).astype(np.uint64)
    frame = pd.DataFrame(values, columns=names, index=pd.Index(cells, name="cell"))
    return frame.sort_index()


def _ranges(ancestors: NDArray[np.uint64]) -> Iterator[tuple[int, int]]:
    """Yield the ranges of numbers of all cells that lie in some cells, one for each resolution.

    H3 4.x, index bit layout: the resolution in bits 52 to 55, then three bits a digit, 7 where unused.
    """
    for one in ancestors:
        cell = int(one)
        own = cell >> 52 & 0xF
        for resolution in range(own, 16):
            free = 3 * (15 - resolution)
            digits = 3 * (resolution - own)
            head = (cell & ~(0xF << 52)) >> (3 * (15 - own)) << (3 * (15 - own))
            rest = (1 << free) - 1
            low = head | resolution << 52 | rest
            high = low | ((1 << digits) - 1) << free
            yield low, high


def write(own: Connection, kept: Kept, redone: Redone, snapshot: str) -> None:
    """Write cells with the snapshot in which they were computed, and announce them; all or nothing."""
    name = table_name(kept.kind.name, kept.run)
    table = sql.Identifier(RESULTS, name)
    names = kept.kind.column_names
    values = sql.SQL(", ").join(map(sql.Identifier, names))
    news = sql.SQL(", ").join(sql.SQL("{0} = excluded.{0}").format(sql.Identifier(one)) for one in names)
    differs = sql.SQL("({}) IS DISTINCT FROM ({})").format(
        sql.SQL(", ").join(sql.Identifier("t", one) for one in names),
        sql.SQL(", ").join(sql.Identifier("excluded", one) for one in names),
    )
    with own.transaction():
        moved = own.execute(_MOVE.encode(), {"new": snapshot, "run": kept.run, "old": kept.snapshot})
        if moved.rowcount != 1:
            return
        own.execute(_AS_OF.encode(), [kept.run])
        own.execute(sql.SQL("CREATE TEMP TABLE fresh (LIKE {}) ON COMMIT DROP").format(table))
        with own.cursor() as cursor, cursor.copy("COPY fresh FROM STDIN (FORMAT BINARY)") as copy:
            copy.write(b"PGCOPY\n\xff\r\n\x00" + bytes(8))
            for rows in binary_rows(redone.cells.index.to_numpy(), redone.cells[names].to_numpy(float)):
                copy.write(rows)
            copy.write(b"\xff\xff")
        written = own.execute(
            sql.SQL(
                "INSERT INTO {table} AS t (cell, resolution, geom_3857, {values})"
                " SELECT cell, resolution, geom_3857, {values} FROM fresh"
                " ON CONFLICT (cell) DO UPDATE SET {news} WHERE {differs} RETURNING cell"
            ).format(table=table, values=values, news=news, differs=differs)
        ).fetchall()
        gone = own.execute(
            sql.SQL("DELETE FROM {} WHERE cell = ANY (%s) RETURNING cell").format(table),
            [redone.gone.astype(np.int64).tolist()],
        ).fetchall()
        changed = np.array([row[0] for row in [*written, *gone]], dtype=np.uint64)
        if len(changed):
            resolutions = resolution_of(changed)
            finest = changed[resolutions == resolutions.max()]
            outline = mercator(corners(finest)[0])
            west, south = (float(one) for one in outline.min(axis=0))
            east, north = (float(one) for one in outline.max(axis=0))
            announce(own, kept.run, cells=to_text(finest).tolist(), box=(west, south, east, north))


def _kept(row: Mapping[str, Any], catalog: Catalog) -> Kept | None:
    kind = kind_named(row["kind"])
    if kind.live is None or row["run"] is None:
        return None
    parameters = parse(kind, row["parameters"], catalog)
    wanted = list(kind.wanted(parameters))
    tables: dict[str, list[str]] = {}
    for one in wanted:
        tables.setdefault(catalog.layer(one.layer).table, []).append(one.role)
    return Kept(
        run=row["run"], kind=kind, live=kind.live, region=row["region"], parameters=parameters,
        scope=scope_from(row["scope"]), snapshot=row["snapshot"], areas_snapshot=row["areas_snapshot"],
        wanted=wanted, tables=tables,
    )  # fmt: skip


def kept_live(addresses: Addresses) -> AbstractContextManager[None]:
    """Keep live results in a thread as long as the context, where no other process does."""
    return kept_beside(partial(_keep, addresses), "live results")


def _keep(addresses: Addresses, stop: threading.Event) -> None:
    while not stop.is_set():
        try:
            with admin_connection(addresses) as own, connect_application(addresses) as reading:
                taken = own.execute("SELECT pg_try_advisory_lock(%s)", [KEEPING_LOCK]).fetchone()
                if taken is not None and taken[0]:
                    _follow(Keeper(own, reading), reading, stop)
        except (psycopg.Error, OSError) as error:
            log.warning("live results are not kept; trying on", reason=type(error).__name__)
        except Exception:
            log.exception("keeping live results failed; trying on")
        stop.wait(AGAIN_SECONDS)


def _follow(keeper: Keeper, reading: Connection, stop: threading.Event) -> None:
    """Do a round whenever something has changed, and now and then for what was put off."""
    follower = Follower(reading)
    keeper.round()
    last = time.monotonic()
    while not stop.wait(POLL):
        if follower.read().changes or time.monotonic() - last > AREAS_SECONDS:
            keeper.round()
            last = time.monotonic()
