"""Draft of the streets of all towns, and of the faces between them with their use."""

from __future__ import annotations

import math
from collections.abc import Iterable
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import geopandas as gpd
import numpy as np
import shapely
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
from shapely import LineString, Polygon, STRtree
from shapely.ops import polygonize

from sample_gis.shapes.polygons import box_of, cut
from sample_gis.town.canvas import Canvas, make_canvas
from sample_gis.town.streamlines import SECONDARY, SPACING, grow
from sample_gis.town.tidying import Piece, extended, trimmed, without_slivers
from sample_gis.town.uses import TARGET_M2, background, draw_use

if TYPE_CHECKING:
    from sample_gis.city import City

STREET, LANE = 3, 4
LONGEST_FACE = 330.0


def _superblocks(city: City, canvas: Canvas, pieces: list[Piece]) -> list[Polygon]:
    """Return the faces that make up the town: nearest first, with a ragged rim, until it is large enough."""
    ranked = []
    for face in polygonize([piece.line for piece in pieces]):
        at = face.representative_point()
        reach = canvas.reach_at(at.x, at.y)
        if 2500 < face.area < 9e5 and reach < 1.6:
            draw = float(city.noise.uniform(round(at.x), round(at.y), salt=5))
            ranked.append((round(reach + 0.42 * draw, 4), round(at.x, 2), round(at.y, 2), face))
    wanted = city.layout.towns[canvas.code].built_up_km2 * 1e6
    kept: list[Polygon] = []
    for *_, face in sorted(ranked, key=lambda one: one[:3]):
        if sum(one.area for one in kept) + face.area / 2 < wanted:
            kept.append(face)
    return _one_town(kept)


def _one_town(faces: list[Polygon]) -> list[Polygon]:
    """Leave out faces that do not hang together with the largest group by a common side."""
    one, two = STRtree(faces).query(faces, predicate="touches")
    shared = shapely.length(shapely.intersection(np.array(faces)[one], np.array(faces)[two]))
    beside = coo_matrix((shared > 5, (one, two)), shape=(len(faces), len(faces)))
    _, group = connected_components(beside, directed=False)
    size = np.bincount(group, weights=shapely.area(faces))
    return [face for face, number in zip(faces, group, strict=True) if number == int(np.argmax(size))]


def _divided(
    canvas: Canvas, superblock: Polygon, random: np.random.Generator
) -> tuple[list[tuple[Polygon, str]], list[tuple[LineString, int]]]:
    """Cut a superblock into faces by streets and lanes, and give each face its use."""
    middle = superblock.centroid
    away = canvas.centrality(middle.x, middle.y)
    use = draw_use(random, canvas.number, away, middle.x - canvas.seat[0], middle.y - canvas.seat[1])
    tilt, bow = (6.0, 0.03) if use == "core" else (3.0, 0.012)
    faces: list[tuple[Polygon, str]] = []
    streets: list[tuple[LineString, int]] = []
    whole = [superblock]
    while whole:
        face = whole.pop()
        box = box_of(face)
        limit = TARGET_M2[use] * math.exp(random.normal(0.25, 0.3))
        if round(face.area) > limit or (box.long > LONGEST_FACE and use != "farm"):
            parts = cut(face, random, off_centre=0.13, tilt=tilt, bow=bow)
            if parts is not None:
                wide = face.area > 42e3 or box.long > 230 or use == "industry"
                streets.append((parts[1], STREET if wide else LANE))
                whole += parts[0]
                continue
        own = use
        # One parcel of a superblock is a park or an office, never all of it.
        if use in ("civic", "park") and any(other == use for _, other in faces):
            own = background(canvas.number, away)
        if own in ("core", "self_built", "estate"):
            draw = random.random()
            if draw < 0.05:
                own = ("mixed", "civic", "park", "civic")[int(draw * 80)]
        faces.append((face, own))
    return faces, streets


class _Town(NamedTuple):
    """Streets of a town, and its faces with their use and centrality."""

    streets: list[Piece]
    faces: list[tuple[Polygon, str, float]]


def _towns(city: City, numbers: Iterable[int]) -> list[_Town]:
    return [_town(city, make_canvas(city, number)) for number in numbers]


def _town(city: City, canvas: Canvas) -> _Town:
    random = city.random(f"streets {canvas.code}")
    pieces = [
        Piece(part, int(rank), fixed=True)
        for line, rank in zip(canvas.main_roads.geometry, canvas.main_roads["class"], strict=True)
        for part in shapely.get_parts(line)
        if isinstance(part, LineString) and part.length > 1
    ]
    pieces += [Piece(line, rank) for line, rank in grow(city, canvas)]
    pieces = trimmed(extended(pieces, SPACING[SECONDARY] * 0.9), rounds=3, shortest=130)
    pieces = without_slivers(pieces)
    faces: list[tuple[Polygon, str, float]] = []
    for superblock in _superblocks(city, canvas, pieces):
        parts, streets = _divided(canvas, superblock, random)
        pieces += [Piece(line, rank) for line, rank in streets]
        for face, use in parts:
            faces.append((face, use, canvas.centrality(face.centroid.x, face.centroid.y)))
    pieces = trimmed(pieces, rounds=2, shortest=25)
    tree = STRtree([face for face, _, _ in faces])
    middles = shapely.line_interpolate_point([piece.line for piece in pieces], 0.5, normalized=True)
    touching = set(tree.query(middles, predicate="dwithin", distance=5.0)[0].tolist())
    return _Town([piece for k, piece in enumerate(pieces) if k in touching and not piece.fixed], faces)


def make(city: City) -> None:
    """Set the drafts of streets and faces, and the built-up areas of towns."""
    streets: list[tuple[LineString, int, str]] = []
    faces: list[tuple[Polygon, str, str, float]] = []
    built_up = []
    # The first town is as large as all others together.
    others = city.beside(partial(_towns, city, range(1, len(city.towns))))
    towns = [*_towns(city, [0]), *others.result()]
    for code, (pieces, own) in zip(city.towns.index, towns, strict=True):
        streets += [(piece.line, piece.rank, code) for piece in pieces]
        faces += [(face, use, code, round(away, 3)) for face, use, away in own]
        built_up.append(shapely.union_all([face for face, _, _ in own]).buffer(12).buffer(-2))
    city.streets = gpd.GeoDataFrame(
        {"class": [rank for _, rank, _ in streets], "town": [town for _, _, town in streets]},
        geometry=[line for line, _, _ in streets],
        crs=city.crs,
    )
    city.faces = gpd.GeoDataFrame(
        {
            "use": [use for _, use, _, _ in faces],
            "town": [town for _, _, town, _ in faces],
            "centrality": [away for _, _, _, away in faces],
        },
        geometry=[face for face, _, _, _ in faces],
        crs=city.crs,
    )
    city.towns["built_up"] = gpd.GeoSeries(built_up, index=city.towns.index, crs=city.crs)
