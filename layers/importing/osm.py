"""Reading an OpenStreetMap extract as features of our layers, streaming.

One pass assembles multipolygon and boundary relations, a second one reads everything (libosmium does both).
Features leave in batches, so that memory stays bounded by the node locations of the extract.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import geopandas as gpd
import osmium
import shapely
from shapely.geometry.base import BaseGeometry

from geo.errors import BadInput
from layers.definitions.loading import Catalog
from layers.importing.tags import LayerRule, Primitive, TagMapping

BATCH = 20_000
_LISTED = 1000
_PROGRESS_EVERY = 20_000


@dataclass(frozen=True, slots=True)
class RefusedObject:
    """One object of the extract that has the tags of a layer and could not be taken.

    Attributes
    ----------
    element : str
        ``node/1``, ``way/1`` or ``relation/1``.
    reason : {"shape", "incomplete", "no-geometry", "not-closed"}
        Why, as a stable code.
    """

    element: str
    layer: str
    name: str | None
    reason: str
    detail: str


@dataclass
class OsmSummary:
    """What was taken and what was refused, filled while the extract is read.

    Attributes
    ----------
    taken : Counter
        Features by layer.
    refused_count : Counter
        Refused objects by (layer, reason); ``refused`` lists the first thousand of them.
    unread : Counter
        Texts of tags that no reader understood, as ``tag=text``; their fields are unknown.
    objects : int
        Objects read so far.
    """

    taken: Counter[str] = field(default_factory=Counter)
    refused: list[RefusedObject] = field(default_factory=list)
    refused_count: Counter[tuple[str, str]] = field(default_factory=Counter)
    unread: Counter[str] = field(default_factory=Counter)
    objects: int = 0

    def refuse(
        self, element: str, rule: LayerRule, tags: Mapping[str, str], reason: str, detail: str
    ) -> None:
        """Count a refused object, and list it while the list is short."""
        self.refused_count[rule.layer, reason] += 1
        if len(self.refused) < _LISTED:
            self.refused.append(RefusedObject(element, rule.layer, tags.get("name"), reason, detail))


class _Batches:
    """Rows by layer, given out as frames when a batch is full."""

    def __init__(self) -> None:
        self._rows: dict[str, list[dict[str, Any]]] = defaultdict(list)

    def add(self, layer: str, row: dict[str, Any]) -> gpd.GeoDataFrame | None:
        rows = self._rows[layer]
        rows.append(row)
        return self._frame(self._rows.pop(layer)) if len(rows) >= BATCH else None

    def rest(self) -> Iterator[tuple[str, gpd.GeoDataFrame]]:
        for layer in sorted(self._rows):
            yield layer, self._frame(self._rows[layer])

    @staticmethod
    def _frame(rows: list[dict[str, Any]]) -> gpd.GeoDataFrame:
        geometry = [row.pop("_geometry") for row in rows]
        return gpd.GeoDataFrame(rows, geometry=geometry, crs=4326)


class _Reader:
    """Matches objects against the rules and builds their rows."""

    def __init__(self, mapping: TagMapping, summary: OsmSummary) -> None:
        self.rules = mapping.layers
        self.summary = summary
        self.wkb = osmium.geom.WKBFactory()
        # Relations whose area has not been seen: what is left at the end was incomplete in the extract.
        self.open_relations: dict[int, list[tuple[LayerRule, dict[str, str]]]] = {}

    def rows(self, element: Any) -> Iterator[tuple[str, dict[str, Any]]]:
        """Yield (layer, row) for each rule that the object meets, refusing what has the wrong shape."""
        tags = {tag.k: tag.v for tag in element.tags}
        matching = [rule for rule in self.rules if rule.holds(tags)]
        if not matching:
            return
        kind, name = _shape(element)
        for rule in matching:
            if self._passes(element, kind, name, rule, tags):
                row = self._row(element, kind, name, rule, tags)
                if row is not None:
                    yield rule.layer, row

    def _passes(
        self, element: Any, kind: Primitive | None, name: str, rule: LayerRule, tags: dict[str, str]
    ) -> bool:
        if kind is None:  # a relation: its area follows, if the extract holds all of it
            self._await(element.id, name, rule, tags)
            return False
        if kind == "relation":
            self.open_relations.pop(element.orig_id(), None)
            return bool({"area", "relation"} & set(rule.takes))
        if kind in rule.takes:
            return True
        if kind == "area" or set(rule.takes) == {"relation"}:
            return False  # the closed way itself is looked at too
        closed = kind == "way" and element.is_closed()
        if closed and "area" in rule.takes:
            return False  # its area follows
        reason = "not-closed" if kind == "way" and "area" in rule.takes else "shape"
        taken = " or ".join(rule.takes)
        self.summary.refuse(name, rule, tags, reason, f"{name} is a {kind}, the layer takes {taken}")
        return False

    def _await(self, identifier: int, name: str, rule: LayerRule, tags: dict[str, str]) -> None:
        if not {"area", "relation"} & set(rule.takes):
            return
        kind = tags.get("type", "none")
        if kind in ("multipolygon", "boundary"):
            self.open_relations.setdefault(identifier, []).append((rule, tags))
        else:
            self.summary.refuse(
                name, rule, tags, "shape", f"{name} is a relation of type {kind}, not an area"
            )

    def _row(
        self, element: Any, kind: Primitive | None, name: str, rule: LayerRule, tags: dict[str, str]
    ) -> dict[str, Any] | None:
        try:
            if kind == "node":
                wkb = self.wkb.create_point(element)
            elif kind == "way":
                wkb = self.wkb.create_linestring(element)
            else:
                wkb = self.wkb.create_multipolygon(element)
        except (RuntimeError, osmium.InvalidLocationError) as error:
            self.summary.refuse(name, rule, tags, "no-geometry", f"{name}: {error}")
            return None
        row: dict[str, Any] = {"code": f"osm:{name}", "_geometry": _geometry(wkb, rule.as_point)}
        for field_name, field_rule in rule.fields.items():
            row[field_name], unread = field_rule.read(tags)
            if unread is not None:
                self.summary.unread[unread[:80]] += 1
        return row

    def refuse_incomplete(self) -> None:
        """Refuse the relations whose area never came, each with its reason."""
        for identifier in sorted(self.open_relations):
            for rule, tags in self.open_relations[identifier]:
                name = f"relation/{identifier}"
                detail = f"{name}: members are missing from the extract, or its rings do not close"
                self.summary.refuse(name, rule, tags, "incomplete", detail)
        self.open_relations.clear()


def _geometry(wkb: str, as_point: bool) -> BaseGeometry:
    geometry = shapely.from_wkb(wkb)
    return geometry.representative_point() if as_point else geometry


def _shape(element: Any) -> tuple[Primitive | None, str]:
    if element.is_area():
        if element.from_way():
            return "area", f"way/{element.orig_id()}"
        return "relation", f"relation/{element.orig_id()}"
    if element.is_node():
        return "node", f"node/{element.id}"
    if element.is_way():
        return "way", f"way/{element.id}"
    return None, f"relation/{element.id}"


def read_osm(
    path: Path,
    mapping: TagMapping,
    catalog: Catalog,
    summary: OsmSummary,
    progress: Callable[[float], None] | None = None,
) -> Iterator[tuple[str, gpd.GeoDataFrame]]:
    """Read an OSM extract (``.osm.pbf``, ``.osm``, ``.osm.bz2``) as batches of features.

    Parameters
    ----------
    path : Path
        The extract.
    mapping : TagMapping
        Which tags make which layer.
    catalog : Catalog
        Gives each layer's field names, so that every batch has all of the mapped columns.
    summary : OsmSummary
        Filled while reading; complete when the iterator is exhausted.
    progress : callable, optional
        Called with the share that is read, 0 to 1. Where it is given, the objects are counted first: a pass
        without geometry, about a fifth of the whole.

    Yields
    ------
    (str, GeoDataFrame)
        Layer and up to 20,000 features: ``code`` (``osm:way/1``), mapped fields, geometry in EPSG:4326. OSM
        is WGS 84 by its own definition, so no datum is guessed.

    Raises
    ------
    BadInput
        Where the file is missing, no OSM file, or cut off.
    """
    if not path.is_file():
        raise BadInput(f"there is no file {path.name}", file=path.name, reason="missing")
    reader, batches = _Reader(mapping, summary), _Batches()
    for rule in mapping.layers:
        catalog.layer(rule.layer)
    keys = osmium.filter.KeyFilter(*sorted(mapping.tag_keys()))
    try:
        expected = _count(path, keys) if progress is not None else 0
        for element in osmium.FileProcessor(str(path)).with_areas().with_filter(keys):
            summary.objects += 1
            if progress is not None and summary.objects % _PROGRESS_EVERY == 0:
                progress(min(summary.objects / max(expected, 1), 0.99))
            for layer, row in reader.rows(element):
                summary.taken[layer] += 1
                full = batches.add(layer, row)
                if full is not None:
                    yield layer, full
    except (RuntimeError, ValueError, OSError) as error:
        raise BadInput(
            f"{path.name} cannot be read to its end: {error}; fetch the extract again",
            file=path.name,
            reason=str(error),
            objects=summary.objects,
        ) from error
    reader.refuse_incomplete()
    yield from batches.rest()
    if progress is not None:
        progress(1.0)


def _count(path: Path, keys: Any) -> int:
    """Return how many objects will be read: those with a tag that some rule asks for, closed ways twice."""
    elements: Any = osmium.FileProcessor(str(path)).with_filter(keys)
    return sum(2 if element.is_way() and element.is_closed() else 1 for element in elements)
