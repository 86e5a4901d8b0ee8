"""Faces of the finished street network, each with the use of its draft; room for schools, parks, offices."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import shapely
from shapely import Polygon, STRtree
from shapely.ops import polygonize

from sample_gis.shapes.polygons import box_of

if TYPE_CHECKING:
    from sample_gis.city import City


def _with_use(city: City) -> gpd.GeoDataFrame:
    """Return the faces of the network inside towns, with the use that fills most of each."""
    built_up = shapely.union_all(city.towns["built_up"].to_numpy())
    near = np.sort(STRtree(city.roads.geometry.to_numpy()).query(built_up, predicate="intersects"))
    faces = [face for face in polygonize(city.roads.geometry.to_numpy()[near]) if face.area < 9e5]
    faces.sort(key=lambda face: face.representative_point().coords[0])
    drafts = city.faces.geometry.to_numpy()
    face_of, draft_of = STRtree(drafts).query(faces, predicate="intersects")
    shares = shapely.area(shapely.intersection(np.array(faces, dtype=object)[face_of], drafts[draft_of]))
    covered = np.zeros(len(faces))
    best = np.full(len(faces), -1)
    most = np.zeros(len(faces))
    order = np.lexsort((draft_of, face_of))
    for face, draft, share in zip(face_of[order], draft_of[order], shares[order].round(1), strict=True):
        covered[face] += share
        if share > most[face]:
            best[face], most[face] = draft, share
    kept = [k for k, face in enumerate(faces) if covered[k] > 0.6 * face.area]
    frame = city.faces.iloc[best[kept]].reset_index(drop=True)
    return frame.set_geometry([faces[k] for k in kept], crs=city.crs)


def _reserve(city: City, use: str, counts: list[int], area: tuple[float, float], apart: float) -> None:
    """Give as many fitting faces of each town a use as asked: by chance they cluster or go missing."""
    faces = city.faces
    chosen = faces["use"].to_numpy(dtype=object).copy()
    shapes: list[Polygon] = list(faces.geometry)
    middles = shapely.centroid(faces.geometry.to_numpy())
    for number, (code, wanted) in enumerate(zip(city.towns.index, counts, strict=True)):
        ranked = []
        for k in np.flatnonzero(faces["town"].to_numpy() == code).tolist():
            size = shapes[k].area
            if area[0] < size < area[1] and chosen[k] in ("estate", "self_built", "farm", "core"):
                compact = size / box_of(shapes[k]).long ** 2
                score = float(city.noise.uniform(k, number, salt=len(use) * 1000 + 333)) - 0.6 * compact
                ranked.append((round(score - (0.5 if size > 1.6 * area[0] else 0), 6), k))
        ranked.sort()
        sites: list[int] = []
        distance = apart if number == 0 else 0.67 * apart
        while len(sites) < wanted and distance > 60:
            for _, at in ranked:
                far = all(middles[at].distance(middles[other]) > distance for other in sites)
                if far and len(sites) < wanted:
                    sites.append(at)
            # A small town may not have room for all at the full distance.
            distance *= 0.8
        chosen[sites] = use
    faces["use"] = chosen


def make(city: City) -> None:
    """Set the faces of the finished network and the built-up areas that they make up."""
    city.faces = _with_use(city)
    schools = [city.layout.towns[code].schools for code in city.towns.index]
    others = len(schools) - 1
    _reserve(city, "school", schools, (14e3, 70e3), 520.0)
    _reserve(city, "park", [6] + [1] * others, (9e3, 60e3), 700.0)
    _reserve(city, "civic", [10] + [4] * others, (5e3, 30e3), 300.0)
    built_up = [
        shapely.union_all(city.faces.geometry[city.faces["town"] == code].to_numpy()).buffer(12).buffer(-2)
        for code in city.towns.index
    ]
    city.towns["built_up"] = gpd.GeoSeries(built_up, index=city.towns.index, crs=city.crs)
