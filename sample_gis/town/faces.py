"""Faces of the finished street network, each with the use of the draft it came from; sites of schools."""

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

SCHOOL_APART = {True: 520.0, False: 350.0}
SCHOOL_AREA = (14e3, 70e3)


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


def _reserve_schools(city: City) -> None:
    """Turn as many fitting faces into schools as the layout asks: by chance they cluster or go missing."""
    faces = city.faces
    chosen = faces["use"].to_numpy(dtype=object).copy()
    shapes: list[Polygon] = list(faces.geometry)
    middles = shapely.centroid(faces.geometry.to_numpy())
    for number, (code, town) in enumerate(sorted(city.layout.towns.items())):
        ranked = []
        for k in np.flatnonzero(faces["town"].to_numpy() == code).tolist():
            area = shapes[k].area
            if (
                chosen[k] in ("estate", "self_built", "farm", "core")
                and SCHOOL_AREA[0] < area < SCHOOL_AREA[1]
            ):
                compact = area / box_of(shapes[k]).long ** 2
                score = float(city.noise.uniform(k, number, salt=333)) - 0.6 * compact
                ranked.append((round(score - (0.5 if area > 22e3 else 0), 6), k))
        ranked.sort()
        sites: list[int] = []
        apart = SCHOOL_APART[number == 0]
        while len(sites) < town.schools and apart > 60:
            for _, at in ranked:
                far = all(middles[at].distance(middles[other]) > apart for other in sites)
                if far and len(sites) < town.schools:
                    sites.append(at)
            # A small town may not have room for its schools at the full distance.
            apart *= 0.8
        chosen[sites] = "school"
    faces["use"] = chosen


def make(city: City) -> None:
    """Set the faces of the finished network and the built-up areas that they make up."""
    city.faces = _with_use(city)
    _reserve_schools(city)
    built_up = [
        shapely.union_all(city.faces.geometry[city.faces["town"] == code].to_numpy()).buffer(12).buffer(-2)
        for code in city.towns.index
    ]
    city.towns["built_up"] = gpd.GeoSeries(built_up, index=city.towns.index, crs=city.crs)
