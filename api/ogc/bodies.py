"""A feature as a client sends it: GeoJSON read strictly, with the field at fault named."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import orjson
import shapely
from fastapi import Request
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from api import links
from api.body import read_body
from api.errors import FeatureRefused, UnsupportedMediaType
from api.ogc.crs import DEFAULT, ReferenceSystem, parse_crs
from geo.crs import transformer
from layers.definitions import FieldType, GeometryFamily, LayerDefinition
from layers.importing.refusals import shortened

LARGEST_BODY = 1_000_000
MOST_VERTICES = 10_000

MERGE_PATCH = "application/merge-patch+json"
WHOLE = (links.GEOJSON, links.JSON)
PARTS = (MERGE_PATCH,)

#: Properties that every feature shows and nobody sets; a feature that was read can be sent back as it is.
READ_ONLY = ("region_code", "updated_at", "version")

_MEMBERS = {"type", "id", "geometry", "properties", "links", "bbox"}
#: Depth of the coordinates, and the fewest positions of a line and of a ring.
_DEPTHS = {
    "Point": 0,
    "MultiPoint": 1,
    "LineString": 1,
    "MultiLineString": 2,
    "Polygon": 2,
    "MultiPolygon": 3,
}
_FEWEST = {"LineString": 2, "MultiLineString": 2, "Polygon": 4, "MultiPolygon": 4}
_RINGS = ("Polygon", "MultiPolygon")


@dataclass(frozen=True, slots=True)
class FeatureBody:
    """What was sent.

    Attributes
    ----------
    geometry : shapely geometry, optional
        Longitude and latitude; None where none was sent.
    properties : dict
        Fields by name, without those that are read only.
    """

    geometry: BaseGeometry | None
    properties: dict[str, Any]


async def read_feature(
    request: Request, definition: LayerDefinition, feature_id: int | None = None, *, partial: bool = False
) -> FeatureBody:
    """Read the body of a request.

    Parameters
    ----------
    feature_id : int, optional
        Of the address; an ``id`` in the body must be the same.
    partial : bool
        True for a merge patch (RFC 7396): what is left out stays.

    Raises
    ------
    UnsupportedMediaType, TooLarge, FeatureRefused
        For what cannot be read; `FeatureRefused` names field and reason.
    """
    taken = PARTS if partial else WHOLE
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type not in taken:
        raise UnsupportedMediaType("no such media type", given=media_type[:80], accepted=list(taken))
    system = _content_crs(request)
    document = _document(await read_body(request, LARGEST_BODY), definition)
    _check_members(definition, document, feature_id, partial=partial)
    geometry = document.get("geometry")
    has_geometry = definition.geometry is not GeometryFamily.NONE
    if geometry is None:
        if has_geometry and (not partial or "geometry" in document):
            raise refused(definition, "geometry", None, "geometry-missing")
    elif not has_geometry:
        raise refused(definition, "geometry", geometry, "geometry-family")
    shape = None if geometry is None else _shape(definition, "geometry", geometry, system)
    return FeatureBody(shape, _properties(definition, document.get("properties") or {}, system))


def feature_parts(definition: LayerDefinition, geometry: Any, properties: Mapping[str, Any]) -> FeatureBody:
    """Read geometry (GeoJSON in CRS84, or None) and properties that stand by themselves.

    Raises
    ------
    FeatureRefused
        Names field and reason.
    """
    shape = None if geometry is None else _shape(definition, "geometry", geometry, DEFAULT)
    return FeatureBody(shape, _properties(definition, properties, DEFAULT))


def refused(
    definition: LayerDefinition, field: str | None, value: Any, reason: str, allowed: str | None = None
) -> FeatureRefused:
    """Return the error for one flaw of a feature."""
    return FeatureRefused(
        f"{field} is refused: {reason}",
        layer=definition.name,
        field=field,
        value=shortened(value),
        reason=reason,
        allowed=allowed,
        expected=f"refusal-{reason}",
    )


def _content_crs(request: Request) -> ReferenceSystem:
    given = request.headers.get("content-crs")
    return parse_crs(
        None if given is None else given.strip().removeprefix("<").removesuffix(">"), "Content-Crs"
    )


def _document(body: bytes, definition: LayerDefinition) -> dict[str, Any]:
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError:
        # no JSON, too deep, NaN, or no UTF-8
        document = None
    if not isinstance(document, dict):
        raise refused(definition, None, body[:80].decode("utf-8", "replace"), "feature")
    return document


def _check_members(
    definition: LayerDefinition, document: Mapping[str, Any], feature_id: int | None, *, partial: bool
) -> None:
    for name in document:
        if name not in _MEMBERS:
            raise refused(definition, name[:60], document[name], "unknown-member")
    kind = document.get("type", "Feature" if partial else None)
    if kind != "Feature":
        raise refused(definition, "type", kind, "feature")
    if feature_id is not None and document.get("id", feature_id) not in (feature_id, str(feature_id)):
        raise refused(definition, "id", document["id"], "other-id", str(feature_id))
    properties = document.get("properties")
    if properties is not None and not isinstance(properties, dict):
        raise refused(definition, "properties", properties, "feature")


def _properties(
    definition: LayerDefinition, given: Mapping[str, Any], system: ReferenceSystem
) -> dict[str, Any]:
    own_region = definition.geometry is GeometryFamily.NONE
    kinds = {field.name: field.type for field in definition.fields}
    kept: dict[str, Any] = {}
    for name, value in given.items():
        if name in READ_ONLY and name not in kinds and not (name == "region_code" and own_region):
            continue
        kind = kinds.get(name)
        if kind is FieldType.GEOMETRY:
            kept[name] = None if value is None else _shape(definition, name, value, system)
            continue
        if isinstance(value, bool) and kind is not FieldType.BOOLEAN:
            raise refused(definition, name[:60], value, "type", f"a value of type {kind or 'text'}")
        if isinstance(value, dict) or (isinstance(value, list) and kind is not FieldType.CODES):
            raise refused(definition, name[:60], value, "type", "a single value")
        if isinstance(value, list) and not all(isinstance(one, str) for one in value):
            raise refused(definition, name[:60], value, "type", "a list of texts")
        kept[name] = value
    return kept


def _shape(definition: LayerDefinition, field: str, given: Any, system: ReferenceSystem) -> BaseGeometry:
    """Return a GeoJSON geometry (RFC 7946, 3.1) as shapely's, in degrees."""
    kind = given.get("type") if isinstance(given, dict) else None
    if not isinstance(kind, str) or kind not in _DEPTHS:
        raise refused(definition, field, kind if isinstance(kind, str) else given, "geometry-type")
    if set(given) - {"type", "coordinates", "bbox"} or "coordinates" not in given:
        raise refused(definition, field, sorted(map(str, given)), "coordinates")
    lines = _lines(definition, field, given["coordinates"], _DEPTHS[kind])
    if sum(map(len, lines)) > MOST_VERTICES:
        raise refused(definition, field, sum(map(len, lines)), "too-many-vertices", str(MOST_VERTICES))
    for line in lines:
        for position in line:
            _check_position(definition, field, position)
        if len(line) < _FEWEST.get(kind, 0):
            raise refused(
                definition, field, f"{len(line)} positions", "too-few-positions", str(_FEWEST[kind])
            )
        if kind in _RINGS and line[0] != line[-1]:
            raise refused(definition, field, line[-1], "ring-not-closed")
    try:
        plain = {"type": kind, "coordinates": given["coordinates"]}
        shape = shapely.force_2d(shapely.from_geojson(orjson.dumps(plain)))
    except shapely.errors.GEOSException:
        raise refused(definition, field, kind, "coordinates") from None
    return _in_degrees(shape, system)


def _lines(definition: LayerDefinition, field: str, coordinates: Any, depth: int) -> list[list[Any]]:
    """Return the lists of positions; a position is not looked into yet."""
    if not isinstance(coordinates, list):
        raise refused(definition, field, coordinates, "coordinates")
    if depth == 0:
        return [[coordinates]]
    if depth == 1:
        return [coordinates]
    return [line for part in coordinates for line in _lines(definition, field, part, depth - 1)]


def _check_position(definition: LayerDefinition, field: str, position: Any) -> None:
    numbers = isinstance(position, list) and all(
        isinstance(one, int | float) and not isinstance(one, bool) for one in position
    )
    if not numbers or not 2 <= len(position) <= 4:
        raise refused(definition, field, position, "coordinates")
    if not all(math.isfinite(one) for one in position):
        raise refused(definition, field, position, "coordinates-not-finite")


def _in_degrees(shape: BaseGeometry, system: ReferenceSystem) -> BaseGeometry:
    if not system.north_first and system.epsg == 4326:
        return shape

    def turn(points: NDArray[np.float64]) -> NDArray[np.float64]:
        east_north = points[:, ::-1] if system.north_first else points
        if system.epsg in (4326, 4490):
            return np.ascontiguousarray(east_north)
        return np.column_stack(transformer(system.epsg, 4326).transform(east_north[:, 0], east_north[:, 1]))

    turned: BaseGeometry = shapely.transform(shape, turn)
    return turned
