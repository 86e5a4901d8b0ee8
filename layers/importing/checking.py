"""Rows against the definition, a column at a time: values converted, every flaw with row and reason."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from geo.errors import BadInput
from layers.definitions import CodeList, Field, FieldType, GeometryFamily, LayerDefinition
from layers.importing.columns import NotReadable, read_column
from layers.importing.geometry import Prepared, prepare
from layers.importing.refusals import Refusal, shortened
from layers.schema.names import PROVENANCES, STATUSES

__all__ = ["SYSTEM_FIELDS", "Checked", "Refusal", "check"]

#: Columns that a frame may have beside the definition's fields.
SYSTEM_FIELDS: dict[str, FieldType] = {
    "code": FieldType.TEXT,
    "status": FieldType.TEXT,
    "provenance": FieldType.TEXT,
    "valid_from": FieldType.DATETIME,
    "valid_to": FieldType.DATETIME,
    "source": FieldType.TEXT,
    "region_code": FieldType.TEXT,
}

_CODE_LENGTH = 128

#: Region codes, and lists of codes of what crosses.
Placed = tuple[NDArray[np.object_], NDArray[np.object_]]
Place = Callable[[NDArray[np.object_]], Placed]


@dataclass
class Checked:
    """Rows as they can be stored.

    Attributes
    ----------
    columns : dict of str to ndarray of object
        Python values by column, None where missing; of all rows, good and bad.
    geometry : ndarray of shapely geometries, or None
        EPSG:4326, for layers with geometry.
    geometries : dict of str to ndarray
        Second geometries by field.
    good : ndarray of bool
        Rows without a refusal.
    refusals : list of Refusal
        In the order of the rows.
    repaired : int
        Polygons that were made valid.
    placed : tuple of ndarray, or None
        Region codes and lists of codes of what crosses, where they were asked for.
    """

    columns: dict[str, NDArray[np.object_]] = field(default_factory=dict)
    geometry: NDArray[np.object_] | None = None
    geometries: dict[str, NDArray[np.object_]] = field(default_factory=dict)
    good: NDArray[np.bool_] = field(default_factory=lambda: np.zeros(0, dtype=bool))
    refusals: list[Refusal] = field(default_factory=list)
    repaired: int = 0
    placed: Placed | None = None

    def refuse(
        self, rows: NDArray[np.intp], name: str | None, values: Any, reason: str, allowed: str | None = None
    ) -> None:
        """Note a flaw of some rows (positions from 0); `values` is indexed by the same positions."""
        self.good[rows] = False
        self.refusals.extend(
            Refusal(int(row) + 1, name, shortened(None if values is None else values[row]), reason, allowed)
            for row in rows
        )


def check(
    definition: LayerDefinition,
    code_lists: Mapping[str, CodeList],
    frame: pd.DataFrame,
    *,
    timezone: str = "Asia/Shanghai",
    partial: bool = False,
    place: Place | None = None,
) -> Checked:
    """Check rows against a layer's definition.

    Parameters
    ----------
    definition : LayerDefinition
        The layer.
    code_lists : mapping of str to CodeList
        The lists that its fields name.
    frame : GeoDataFrame (EPSG:4326) or DataFrame
        Columns are names of fields and of `SYSTEM_FIELDS`.
    timezone : str
        Zone of times that carry none.
    partial : bool
        True for a change of some columns: those that are left out, the geometry too, stay as they are.
    place : callable, optional
        Finds the regions of the geometries, see `layers.regions.placing.Regions.place`.

    Raises
    ------
    BadInput
        Where a column belongs to no field; names those that exist.
    """
    _refuse_unknown_columns(definition, frame)
    if not partial:
        frame = _as_part(definition, frame)
    checked = Checked(good=np.ones(len(frame), dtype=bool))
    fields = [one for one in definition.fields if not partial or one.name in frame.columns]
    shapes = _shapes(definition, frame, partial)
    # Geometry is checked and placed in C without Python's lock: beside the fields and not after them.
    with ThreadPoolExecutor(1) as thread:
        geometry = None if shapes is None else thread.submit(_geometry, shapes, definition.geometry, place)
        for one in fields:
            _check_field(checked, one, code_lists, frame, timezone)
        if geometry is not None:
            _take_geometry(checked, shapes, *geometry.result())
    for name, kind in SYSTEM_FIELDS.items():
        if name in frame.columns:
            _read(checked, name, kind, frame, timezone)
    _check_system_fields(checked)
    _check_filter(checked, definition)
    _check_unique(checked, definition)
    checked.refusals.sort(key=lambda refusal: (refusal.row, refusal.field != "geom"))
    return checked


def _refuse_unknown_columns(definition: LayerDefinition, frame: pd.DataFrame) -> None:
    geometry = getattr(frame, "_geometry_column_name", None)
    known = {*definition.field_names, *SYSTEM_FIELDS, geometry}
    unknown = [str(name) for name in frame.columns if name not in known]
    if unknown:
        raise BadInput(
            f"layer {definition.name!r} has no field {', '.join(unknown[:10])}; its fields are "
            f"{', '.join(definition.field_names)}",
            layer=definition.name,
            columns=unknown[:100],
        )


def _shapes(definition: LayerDefinition, frame: pd.DataFrame, partial: bool) -> NDArray[np.object_] | None:
    """Return the geometries to check; None for a layer without, and for a change that leaves them alone."""
    if definition.geometry is GeometryFamily.NONE:
        return None
    if partial and getattr(frame, "_geometry_column_name", None) is None:
        return None
    return np.asarray(frame.geometry.array, dtype=object)


def _geometry(
    shapes: NDArray[np.object_], family: GeometryFamily, place: Place | None
) -> tuple[Prepared, Placed | None]:
    made = prepare(shapes, family)
    return made, None if place is None else place(made.geometries)


def _take_geometry(checked: Checked, shapes: Any, made: Prepared, placed: Placed | None) -> None:
    checked.geometry, checked.repaired, checked.placed = made.geometries, made.repaired, placed
    _refuse_shapes(checked, "geom", shapes, made)


def _refuse_shapes(checked: Checked, name: str, shapes: Any, made: Prepared) -> None:
    for reason in np.unique(made.reasons[made.reasons != ""]):
        allowed = "longitude first, then latitude" if reason == "axes-swapped" else None
        checked.refuse(np.flatnonzero(made.reasons == reason), name, shapes, str(reason), allowed)


def _check_field(
    checked: Checked, one: Field, lists: Mapping[str, CodeList], frame: pd.DataFrame, timezone: str
) -> None:
    if one.name not in frame.columns:
        if one.required:
            checked.refuse(np.arange(len(frame)), one.name, None, "required")
        return
    if one.type is FieldType.GEOMETRY:
        shapes = np.asarray(frame[one.name].array, dtype=object)
        made = prepare(shapes, GeometryFamily.ANY, needed=one.required)
        checked.geometries[one.name] = made.geometries
        _refuse_shapes(checked, one.name, shapes, made)
        return
    values, present, wrong = _read(checked, one.name, one.type, frame, timezone)
    if one.required:
        checked.refuse(np.flatnonzero(~present & ~wrong), one.name, values, "required")
    if one.range is not None:
        _check_range(checked, one, values, present)
    if one.codes is not None:
        allowed = lists[one.codes]
        known = {code.code for code in allowed.codes}
        if one.type is FieldType.CODE:
            bad = _unlisted(values, {*known, None})
        else:
            bad = [row for row, value in enumerate(values) if value and not known.issuperset(value)]
        checked.refuse(np.array(bad, dtype=np.intp), one.name, values, "code", f"a code of list {one.codes}")
    if one.length is not None:
        limit = f"at most {one.length} characters"
        checked.refuse(_longer(values, one.length), one.name, values, "length", limit)
    if one.pattern is not None:
        texts = pd.Series(values[present], dtype="str")
        bad_rows = np.flatnonzero(present)[~texts.str.fullmatch(one.pattern).to_numpy(dtype=bool)]
        checked.refuse(bad_rows, one.name, values, "pattern", one.pattern)


def _check_range(
    checked: Checked, one: Field, values: NDArray[np.object_], present: NDArray[np.bool_]
) -> None:
    low, high = one.range or (None, None)
    numbers = np.full(len(values), np.nan)
    numbers[present] = values[present].astype(float)
    below = numbers < low if low is not None else np.zeros(len(values), dtype=bool)
    above = numbers > high if high is not None else np.zeros(len(values), dtype=bool)
    bounds = f"{'' if low is None else f'{low:g}'} … {'' if high is None else f'{high:g}'}".strip()
    checked.refuse(np.flatnonzero(below | above), one.name, values, "range", bounds)


def _read(
    checked: Checked, name: str, kind: FieldType, frame: pd.DataFrame, timezone: str
) -> tuple[NDArray[np.object_], NDArray[np.bool_], NDArray[np.bool_]]:
    """Convert one column, note what is not of its type; return values, where one is, where one is wrong."""
    try:
        values, wrong, reason = read_column(frame[name], kind, timezone)
    except NotReadable as error:
        raise BadInput(f"column {name!r} cannot be read as {kind}: {error}", column=name) from error
    if wrong.any():
        raw = frame[name].to_numpy(dtype=object)
        checked.refuse(np.flatnonzero(wrong), name, raw, reason, f"a value of type {kind}")
    checked.columns[name] = values
    return values, pd.notna(values), wrong


def _check_system_fields(checked: Checked) -> None:
    for name, allowed in (("status", STATUSES), ("provenance", PROVENANCES)):
        _check_listed(checked, name, allowed)
    codes = checked.columns.get("code")
    if codes is not None:
        limit = f"at most {_CODE_LENGTH} characters"
        checked.refuse(_longer(codes, _CODE_LENGTH), "code", codes, "length", limit)
    starts, ends = checked.columns.get("valid_from"), checked.columns.get("valid_to")
    if starts is not None and ends is not None:
        pairs = enumerate(zip(starts, ends, strict=True))
        bad = [row for row, (start, end) in pairs if start and end and start >= end]
        checked.refuse(np.array(bad, dtype=np.intp), "valid_to", ends, "period", "a time after valid_from")


def _check_listed(checked: Checked, name: str, allowed: Iterable[str]) -> None:
    values = checked.columns.get(name)
    if values is None:
        return
    bad = _unlisted(values, {*allowed, None})
    checked.refuse(np.array(bad, dtype=np.intp), name, values, "code", ", ".join(allowed))


def _longer(texts: NDArray[np.object_], most: int) -> NDArray[np.intp]:
    """Return where a text has more characters than it may."""
    lengths = pc.utf8_length(pa.array(texts, pa.large_string())).fill_null(0)
    return np.flatnonzero(lengths.to_numpy(zero_copy_only=False) > most)


def _unlisted(values: NDArray[np.object_], known: set[str | None]) -> list[int]:
    """Return where a value stands that is not known; the few different ones are looked at first."""
    if known.issuperset(values):
        return []
    return [row for row, value in enumerate(values) if value not in known]


def _as_part(definition: LayerDefinition, frame: pd.DataFrame) -> pd.DataFrame:
    """Give rows of a part the values that make them one, where they bring none."""
    for name, wanted in (definition.filter or {}).items():
        given = (
            frame[name].astype(object)
            if name in frame.columns
            else pd.Series(None, frame.index, dtype=object)
        )
        frame = frame.assign(**{name: given.where(given.notna(), wanted)})
    return frame


def _check_filter(checked: Checked, definition: LayerDefinition) -> None:
    """Refuse rows that would belong to another part."""
    for name, wanted in (definition.filter or {}).items():
        values = checked.columns.get(name, ())
        bad = [row for row, value in enumerate(values) if value != wanted]
        checked.refuse(np.array(bad, dtype=np.intp), name, values, "filter", wanted)


def _check_unique(checked: Checked, definition: LayerDefinition) -> None:
    keys = [definition.key, *((one.name,) for one in definition.fields if one.unique)]
    for key in dict.fromkeys(keys):
        if not all(name in checked.columns for name in key):
            continue
        table = pd.DataFrame({name: checked.columns[name] for name in key}, dtype=object)
        if len(key) == 1 and _all_different(table[key[0]]):
            continue
        whole = table.notna().all(axis=1).to_numpy()
        twice = np.zeros(len(table), dtype=bool)
        twice[whole] = table[whole].duplicated(keep="first").to_numpy()
        checked.refuse(np.flatnonzero(twice), key[-1], checked.columns[key[-1]], "duplicate")


def _all_different(values: pd.Series) -> bool:
    """Tell whether no text stands twice: the common case, found without an object a value."""
    if pd.api.types.infer_dtype(values, skipna=True) != "string":
        return False
    texts = pa.array(values, pa.large_string())
    return bool(pc.count_distinct(texts).as_py() == len(texts) - texts.null_count)
