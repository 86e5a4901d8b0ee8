"""What lies around a place as the JSON that screens and programs read."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import orjson
import shapely

from api.notes import told_note
from api.problems import message_file
from geo.cameras import Explanation
from geo.crs import transformer
from geo.reach import note
from layers.around.area import Area
from layers.around.subjects import Subject
from layers.around.surroundings import Found, Met, Stock
from layers.definitions.layer import LayerDefinition
from layers.definitions.loading import Catalog


def area_document(area: Area) -> dict[str, Any]:
    """Return the place with its rings in degrees."""
    middle, *rings = area.in_degrees()
    return {
        "kind": area.kind,
        "lon": round(middle.x, 7),
        "lat": round(middle.y, 7),
        "rings": [
            {
                "radius_m": radius,
                "area_km2": round(metric.area / 1e6, 4),
                "geometry": orjson.loads(shapely.to_geojson(shapely.set_precision(ring, 1e-6))),
            }
            for radius, metric, ring in zip(area.radii_m, area.rings, rings, strict=True)
        ],
    }


def subject_document(found: Found | str, subject: Subject, catalog: Catalog, crs: int) -> dict[str, Any]:
    """Return one subject: what was found, or the reason why nothing is told of it."""
    words = message_file("around")
    layer = catalog.layers[subject.layer]
    document: dict[str, Any] = {
        "name": subject.name,
        "title": words["subjects"][subject.name],
        "layer": layer.name,
        "unit": words["units"][subject.measure],
        "measure": subject.measure,
        "by_road": subject.by_road,
        "within": None,
        "parts": [],
        "nearest": [],
        "reason": None,
    }
    if isinstance(found, str):
        return {**document, "reason": {"code": found, "text": words["reasons"][found]}}
    split = subject.split or ""
    return {
        **document,
        "within": [_rounded(one, subject) for one in found.within],
        "parts": [
            {
                "code": code,
                "title": _title(layer, split, code, catalog),
                "within": [_rounded(one, subject) for one in several],
            }
            for code, several in found.parts.items()
        ],
        "nearest": _met(found.nearest, layer, catalog, crs),
    }


def _rounded(value: float, subject: Subject) -> float:
    return round(value, 3 if subject.measure == "length" else 0)


def _met(
    several: tuple[Met, ...], layer: LayerDefinition, catalog: Catalog, crs: int
) -> list[dict[str, Any]]:
    if not several:
        return []
    east, north = zip(*(one.at for one in several), strict=True)
    degrees = zip(*transformer(crs, 4326).transform(east, north), strict=True)
    return [
        {
            "id": one.id,
            "code": one.code,
            "name": one.facts.get("name") or one.code,
            "facts": _facts(one.facts, layer, catalog),
            "distance_m": round(one.distance_m),
            "minutes": None if one.minutes is None else round(one.minutes, 1),
            "point": [round(lon, 7), round(lat, 7)],
        }
        for one, (lon, lat) in zip(several, degrees, strict=True)
    ]


def _facts(facts: Mapping[str, Any], layer: LayerDefinition, catalog: Catalog) -> list[dict[str, Any]]:
    told = []
    for name, value in facts.items():
        if name == "name" or value is None or (isinstance(value, float) and math.isnan(value)):
            continue
        told.append(
            {"field": name, "title": layer.field(name).title.model_dump(), "value": value,
             "text": _title(layer, name, value, catalog)}
        )  # fmt: skip
    return told


def _title(layer: LayerDefinition, name: str, value: Any, catalog: Catalog) -> dict[str, str]:
    """Return a value in words: the title of its code where it is one."""
    codes = layer.field(name).codes
    if codes is not None:
        for code in catalog.code_lists[codes].codes:
            if code.code == value:
                return code.title.model_dump()
    return {"zh": str(value), "en": str(value)}


def sight_document(
    explanations: list[Explanation] | None, codes: Mapping[Any, tuple[str | None, str | None]]
) -> dict[str, Any]:
    """Return the cameras that see the point, and how many near it do not."""
    if explanations is None:
        return {"seen_by": [], "near": None, "reason": message_file("around")["reasons"]["point-only"]}
    return {
        "seen_by": [
            {"id": one.camera, "code": codes[one.camera][0], "name": codes[one.camera][1],
             "distance_m": round(one.distance_m, 1)}
            for one in explanations if one.sees
        ],
        "near": len(explanations),
        "reason": None,
    }  # fmt: skip


def stock_document(stocks: list[Stock], supplies: LayerDefinition, catalog: Catalog) -> list[dict[str, Any]]:
    """Return the nearest store of each item."""
    return [
        {
            "item": stock.item,
            "title": _title(supplies, "item_code", stock.item, catalog),
            "name": stock.name,
            "quantity": stock.quantity,
            "unit": stock.unit,
            "below_minimum": stock.below_minimum,
            "store": {
                "id": stock.store.id, "code": stock.store.code, "name": stock.store.facts.get("name"),
                "distance_m": round(stock.store.distance_m), "minutes": round(stock.store.minutes or 0.0, 1),
            },
        }
        for stock in stocks
    ]  # fmt: skip


def way_note(*, by_road: bool) -> dict[str, Any]:
    """Return how driving times were found, in both languages."""
    return told_note(note(by_road=by_road).as_json())
