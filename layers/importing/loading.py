"""Rows into a layer: read, checked, staged, placed, ordered and indexed in one transaction, or nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
import psycopg
from psycopg import errors, sql

from geo.errors import BadInput, Unavailable
from layers.database import set_scope
from layers.definitions import CodeList, GeometryFamily, LayerDefinition
from layers.importing.checking import Checked, check
from layers.importing.collection import collection_paused
from layers.importing.filling import FILL_FROM, analyse, fill, may_fill
from layers.importing.refusals import Refusal, RowsRefused, key_taken
from layers.importing.staging import Progress, Staged, insert, stage
from layers.regions.placing import read_regions
from layers.schema.names import CITY, REGIONS
from layers.scope import Scope, Verb


@dataclass(frozen=True, slots=True)
class Loaded:
    """What an import brought.

    Attributes
    ----------
    rows : int
        Rows stored.
    import_id : int or None
        Its number in ``onemap.import_record``; None where nothing was stored.
    refusals : tuple of Refusal
        Rows that did not fit, where the caller wanted no error for them.
    repaired : int
        Invalid polygons that were made valid without a change of their area.
    """

    rows: int
    import_id: int | None
    refusals: tuple[Refusal, ...] = ()
    repaired: int = 0


@collection_paused()
def load(
    connection: psycopg.Connection[Any],
    definition: LayerDefinition,
    code_lists: Mapping[str, CodeList],
    frame: pd.DataFrame,
    *,
    scope: Scope,
    source: str,
    provenance: str = "imported",
    mode: Literal["append", "replace"] = "append",
    on_refusal: Literal["fail", "skip", "report"] = "fail",
    timezone: str = "Asia/Shanghai",
    file_hash: str | None = None,
    progress: Progress | None = None,
) -> Loaded:
    """Load rows into a layer, all or nothing.

    Parameters
    ----------
    connection : psycopg.Connection
        Of the application's or the administrator's role. An empty table is filled faster by the latter,
        which may make its indexes afterwards.
    definition, code_lists
        From the catalogue. A part (`part_of`) loads into the table of its whole.
    frame : GeoDataFrame or DataFrame
        Columns are fields of the definition and optionally code, status, provenance, valid_from, valid_to,
        source and region_code; geometry in any CRS that is set. NaN and None are missing.
    scope : Scope
        Needs the verb ``import``; rows outside its regions are refused.
    source, provenance : str
        For rows whose own column is missing or empty.
    mode : {"append", "replace"}
        ``replace`` first moves the layer's present rows to its history.
    on_refusal : {"fail", "skip", "report"}
        What to do where rows do not fit: raise, leave those rows out, or store nothing and return them.
    timezone : str
        Zone of times that carry none.
    file_hash : str, optional
        Of the file that the rows are from, for the record.
    progress : callable, optional
        Called with (rows done, rows in all).

    Raises
    ------
    RowsRefused
        Where rows do not fit and `on_refusal` is ``fail``.
    Conflict
        Where a row's key was taken meanwhile.
    BadInput
        Where columns or the CRS are wrong.
    Unavailable
        Where the disk is full.
    """
    scope.require(Verb.IMPORT)
    scope.for_layer(definition)
    frame = _in_degrees(definition, frame)
    checked = Checked()
    try:
        with _readable_errors(definition), connection.transaction():
            set_scope(connection, scope)
            is_placed = definition.geometry is not GeometryFamily.NONE and definition.table != REGIONS
            place = read_regions(connection).place if is_placed else None
            checked = check(definition, code_lists, frame, timezone=timezone, place=place)
            if checked.refusals and on_refusal != "skip":
                raise RowsRefused(definition.name, checked.refusals, len(frame))
            record = {"source": source, "file_hash": file_hash, "mode": mode}
            return _store(
                connection,
                definition,
                checked,
                scope,
                record,
                provenance=provenance,
                skip=on_refusal == "skip",
                progress=progress,
            )
    except RowsRefused as error:
        if on_refusal == "report":
            return Loaded(0, None, error.refusals, checked.repaired)
        raise


def _store(
    connection: psycopg.Connection[Any],
    definition: LayerDefinition,
    checked: Checked,
    scope: Scope,
    record: dict[str, str | None],
    *,
    provenance: str,
    skip: bool,
    progress: Progress | None,
) -> Loaded:
    """Store the good rows; the transaction is open."""
    connection.execute("SELECT set_config('onemap.loading', 'on', true)")
    import_id = _open_record(connection, definition, record, scope)
    early = len(checked.refusals)
    _keep_regions(checked)
    _refuse_outside_scope(definition, checked, scope)
    if len(checked.refusals) > early and not skip:
        raise RowsRefused(definition.name, checked.refusals, len(checked.good))
    if record["mode"] == "replace":
        _delete_present(connection, definition)
    defaults = {"source": record["source"] or "", "provenance": provenance, "status": "in_service"}
    late: list[Refusal] = []
    is_owner_of_empty = may_fill(connection, definition)
    if is_owner_of_empty and int(checked.good.sum()) >= FILL_FROM:
        rows, first, last = fill(connection, definition, checked, defaults, progress)
    else:
        staged = stage(connection, definition, checked, progress)
        late = _taken(connection, definition, staged, checked.columns)
        if late and not skip:
            raise RowsRefused(definition.name, late, len(checked.good))
        skipped = sorted({refusal.row for refusal in late})
        rows, first, last = insert(connection, definition, staged, defaults, skipped)
    if is_owner_of_empty and rows:
        analyse(connection, definition)
    refusals = (*checked.refusals, *late)
    refused = len({refusal.row for refusal in refusals})
    connection.execute(
        "UPDATE onemap.import_record SET rows = %s, refused = %s, first_id = %s, last_id = %s WHERE id = %s",
        [rows, refused, first, last, import_id],
    )
    connection.execute("SELECT onemap.note_rows(%s, %s)", [definition.table, rows])
    # The transaction may go on: what follows is written row by row again.
    connection.execute(
        "SELECT set_config('onemap.loading', '', true), set_config('onemap.import_id', '', true)"
    )
    return Loaded(rows, import_id, refusals, checked.repaired)


def _in_degrees(definition: LayerDefinition, frame: pd.DataFrame) -> pd.DataFrame:
    """Return the frame in EPSG:4326, every geometry column of it."""
    if definition.geometry is GeometryFamily.NONE:
        return frame
    name = getattr(frame, "_geometry_column_name", None)
    if name is None or name not in frame.columns:
        raise BadInput(f"layer {definition.name!r} needs a geometry column", layer=definition.name)
    if frame.crs is None:
        raise BadInput(
            "the geometry has no coordinate reference system; say which one it is in", layer=definition.name
        )
    for column in (name, *(one.name for one in definition.geometry_fields)):
        if column in frame.columns:
            series = frame[column]
            if series.crs is not None and series.crs.to_epsg() not in (4326, 4490):
                frame = frame.assign(**{column: series.to_crs(4326)})
    return frame


def _open_record(
    connection: psycopg.Connection[Any],
    definition: LayerDefinition,
    record: dict[str, str | None],
    scope: Scope,
) -> int:
    """Begin the import's record; changes of the transaction carry its number."""
    row = connection.execute(
        "INSERT INTO onemap.import_record (layer, source, file_hash, mode, rows, refused, actor)"
        " VALUES (%s, %s, %s, %s, 0, 0, %s) RETURNING id, set_config('onemap.import_id', id::text, true)",
        [definition.name, record["source"], record["file_hash"], record["mode"], scope.subject],
    ).fetchone()
    if row is None:
        raise Unavailable("the import's record could not be made", layer=definition.name)
    return int(row[0])


def _delete_present(connection: psycopg.Connection[Any], definition: LayerDefinition) -> None:
    tests = [sql.SQL("true")] + [
        sql.SQL("{} = {}").format(sql.Identifier(name), sql.Literal(value))
        for name, value in (definition.filter or {}).items()
    ]
    connection.execute(
        sql.SQL("DELETE FROM {} WHERE {}").format(
            sql.Identifier(CITY, definition.table), sql.SQL(" AND ").join(tests)
        )
    )


def _taken(
    connection: psycopg.Connection[Any],
    definition: LayerDefinition,
    staged: Staged,
    columns: Mapping[str, Any],
) -> list[Refusal]:
    """Refuse rows whose natural key stands in the layer already."""
    table = sql.Identifier(CITY, definition.table)
    keys = [definition.key, *((one.name,) for one in definition.fields if one.unique)]
    refused = []
    for key in dict.fromkeys(keys):
        if not set(key) <= set(staged.columns):
            continue
        same = sql.SQL(" AND ").join(sql.SQL("t.{0} = s.{0}").format(sql.Identifier(name)) for name in key)
        query = sql.SQL("SELECT s.n FROM pg_temp.onemap_staging AS s JOIN {} AS t ON {} ORDER BY s.n")
        for (number,) in connection.execute(query.format(table, same)):
            value = columns[key[-1]][number - 1]
            refused.append(
                Refusal(number, key[-1], str(value), "taken", "a key that the layer does not have")
            )
    return refused


def _keep_regions(checked: Checked) -> None:
    """Give each row with geometry its region; one that the rows bring themselves stays."""
    if checked.placed is None:
        return
    codes, crossing = checked.placed
    given = checked.columns.get("region_code")
    if given is not None:
        known = np.array([code is not None for code in given], dtype=bool)
        codes[known], crossing[known] = given[known], None
    checked.columns["region_code"] = codes
    checked.columns["region_codes"] = crossing


def _refuse_outside_scope(definition: LayerDefinition, checked: Checked, scope: Scope) -> None:
    """Refuse rows that do not lie in the writer's regions."""
    prefixes = scope.region_prefixes
    if prefixes is None:
        return
    name = "code" if definition.table == REGIONS else "region_code"
    codes = checked.columns.get(name, np.full(len(checked.good), None, dtype=object))
    outside = [row for row, code in enumerate(codes) if code is None or not code.startswith(prefixes)]
    rows = np.array(outside, dtype=np.intp)
    checked.refuse(rows[checked.good[rows]], "region_code", codes, "outside-scope", ", ".join(prefixes))


@contextmanager
def _readable_errors(definition: LayerDefinition) -> Iterator[None]:
    """Turn what the database refuses into errors that say what and where."""
    try:
        yield
    except errors.UniqueViolation as error:
        raise key_taken(definition, error) from error
    except errors.CheckViolation as error:
        raise BadInput(
            f"a row breaks the rule {error.diag.constraint_name} of layer {definition.name!r}",
            layer=definition.name,
            rule=error.diag.constraint_name,
        ) from error
    except errors.DiskFull as error:
        raise Unavailable(
            "the database's disk is full; nothing was stored. Make room and import again",
            layer=definition.name,
        ) from error
