"""Views of cameras among buildings against CGAL (pyvispoly), a whole city, and one camera that changes.

Run: ``python bench/cameras.py [cameras]``. CGAL is timed on fewer cameras, in processor time as ours. Both
see all round, 100 m far, among 16 buildings a hectare that all stand higher than the camera.
"""

from __future__ import annotations

import resource
import sys
import time
from typing import Any

import geopandas as gpd
import numpy as np
import pyvispoly
import shapely
from numpy.typing import NDArray

from bench.timing import processor_seconds
from geo.cameras import coverage, update, viewsheds
from geo.cells.covering import touched

CRS, X, Y = 4548, 500_000.0, 3_500_000.0
#: Metres of a parcel: four in each direction are 16 buildings a hectare.
PARCEL_M = 25.0
REACH_M = 100.0
PEERS = 60
RESOLUTION = 12
TOWN = 40


def town(columns: int, rows: int, draw: np.random.Generator) -> gpd.GeoDataFrame:
    """Return buildings on parcels, none of which touch."""
    west = np.tile(np.arange(columns), rows) * PARCEL_M + draw.uniform(4, 7, columns * rows)
    south = np.repeat(np.arange(rows), columns) * PARCEL_M + draw.uniform(4, 7, columns * rows)
    wide, deep = draw.uniform(7, 15, (2, columns * rows))
    shapes: Any = shapely.box(X + west, Y + south, X + west + wide, Y + south + deep)
    return gpd.GeoDataFrame({"height_m": np.full(len(shapes), 20.0)}, geometry=shapes, crs=CRS)


def outdoors(houses: gpd.GeoDataFrame, count: int, draw: np.random.Generator, margin: float) -> NDArray[Any]:
    """Return points between the buildings."""
    west, south, east, north = houses.total_bounds
    xy = draw.uniform((west + margin, south + margin), (east - margin, north - margin), (2 * count, 2))
    inside, _ = houses.sindex.query(shapely.points(xy), predicate="intersects")
    return np.delete(xy, np.unique(inside), axis=0)[:count]


def cameras(xy: NDArray[Any], **fields: Any) -> gpd.GeoDataFrame:
    """Return cameras as they are in a city, but for what is given."""
    usual = {"azimuth_deg": 0.0, "view_angle_deg": 79.0, "pixels_horizontal": 1920, "height_m": 6.0,
             "tilt_deg": 12.0, "online": True}  # fmt: skip
    at = gpd.GeoDataFrame(geometry=gpd.points_from_xy(*xy.T), crs=CRS)
    return at.assign(**{**usual, **fields})


def cgal(eye: NDArray[Any], shapes: NDArray[Any], tree: shapely.STRtree) -> shapely.Polygon:
    """Return what is seen from a point in a square arena of which the buildings are cut out."""
    x, y = eye.tolist()
    arena = shapely.box(x - 150, y - 150, x + 150, y + 150)
    free = arena.difference(shapely.union_all(shapes[tree.query(arena)]))
    part = next(one for one in shapely.get_parts(free) if one.contains(shapely.Point(x, y)))
    outer = shapely.orient_polygons(part)
    point = pyvispoly.Point
    with_holes = pyvispoly.PolygonWithHoles(
        [point(*at) for at in outer.exterior.coords[:-1]],
        [[point(*at) for at in hole.coords[:-1]] for hole in outer.interiors],
    )
    seen = pyvispoly.VisibilityPolygonCalculator(with_holes).compute_visibility_polygon(point(x, y))
    return shapely.Polygon([(at.x(), at.y()) for at in seen.boundary()])


def against_cgal(draw: np.random.Generator) -> None:
    """Print milliseconds a camera, the ratio and the difference of areas."""
    houses = town(TOWN, TOWN, draw)
    eyes = outdoors(houses, 2000, draw, 150.0)
    own = cameras(
        eyes, view_angle_deg=360.0, pixels_horizontal=100_000, height_m=1.6, tilt_deg=0.0, range_m=REACH_M
    )
    found = viewsheds(own, houses)
    ours = processor_seconds(lambda: viewsheds(own, houses)) / len(eyes)
    shapes = houses.geometry.to_numpy()
    tree = shapely.STRtree(shapes)
    theirs = processor_seconds(lambda: [cgal(eye, shapes, tree) for eye in eyes[:PEERS]], 1) / PEERS
    turn = np.radians(90 - np.arange(-180, 180, 1.0))
    rim = REACH_M * np.column_stack([np.cos(turn), np.sin(turn)])
    worst = 0.0
    for eye, shape in zip(eyes[:PEERS], found.geometry.iloc[:PEERS], strict=True):
        whole = cgal(eye, shapes, tree).intersection(shapely.Polygon(rim + eye)).area
        worst = max(worst, abs(shape.area - whole) / whole)
    print(f"{len(eyes)} cameras among 16 buildings a hectare, {REACH_M:.0f} m all round, processor time")
    print(f"ours    {ours * 1e3:7.3f} ms a camera")
    print(f"CGAL    {theirs * 1e3:7.3f} ms a camera")
    print(f"ratio   {theirs / ours:7.1f}   largest relative difference of areas {worst:.1e}")


def whole_city(count: int, draw: np.random.Generator) -> None:
    """Print time and memory of a city, and of one camera that is turned."""
    side = int(np.sqrt(count) * 2.2)
    houses = town(side, side, draw)
    eyes = outdoors(houses, count, draw, 20.0)
    own = cameras(eyes, azimuth_deg=draw.uniform(0, 360, len(eyes)))
    start, wall = time.process_time(), time.perf_counter()
    seen = viewsheds(own, houses)
    views = time.process_time() - start
    cells = np.unique(touched(seen.geometry.to_crs(4326).to_numpy(), RESOLUTION))
    covered = coverage(seen, cells, excluded=houses.geometry)
    whole = time.process_time() - start
    wall = time.perf_counter() - wall
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    print(f"{len(own)} cameras, {len(houses)} buildings, {len(covered)} cells of resolution {RESOLUTION}")
    print(f"views   {views:7.1f} s   with coverage {whole:.1f} s processor time, {wall:.1f} s in all")
    print(f"memory  {memory:7.2f} GiB at most")

    one = own.iloc[[0]]
    spot = one.geometry.iloc[0].buffer(300)
    around = houses.iloc[houses.sindex.query(spot, predicate="intersects")]

    def turned() -> None:
        view = viewsheds(one.assign(azimuth_deg=(one["azimuth_deg"] + 90) % 360), around)
        after = seen.copy()
        after.loc[one.index, "geometry"] = view.geometry
        update(
            covered, seen.iloc[[0]], after, list(one.index),
            resolution=RESOLUTION, excluded=around.geometry,
        )  # fmt: skip

    print(f"one     {processor_seconds(turned) * 1e3:7.1f} ms from a turned camera to its new cells")


def main() -> None:
    draw = np.random.default_rng(6)
    against_cgal(draw)
    whole_city(int(sys.argv[1]) if len(sys.argv) > 1 else 70_000, draw)


if __name__ == "__main__":
    main()
