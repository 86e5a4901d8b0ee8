"""Traffic signals where main streets meet: poles of kind ``signal`` in the layer ``poles``.

They stand where junction cameras look from, so a camera of such a leg hangs on the signal's pole.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sample_gis.devices import poles
from sample_gis.devices.clock import days_of
from sample_gis.devices.junctions import corners, legs_of
from sample_gis.devices.places import Ground, spread_out
from sample_gis.finishing import numbered, where_known

if TYPE_CHECKING:
    from sample_gis.city import City

#: Main streets and larger: classes 0 and 1.
_MAIN = 1
#: Two junctions nearer than this share their signals.
_APART_M = 60.0


def make(city: City) -> None:
    """Add a signal for each leg of every junction in town where main streets meet; reads roads and towns."""
    ground = Ground(city)
    legs = legs_of(city)
    main = np.bincount(legs.node, weights=legs.rank <= _MAIN)
    # A main street that merely goes on has two legs; where it meets another there are three or four.
    nodes = np.flatnonzero(main >= 3)
    at = legs.at[legs.begin[nodes]]
    nodes, at = nodes[ground.urban(at)], at[ground.urban(at)]
    order = np.lexsort([nodes, -main[nodes]])
    nodes = np.sort(nodes[spread_out(at, order, _APART_M, len(at), fill=False)])
    rows = np.array([row for node in nodes.tolist() for row in legs.of(node)], dtype=np.int64)
    xy = corners(city, legs, rows)
    clear = ground.free(xy)
    rows, xy = rows[clear], xy[clear]
    random = city.random("signals")
    # Controllers of a junction are renewed together.
    year = random.integers(2009, 2021, len(nodes))[np.searchsorted(nodes, legs.node[rows])]
    count = len(rows)
    everywhere = np.ones(count, dtype=bool)
    poles.add(
        city,
        poles.frame(
            city,
            code=numbered("XH", count),
            kind=where_known(everywhere, "signal"),
            modules=[[] for _ in range(count)],
            xy=xy,
            road_code=city.roads["code"].to_numpy(dtype=object)[legs.road[rows]],
            height_m=np.full(count, 6.8),
            owner="公安交警（样例）",
            power=where_known(everywhere, "mains"),
            backhaul=where_known(everywhere, "fibre"),
            installed_on=days_of(city, year, random),
        ),
    )
