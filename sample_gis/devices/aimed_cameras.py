"""Cameras put up for one gate, shop front or checkpoint, each where it sees its key place well enough."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from sample_gis.devices.places import Ground, Points
from sample_gis.planted.sight import reach_m

if TYPE_CHECKING:
    from sample_gis.city import City

#: Classes of key places that one camera can watch, and the group of cameras that it belongs to.
GROUPS = {
    "police_checkpoint": "checkpoint", "county_entrance": "checkpoint", "school": "school",
    "hospital": "office", "estate_gate": "gate", "complex_venue": "shop", "special_trade": "shop",
}  # fmt: skip
#: So many of a hundred key places have no camera of their own yet.
_WITHOUT = 0.05
#: Pixels and lenses, the cheapest first.
_PIXELS, _LENSES = (1920, 2560, 3840), (79.0, 52.0, 39.0, 25.0)
#: Nearer than so the target sinks under the picture.
_NEAREST_M = 7.0
_DIRECTIONS = 24


class Aimed(NamedTuple):
    """Where one camera stands, and at what it looks with which lens."""

    group: str
    name: str
    xy: tuple[float, float]
    target: tuple[float, float]
    view_deg: float
    pixels: int


def aimed(city: City, ground: Ground, random: np.random.Generator) -> Iterator[Aimed]:
    """Yield a camera for each key place that one can watch; some have none, or no clear spot around them.

    Parameters
    ----------
    city : City
        With the layer ``key_places``; none are yielded without.
    """
    if "key_places" not in city.layers:
        return
    places = city.layers["key_places"]
    places = places[places["class"].isin(list(GROUPS)).to_numpy(dtype=bool)]
    houses = shapely.STRtree(city.buildings.geometry.to_numpy())
    chance = random.random(len(places))
    order = [row for kind in GROUPS for row in np.flatnonzero(places["class"].to_numpy() == kind).tolist()]
    for row in order:
        place = places.iloc[row]
        centre = np.round(shapely.get_coordinates(shapely.centroid(place["target_geometry"]))[0], 2)
        radius = float(shapely.minimum_bounding_radius(place["target_geometry"]))
        if chance[row] < _WITHOUT:
            continue
        found = _spot(centre, radius, str(place["required_task"]), ground, houses)
        if found is not None:
            spot, view, pixels = found
            x, y = spot.tolist()
            east, north = centre.tolist()
            group = GROUPS[place["class"]]
            yield Aimed(group, str(place["name"]), (x, y), (east, north), view, pixels)


def _spot(
    centre: NDArray[np.float64], radius: float, task: str, ground: Ground, houses: shapely.STRtree
) -> tuple[NDArray[np.float64], float, int] | None:
    """Return a clear spot, lens and pixels with which the whole target is in view at its task."""
    angles = np.linspace(0, 2 * np.pi, _DIRECTIONS, endpoint=False)
    around = np.column_stack([np.cos(angles), np.sin(angles)])
    for pixels in _PIXELS:
        for view in _LENSES:
            nearest = max(_NEAREST_M, 1.1 * radius / float(np.sin(np.radians(view / 2))))
            farthest = 0.95 * float(reach_m(pixels, view, task)) - radius
            if nearest > farthest:
                continue
            for away in (nearest, (nearest + farthest) / 2):
                spots = np.round(centre + around * away, 2)
                clear = _unhindered(spots, centre, ground, houses)
                if clear.any():
                    return spots[int(np.argmax(clear))], view, pixels
    return None


def _unhindered(
    spots: Points, centre: NDArray[np.float64], ground: Ground, houses: shapely.STRtree
) -> NDArray[np.bool_]:
    """Return which spots are free, with no building on the line to the edge of the target's middle."""
    lines: Any = shapely.linestrings(np.stack([spots, np.broadcast_to(centre, spots.shape)], axis=1))
    # Shop fronts: the middle itself may lie inside the shop.
    toward = shapely.line_interpolate_point(lines, np.maximum(shapely.length(lines) - 5.0, 1.0))
    lines = shapely.linestrings(np.stack([spots, shapely.get_coordinates(toward)], axis=1))
    clear = ground.free(spots)
    clear[houses.query(lines, predicate="intersects")[0]] = False
    return clear
