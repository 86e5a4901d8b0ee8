"""The changes of a scenario: checked by the catalogue as edits are, kept as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any

import numpy as np
import psycopg
import shapely
from psycopg import sql
from shapely.geometry.base import BaseGeometry

from geo.errors import BadInput
from layers.definitions import GeometryFamily, LayerDefinition
from layers.definitions.loading import Catalog
from layers.features.writing import check_feature
from layers.importing.checking import Checked
from layers.importing.refusals import RowsRefused
from layers.scenarios.errors import refused
from layers.schema.names import CITY, REGIONS
from layers.schema.policies import by_region
from layers.scope import Classification, Scope, highest

Connection = psycopg.Connection[Any]

#: Changes of one scenario.
MOST_CHANGES = 2_000
FIRST_YEAR, LAST_YEAR = 1949, 2100
MOST_COST = 1e9


class Op(StrEnum):
    """What a change does to a feature."""

    ADD = "add"
    MOVE = "move"
    EDIT = "edit"
    REMOVE = "remove"


@dataclass(frozen=True, slots=True)
class Proposed:
    """A change as somebody asks for it.

    Attributes
    ----------
    feature_id : int, optional
        Of what stands; None of an added feature.
    properties : mapping
        Fields of the layer; of an edit only those that change.
    geometry : shapely geometry, optional
        EPSG:4326; needed for an added and a moved feature, possible in an edit.
    year : int, optional
        In which it is meant to happen.
    cost : float, optional
        Of carrying it out, in 10,000 yuan.
    """

    op: Op
    layer: str
    feature_id: int | None = None
    properties: Mapping[str, Any] = field(default_factory=dict)
    geometry: BaseGeometry | None = None
    year: int | None = None
    note: str = ""
    cost: float | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """A change that was checked.

    Attributes
    ----------
    version : int, optional
        Of the feature when it was checked.
    properties : dict
        Column to value, as JSON; second geometries as GeoJSON.
    geometry : dict, optional
        GeoJSON, EPSG:4326.
    region : str, optional
        Code of the region where the changed feature lies.
    """

    op: Op
    layer: str
    feature_id: int | None
    version: int | None
    properties: dict[str, Any]
    geometry: dict[str, Any] | None
    region: str | None
    year: int | None
    note: str
    cost: float | None = None

    def as_json(self) -> dict[str, Any]:
        """Return what is kept."""
        return {
            "op": str(self.op), "layer": self.layer, "feature_id": self.feature_id, "version": self.version,
            "properties": self.properties, "geometry": self.geometry, "region": self.region,
            "year": self.year, "note": self.note, "cost": self.cost,
        }  # fmt: skip


def from_json(kept: Iterable[Mapping[str, Any]]) -> tuple[Change, ...]:
    """Return changes as `Change.as_json` kept them."""
    return tuple(Change(**{**one, "op": Op(one["op"])}) for one in kept)


def check_changes(
    connection: Connection, scope: Scope, catalog: Catalog, proposed: Sequence[Proposed]
) -> tuple[Change, ...]:
    """Check changes one by one against their layers, and against the features that stand there now.

    Parameters
    ----------
    connection : psycopg.Connection
        Inside `layers.database.scoped`: features that the scope does not reach are not there.

    Raises
    ------
    ChangeRefused
        For the first that does not fit; ``number`` counts from 1.
    """
    if len(proposed) > MOST_CHANGES:
        raise refused(MOST_CHANGES + 1, "–", None, len(proposed), "too-many-changes", str(MOST_CHANGES))
    present = _present(connection, scope, catalog, proposed)
    seen: set[tuple[str, int]] = set()
    found = []
    for number, one in enumerate(proposed, 1):
        definition = _layer(scope, catalog, number, one)
        stands = None
        if one.op is not Op.ADD:
            stands = present.get((one.layer, one.feature_id or 0))
            if stands is None:
                raise refused(number, one.layer, "feature_id", one.feature_id, "no-such-feature")
            if (one.layer, stands[0]) in seen:
                raise refused(number, one.layer, "feature_id", one.feature_id, "changed-twice")
            seen.add((one.layer, stands[0]))
        _check_shape(number, one)
        properties, geometry = _values(catalog, definition, number, one)
        region = _region(connection, one.geometry, stands and stands[2])
        found.append(
            Change(
                op=one.op, layer=one.layer, feature_id=stands and stands[0], version=stands and stands[1],
                properties=properties, geometry=geometry, region=region, year=one.year, note=one.note,
                cost=one.cost,
            )
        )  # fmt: skip
    return tuple(found)


def classification_of(catalog: Catalog, changes: Sequence[Change]) -> Classification:
    """Return the strictest class of the layers that are changed; internal for a scenario of no changes."""
    named = [catalog.layer(one.layer).classification for one in changes]
    return highest([Classification.INTERNAL, *named])


def reach_of(catalog: Catalog, changes: Sequence[Change]) -> list[str] | None:
    """Return the regions that a reader must reach; None where no layer is cut by region.

    A change outside of every region is for readers of the whole city: then nothing is named.
    """
    cut = [one for one in changes if by_region(catalog.layer(one.layer))]
    if not cut:
        return None
    regions = {one.region for one in cut}
    return [] if None in regions else sorted(region for region in regions if region)


def shape_of(change: Change) -> BaseGeometry | None:
    """Return the geometry that a change gives its feature."""
    return None if change.geometry is None else shapely.from_geojson(json.dumps(change.geometry))


def _layer(scope: Scope, catalog: Catalog, number: int, one: Proposed) -> LayerDefinition:
    known = [
        name for name, layer in catalog.layers.items()
        if scope.may_open(layer) and layer.part_of is None and name != REGIONS
    ]  # fmt: skip
    if one.layer not in known:
        raise refused(number, one.layer[:48], "layer", one.layer, "no-such-layer", ", ".join(sorted(known)))
    return catalog.layer(one.layer)


def _check_shape(number: int, one: Proposed) -> None:
    """Check that a change has what its operation needs, and nothing else."""
    if one.op is Op.ADD and one.feature_id is not None:
        raise refused(number, one.layer, "feature_id", one.feature_id, "not-here", str(one.op))
    if one.op in (Op.MOVE, Op.REMOVE) and one.properties:
        raise refused(number, one.layer, "properties", sorted(one.properties), "not-here", str(one.op))
    if one.op is Op.REMOVE and one.geometry is not None:
        raise refused(number, one.layer, "geometry", one.geometry.geom_type, "not-here", str(one.op))
    if one.op is Op.MOVE and one.geometry is None:
        raise refused(number, one.layer, "geometry", None, "geometry-missing")
    if one.op is Op.EDIT and not one.properties and one.geometry is None:
        raise refused(number, one.layer, "properties", None, "nothing-to-change")
    if one.op is Op.ADD and "status" in one.properties:
        # In an analysis it works; applied it is planned.
        raise refused(number, one.layer, "status", one.properties["status"], "not-here", str(one.op))
    if one.year is not None and not FIRST_YEAR <= one.year <= LAST_YEAR:
        raise refused(number, one.layer, "year", one.year, "range", f"{FIRST_YEAR} … {LAST_YEAR}")
    if one.cost is not None and not 0 <= one.cost <= MOST_COST:
        raise refused(number, one.layer, "cost", one.cost, "range", f"0 … {MOST_COST:g}")


def _values(
    catalog: Catalog, definition: LayerDefinition, number: int, one: Proposed
) -> tuple[dict[str, Any], dict[str, Any] | None]:
    """Return checked values and geometry as JSON."""
    if one.op is Op.REMOVE:
        return {}, None
    try:
        checked = check_feature(
            definition, catalog.code_lists, one.geometry, one.properties, partial=one.op is not Op.ADD
        )
    except RowsRefused as error:
        first = error.refusals[0]
        name = "geometry" if first.field == "geom" else first.field
        raise refused(number, one.layer, name, first.value, first.reason, first.allowed) from error
    except BadInput as error:
        if "columns" in error.details:
            raise refused(
                number, one.layer, error.details["columns"][0][:60], None, "unknown-field"
            ) from error
        name = error.details.get("field") or error.details.get("column")
        raise refused(number, one.layer, name, None, "type", "a value of its type") from error
    return _as_json(checked, one), _geometry(definition, checked, one)


def _as_json(checked: Checked, one: Proposed) -> dict[str, Any]:
    plain = {name: _plain(column[0]) for name, column in checked.columns.items()}
    shapes = {name: _geojson(column[0]) for name, column in checked.geometries.items()}
    found = plain | shapes
    return {name: value for name, value in found.items() if value is not None or one.op is Op.EDIT}


def _geometry(definition: LayerDefinition, checked: Checked, one: Proposed) -> dict[str, Any] | None:
    if one.geometry is None or checked.geometry is None or definition.geometry is GeometryFamily.NONE:
        return None
    return _geojson(checked.geometry[0])


def _geojson(shape: BaseGeometry | None) -> dict[str, Any] | None:
    if shape is None:
        return None
    made: dict[str, Any] = json.loads(shapely.to_geojson(shape))
    return made


def _plain(value: Any) -> Any:
    match value:
        case datetime() | date():
            return value.isoformat()
        case np.generic():
            return value.item()
        case _:
            return value


def _present(
    connection: Connection, scope: Scope, catalog: Catalog, proposed: Sequence[Proposed]
) -> dict[tuple[str, int], tuple[int, int, str | None]]:
    """Return id, version and region of the features that stand, by layer and id."""
    asked: dict[str, list[int]] = {}
    for number, one in enumerate(proposed, 1):
        _layer(scope, catalog, number, one)
        if one.feature_id is not None:
            asked.setdefault(one.layer, []).append(one.feature_id)
    found = {}
    for layer, ids in asked.items():
        query = sql.SQL("SELECT id, version, region_code FROM {} WHERE id = ANY(%s)").format(
            sql.Identifier(CITY, layer)
        )
        for row in connection.execute(query, [ids]).fetchall():
            found[layer, int(row[0])] = (int(row[0]), int(row[1]), row[2])
    return found


def _region(connection: Connection, geometry: BaseGeometry | None, present: str | None) -> str | None:
    """Return where the changed feature lies: what stays has its region, what comes or moves is placed."""
    if geometry is None:
        return present
    row = connection.execute(
        "SELECT region_code FROM onemap.region_of(ST_GeomFromWKB(%s, 4326))", [shapely.to_wkb(geometry)]
    ).fetchone()
    return None if row is None or row[0] is None else str(row[0])
