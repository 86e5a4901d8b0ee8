"""Street blocks: faces without the rights of way of streets, railway and streams."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import shapely
from shapely import Polygon, STRtree

from sample_gis.land.streams import CANAL_WIDTH
from sample_gis.town.block_names import name_blocks

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

    from sample_gis.city import City

#: Width between the property lines by class of street, metres.
RIGHT_OF_WAY = (40.0, 33.0, 23.0, 12.9, 8.9)
RAILWAY_HALF_WIDTH = 22.0
BESIDE_STREAM = 6.0
SMALLEST = 500.0


def rights_of_way(city: City) -> list[Polygon]:
    """Return what streets, the railway, streams and the canal take from the ground of towns."""
    near = shapely.union_all(city.towns["built_up"].to_numpy()).buffer(60)
    shapely.prepare(near)
    streets = city.roads[shapely.intersects(near, city.roads.geometry.to_numpy())]
    half = np.array(RIGHT_OF_WAY)[streets["class"].to_numpy()] / 2
    taken = list(shapely.buffer(streets.geometry.to_numpy(), half, cap_style="flat", quad_segs=3))
    # The flat ends of two buffers leave a notch in the outer corner of a bend at a junction.
    nodes = np.concatenate([streets["from_node"].to_numpy(), streets["to_node"].to_numpy()])
    widest = np.zeros(len(city.road_nodes))
    np.maximum.at(widest, nodes, np.concatenate([half, half]))
    used = np.unique(nodes)
    corners = shapely.points(city.road_nodes.to_numpy()[used])
    taken += list(shapely.buffer(corners, widest[used] * 0.98, quad_segs=3))
    taken += list(city.railways.geometry.buffer(RAILWAY_HALF_WIDTH))
    wide = city.streams[city.streams["catchment_km2"] > 3]
    taken += list(wide.geometry.buffer(wide["width_m"] / 2 + BESIDE_STREAM))
    taken += [city.canal.buffer(CANAL_WIDTH / 2 + BESIDE_STREAM)]
    return taken


def _use_of_part(use: str, part: Polygon, whole: BaseGeometry) -> str:
    """Return the use of one part of a face that a stream or the railway cuts."""
    if part.area <= 1500 and use not in ("core", "self_built"):
        return "park"
    # A school stands on one side only.
    if use == "school" and part.area < 0.5 * whole.area:
        return "park"
    return use


def make(city: City) -> None:
    """Set the blocks with their names."""
    taken = np.array(rights_of_way(city), dtype=object)
    tree = STRtree(taken)
    rows: list[tuple[int, str, Polygon]] = []
    for number, (face, use) in enumerate(zip(city.faces.geometry, city.faces["use"], strict=True)):
        near = np.sort(tree.query(face, predicate="intersects"))
        left = shapely.difference(face, shapely.union_all(taken[near]))
        for part in shapely.get_parts(left):
            smooth = shapely.set_precision(part.buffer(-2).buffer(2).simplify(0.8), 0.01)
            if isinstance(smooth, Polygon) and smooth.area > SMALLEST:
                rows.append((number, _use_of_part(use, smooth, left), smooth))
    faces = city.faces.iloc[[number for number, _, _ in rows]]
    city.blocks = gpd.GeoDataFrame(
        {
            "use": [use for _, use, _ in rows],
            "town": faces["town"].to_numpy(),
            "centrality": faces["centrality"].to_numpy(),
            "face": gpd.GeoSeries(faces.geometry.to_numpy(), crs=city.crs),
            "name": "",
        },
        geometry=[shape for _, _, shape in rows],
        crs=city.crs,
    )
    name_blocks(city)
