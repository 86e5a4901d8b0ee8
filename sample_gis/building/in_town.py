"""Buildings of towns, laid out by the use of their block."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache, partial
from typing import TYPE_CHECKING

import numpy as np
from shapely import Point, Polygon, STRtree

from sample_gis.building.school import school_in_block
from sample_gis.building.standing import Building, Rows, along_streets, behind, facing_south, in_rows
from sample_gis.shapes.drawing import Weighted
from sample_gis.shapes.polygons import box_of, cut, rectangle

if TYPE_CHECKING:
    from sample_gis.city import City

#: Estates by storeys: depth, range of length, gap, and distance between rows as a share of the height.
#: The winter sun at 31.8 degrees north asks about 1.1 to 1.25 heights of slabs and less of narrow towers.
ESTATES = {
    6: (12.5, (38, 62), 8.0, 1.16),
    11: (13.5, (34, 52), 12.0, 0.98),
    18: (15.0, (26, 38), 22.0, 0.86),
    26: (16.0, (28, 34), 30.0, 0.72),
}


@cache
def _weighted(values: tuple[int, ...], shares: tuple[float, ...]) -> Weighted[int]:
    return Weighted(values, shares)


class TownBuilder:
    """Lays out the blocks of all towns; holds what the layouts share."""

    def __init__(self, city: City) -> None:
        self.city = city
        self.random = city.random("buildings in towns")
        in_towns = city.roads[city.roads["town"] != ""]
        self._streets = STRtree(in_towns.geometry.to_numpy())
        self._classes = in_towns["class"].to_numpy()
        self.buildings: list[Building] = []
        self.tracks: list[Polygon] = []

    def uniform(self, low: float, high: float) -> Callable[[], float]:
        """Return a draw between two lengths."""
        return lambda: float(self.random.uniform(low, high))

    def choice(self, values: list[int], shares: list[float]) -> int:
        """Draw one of some whole numbers."""
        return _weighted(tuple(values), tuple(shares)).draw(self.random)

    def fronts(self, lowest: int) -> Callable[[np.ndarray], bool]:
        """Return the test for a street of class ``lowest`` or higher near a point."""

        def near(at: np.ndarray) -> bool:
            found = self._streets.query(Point(at), predicate="dwithin", distance=16.0)
            return bool(len(found)) and int(self._classes[found].min()) <= lowest

        return near

    def _rows(self, block: Polygon, angle: float, rows: Rows) -> list[Polygon]:
        return in_rows(block, angle, rows, self.random)

    def _front(
        self, block: Polygon, lowest: int, depth: float, long: tuple[float, float], gap: float, **more: float
    ) -> list[Polygon]:
        return along_streets(
            block, self.fronts(lowest), depth, self.uniform(*long), gap, random=self.random, **more
        )

    def _add(
        self,
        shapes: list[Polygon],
        use: str,
        floors: int | Callable[[], int],
        storey_m: float,
        built: int,
        *,
        block: int,
    ) -> None:
        for shape in shapes:
            count = floors() if callable(floors) else floors
            self.buildings.append(Building(shape, use, count, storey_m, built, block))

    def core(self, number: int, block: Polygon, angle: float, year: int) -> None:
        """Shop-houses along every street, small houses behind."""
        front = self._front(block, 4, self.random.uniform(11, 14), (9, 26), 3.5)
        self._add(
            front, "shop", lambda: self.choice([2, 3, 4, 5], [0.2, 0.55, 0.2, 0.05]), 3.3, year, block=number
        )
        inner = behind(block.buffer(-3), front, 5)
        if inner.area > 400:
            depth, pitch, gap = (
                self.random.uniform(9, 11.5),
                self.random.uniform(15, 19),
                self.random.uniform(2, 5),
            )
            rows = Rows(
                depth,
                pitch,
                gap,
                self.uniform(10, 32),
                jitter=0.8,
                missing=0.14,
                first=self.random.uniform(0, 3),
            )
            houses = self._rows(inner, angle + self.random.normal(0, 0.05), rows)
            self._add(
                houses,
                "house",
                lambda: self.choice([1, 2, 3, 4], [0.15, 0.45, 0.3, 0.1]),
                3.2,
                year - 6,
                block=number,
            )

    def self_built(self, number: int, block: Polygon, angle: float, year: int) -> None:
        """Rows that families built themselves, shops on wider streets."""
        front = self._front(block, 2, 12.0, (12, 36), 4.0)
        self._add(front, "shop", lambda: self.choice([3, 4, 5], [0.5, 0.35, 0.15]), 3.3, year, block=number)
        inner = behind(block.buffer(-2.5), front, 6)
        if inner.area > 400:
            rows = Rows(
                11.5,
                self.random.uniform(19, 23),
                4.5,
                self.uniform(24, 58),
                jitter=0.3,
                missing=0.04,
                first=self.random.uniform(0, 3),
            )
            self._add(
                self._rows(inner, angle, rows),
                "house",
                lambda: self.choice([2, 3, 4], [0.3, 0.55, 0.15]),
                3.2,
                year,
                block=number,
            )

    def estate(self, number: int, block: Polygon, angle: float, year: int) -> None:
        """Slabs or towers in rows, a strip of shops on streets of secondary class or above."""
        first = self.city.blocks["town"].iloc[number] == self.city.towns.index[0]
        kind = self.choice([6, 11, 18, 26], [0.66, 0.13, 0.17, 0.04] if first else [0.9, 0.1, 0.0, 0.0])
        front = self._front(block, 2, 11.0, (30, 62), 5.0, set_back=2.0, missing=0.08)
        self._add(front, "shop", 2, 3.9, year, block=number)
        inner = behind(block.buffer(-5), front, 7)
        floors = kind if kind > 6 else self.choice([5, 6, 7], [0.25, 0.5, 0.25])
        depth, long, gap, sun = ESTATES[kind]
        rows = Rows(depth, depth + sun * floors * 2.95, gap, self.uniform(*long), missing=0.03)
        if inner.area > 800:
            # High blocks came to the county after 2012.
            self._add(
                self._rows(inner, angle, rows),
                "apartment",
                floors,
                2.95,
                max(year, 2012) if kind > 6 else year,
                block=number,
            )

    def industry(self, number: int, block: Polygon, angle: float, year: int) -> None:
        """Sheds on plots along the plot's own axis, an office in front of some."""
        del angle
        plots, waiting = [], [block]
        wanted = self.choice([14000, 22000, 38000], [1 / 3, 1 / 3, 1 / 3])
        while waiting:
            plot = waiting.pop()
            if plot.area > wanted * math.exp(self.random.normal(0.2, 0.25)):
                parts = cut(plot, self.random, off_centre=0.1, tilt=1, bow=0)
                if parts is not None:
                    waiting += parts[0]
                    continue
            plots.append(plot)
        for plot in plots:
            yard = plot.buffer(-6, join_style="mitre")
            if yard.area < 1500 or not isinstance(yard, Polygon):
                continue
            box = box_of(yard)
            depth = min(self.choice([24, 30, 36], [0.25, 0.4, 0.35]), box.short * 0.85)
            rows = Rows(
                depth,
                depth + self.random.uniform(10, 14),
                11.0,
                self.uniform(60, 125),
                missing=0.04,
                first=self.random.uniform(0, 2),
            )
            sheds = self._rows(yard, box.angle, rows)
            self._add(sheds, "factory", 1, self.random.uniform(8, 11), max(year, 2006), block=number)
            if len(sheds) > 2 and self.random.random() < 0.7:
                at = sheds[-1].centroid
                office = rectangle(at.x, at.y, min(46, box.long * 0.4), 14, box.angle)
                if sheds[-1].buffer(4).contains(office) and yard.contains(office):
                    self.buildings[-1] = Building(
                        office, "office", int(self.random.integers(3, 6)), 3.4, max(year, 2006), number
                    )

    def school(self, number: int, block: Polygon, angle: float, year: int) -> None:
        """Teaching rows beside a track whose axis runs north-south."""
        track, rest = school_in_block(block, angle, self.random)
        if track is not None:
            self.tracks.append(track)
        rows = Rows(11.0, 34.0, 14.0, self.uniform(48, 74), missing=0.1)
        halls = self._rows(rest, angle, rows) or self._rows(
            rest, angle, Rows(10.0, 26.0, 8.0, self.uniform(24, 46))
        )
        self._add(halls, "school", lambda: int(self.random.integers(3, 6)), 3.7, year, block=number)

    def civic(self, number: int, block: Polygon, angle: float, year: int) -> None:
        """Offices in generous rows."""
        rows = Rows(15.0, 36.0, 12.0, self.uniform(26, 54), missing=0.05, first=self.random.uniform(0, 3))
        floors = partial(self.choice, [4, 5, 6, 8, 12], [0.3, 0.3, 0.2, 0.15, 0.05])
        self._add(self._rows(block.buffer(-7), angle, rows), "civic", floors, 3.6, year, block=number)

    def mixed(self, number: int, block: Polygon, angle: float, year: int) -> None:
        """Shops all around, larger commercial buildings inside."""
        front = self._front(block, 4, 16.0, (28, 60), 6.0, set_back=3.0)
        self._add(front, "shop", lambda: self.choice([2, 3, 4, 5], [0.25] * 4), 4.0, year, block=number)
        inner = behind(block.buffer(-5), front, 9)
        if inner.area > 1500:
            rows = Rows(22.0, 58.0, 16.0, self.uniform(34, 60), missing=0.1, first=self.random.uniform(0, 3))
            floors = partial(self.choice, [3, 4, 6, 12, 18], [0.35, 0.25, 0.2, 0.12, 0.08])
            self._add(self._rows(inner, angle, rows), "commercial", floors, 3.8, year, block=number)


def town_buildings(city: City) -> tuple[list[Building], list[Polygon]]:
    """Return the buildings of all towns, and the sports tracks of their schools."""
    builder = TownBuilder(city)
    blocks = city.blocks
    for number, (block, use, away) in enumerate(
        zip(blocks.geometry, blocks["use"], blocks["centrality"], strict=True)
    ):
        if use in ("park", "farm"):
            continue
        year = int(np.clip(builder.random.normal(2012 - 9 * (away < 0.35), 6), 1978, city.as_of.year))
        layout: Callable[[int, Polygon, float, int], None] = getattr(builder, use)
        layout(number, block, facing_south(block), year)
    return builder.buildings, builder.tracks
