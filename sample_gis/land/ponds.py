"""Reservoirs behind dams in the hills, and ponds hung on small valleys like melons on a vine."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import geopandas as gpd
import numpy as np
import shapely
from scipy import ndimage

from sample_gis.land.streams import CANAL_WIDTH
from sample_gis.shapes.darts import spread
from sample_gis.shapes.lines import chaikin
from sample_gis.shapes.raster import Grid

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

    from sample_gis.city import City

DAM_HEIGHT = 9.0
LONGEST_DAM = 420.0
MOST_RESERVOIRS = 9
MOST_PONDS = 2600
_FINER = 3
_ROUND = np.linspace(0, 2 * np.pi, 26)[:-1]


def _flooded(city: City, dam: int) -> shapely.Polygon | None:
    """Return the lake that a dam at a cell holds, or None where it would be too small or too large."""
    terrain, grid = city.terrain, city.grid
    row, column = divmod(dam, grid.columns)
    reach = 26
    top, left = max(row - reach, 0), max(column - reach, 0)
    part = terrain.height_m[top : row + reach, left : column + reach]
    fine = np.round(ndimage.zoom(part, _FINER, order=1, grid_mode=True, mode="nearest"), 3)
    local = Grid(grid.west + left * grid.step, grid.north - top * grid.step, grid.step / _FINER, *fine.shape)
    at = grid.points([dam])[0]
    down = dam
    for _ in range(3):
        down = int(terrain.receiver[down]) if terrain.receiver[down] >= 0 else down
    valley = grid.points([down])[0] - at
    length = float(np.hypot(*valley))
    if length < 1:
        return None
    valley /= length
    x, y = local.centres
    below_dam = (x - at[0]) * valley[0] + (y - at[1]) * valley[1]
    upstream = below_dam < 0
    labels, _ = ndimage.label((fine < terrain.height_m[row, column] + DAM_HEIGHT) & upstream)
    own = labels.ravel()[local.cell(*(at - valley * 90))]
    area = float((labels == own).sum()) * local.step**2
    # A lake that needs a longer dam has spilled over the side of its valley.
    dam_length = float(((labels == own) & (below_dam > -local.step)).sum()) * local.step
    if own == 0 or not 6e4 < area < 7e5 or dam_length > LONGEST_DAM:
        return None
    outline = max(
        (patch for value, patch in local.outlines(labels == own) if value == 1), key=lambda p: p.area
    )
    smooth = outline.buffer(25).buffer(-25).simplify(14)
    if not isinstance(smooth, shapely.Polygon) or smooth.is_empty:
        return None
    lake = shapely.Polygon(chaikin(shapely.get_coordinates(smooth.exterior), 2))
    return shapely.set_precision(lake.buffer(0), 0.01)


def _reservoirs(city: City) -> list[shapely.Polygon]:
    terrain, grid = city.terrain, city.grid
    area = terrain.catchment_m2
    suits = (area > 1.2e6) & (area < 9e6) & (terrain.slope.ravel() > 0.02)
    suits &= (terrain.hilliness.ravel() > 0.25) & grid.burn([city.outline], touched=False).ravel()
    cells = np.flatnonzero(suits)
    wanted = -area[cells] * (1 + city.noise.uniform(cells, 0, salt=7))
    lakes: list[shapely.Polygon] = []
    dams: list[NDArray[np.float64]] = []
    for dam in cells[np.argsort(np.round(wanted, 2), kind="stable")]:
        at = grid.points([dam])[0]
        if any(np.hypot(*(at - other)) < 3200 for other in dams):
            continue
        lake = _flooded(city, int(dam))
        if lake is not None:
            lakes.append(lake)
            dams.append(at)
            if len(lakes) >= MOST_RESERVOIRS:
                break
    return lakes


class Pond(NamedTuple):
    """A pond before its banks have slumped."""

    ring: NDArray[np.float64]
    wide: float


def slumped(ponds: Sequence[Pond]) -> list[shapely.Polygon]:
    """Return the outlines of ponds; banks slump: no pond keeps a sharp corner."""
    if not ponds:
        return []
    rings = np.array([one.ring for one in ponds])
    bank = 0.3 * np.array([one.wide for one in ponds])
    inner = shapely.buffer(shapely.polygons(rings), -bank, quad_segs=16)
    return list(shapely.set_precision(shapely.buffer(inner, bank, quad_segs=4), 0.01))


def pond(
    city: City, key: int, centre: ArrayLike, *, long: float, wide: float, angle: float, dam: bool
) -> Pond:
    """Return one pond.

    Parameters
    ----------
    key : int
        Chooses the shape.
    long, wide : float
        Half axes, metres.
    angle : float
        Direction of the long axis, radians; a dam stands across its far end where ``dam``.
    """
    rough = 1 + 0.22 * city.noise.gradient(np.cos(_ROUND) * 1.3 + key % 1009, np.sin(_ROUND) * 1.3, salt=8)
    rough += 0.1 * city.noise.gradient(np.cos(_ROUND) * 3 + key % 773, np.sin(_ROUND) * 3, salt=9)
    x, y = np.cos(_ROUND) * rough * long, np.sin(_ROUND) * rough * wide
    if dam:
        x = np.minimum(x, long * 0.55)
    turned = np.column_stack([x * np.cos(angle) - y * np.sin(angle), x * np.sin(angle) + y * np.cos(angle)])
    ring = turned + np.asarray(centre, dtype=float)
    return Pond(chaikin(np.vstack([ring, ring[:1]])), wide)


def _valley_ponds(city: City) -> list[shapely.Polygon]:
    """Return ponds with a straight dam at their lower end, in valleys of 4 to 60 hectares."""
    terrain, grid, noise = city.terrain, city.grid, city.noise
    area = terrain.catchment_m2
    suits = (area > 4e4) & (area < 6e5) & (terrain.slope.ravel() < 0.05) & (terrain.receiver >= 0)
    suits &= grid.burn([city.outline], touched=False).ravel() & (terrain.river_distance_m.ravel() > 500)
    cells = np.flatnonzero(suits)
    cells = cells[np.argsort(noise.uniform(cells, 3, salt=9), kind="stable")]
    apart = 230 + 260 * noise.uniform(cells, cells, salt=2)
    cells = cells[spread(grid.points(cells), apart, most=MOST_PONDS)]
    aside = np.column_stack([noise.uniform(cells, k, salt=4) - 0.5 for k in (1, 2)]) * 40
    places = grid.points(cells) + aside
    below = np.where(
        terrain.receiver[terrain.receiver[cells]] >= 0,
        terrain.receiver[terrain.receiver[cells]],
        terrain.receiver[cells],
    )
    valley = grid.points(below) - grid.points(cells)
    random = city.random("valley ponds")
    size = np.minimum(np.exp(2.75 + 0.55 * random.standard_normal(len(cells))) * 1.35, 75)
    flat = random.uniform(0.62, 1.18, len(cells))
    along = np.arctan2(valley[:, 1], valley[:, 0])
    return slumped(
        [
            pond(city, int(cell), place, long=long, wide=long * wide, angle=angle, dam=True)
            for cell, place, angle, long, wide in zip(cells, places, along, size, flat, strict=True)
        ]
    )


def clear_ponds(city: City, ponds: list[shapely.Polygon]) -> list[shapely.Polygon]:
    """Leave out ponds that are slivers, overlap one before them, or lie in the river, a canal or a lake."""
    shapes = np.array([one for one in ponds if one.geom_type == "Polygon" and one.area > 150], dtype=object)
    water = [city.river, city.canal.buffer(CANAL_WIDTH / 2 + 4)]
    water += [
        line.buffer(wide / 2 + 2)
        for line, wide in zip(city.streams.geometry, city.streams["width_m"], strict=True)
        if wide > 5
    ]
    if hasattr(city, "reservoirs"):
        water += list(city.reservoirs.geometry)
    wet = np.zeros(len(shapes), dtype=bool)
    wet[shapely.STRtree(water).query(shapes, predicate="intersects")[0]] = True
    first, second = shapely.STRtree(shapes).query(shapes, predicate="dwithin", distance=12.0)
    for a, b in sorted(zip(first.tolist(), second.tolist(), strict=True)):
        if a < b and not wet[a]:
            wet[b] = True
    return list(shapes[~wet])


def make(city: City) -> None:
    """Set the reservoirs and the ponds of small valleys; villages add theirs later."""
    city.reservoirs = gpd.GeoDataFrame(geometry=_reservoirs(city), crs=city.crs)
    city.ponds = gpd.GeoDataFrame(geometry=clear_ponds(city, _valley_ponds(city)), crs=city.crs)
