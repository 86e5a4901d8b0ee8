"""Accidents on the road network: lixels, density along roads, hotspots, and stretches by an official rule."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from geo.crs import metric_crs
from geo.errors import BadInput
from geo.hotspots.background import dispersion, excess
from geo.hotspots.significance import benjamini_hochberg

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]

MOST_LIXELS = 1_000_000
#: Ends of roads that are nearer are one junction.
SAME_M = 0.5
#: Sources of one search over the network: their distances are held at once.
_TOGETHER = 128
NOWHERE = -1


@dataclass(frozen=True, slots=True)
class RoadNetwork:
    """Roads cut into lixels: short pieces of about one length.

    Attributes
    ----------
    lixels : GeoDataFrame
        One row a piece in a metric CRS: ``road`` (index label of its road), ``length_m``, ``geometry``.
    graph : csr_array
        Distances between middles of lixels (the first rows) and their ends.
    """

    lixels: gpd.GeoDataFrame
    graph: csr_array

    def distances(self, sources: ArrayLike, most_m: float) -> Iterator[tuple[int, Whole, Floats]]:
        """Yield each source with the lixels within a distance along roads, and how far they are."""
        wanted = np.asarray(sources, dtype=np.int64)
        for start in range(0, len(wanted), _TOGETHER):
            few = wanted[start : start + _TOGETHER]
            far = dijkstra(self.graph, directed=False, indices=few, limit=most_m)
            for row, source in zip(far, few.tolist(), strict=True):
                own = row[: len(self.lixels)]
                near = np.flatnonzero(np.isfinite(own))
                yield source, near, own[near]


def road_network(roads: gpd.GeoDataFrame, *, length_m: float = 50.0) -> RoadNetwork:
    """Cut roads into lixels that are joined where roads end at one place.

    Parameters
    ----------
    roads : GeoDataFrame
        Lines with a CRS, split at junctions; a crossing without a common end (a bridge) joins nothing.
    length_m : float
        Longest lixel; each road is cut into equal parts.

    Raises
    ------
    BadInput
        For roads without CRS, other than lines, a length that is not positive, or more lixels than fit.

    Notes
    -----
    Lixels: Xie and Yan 2008, Kernel density estimation of traffic accidents in a network space.

    Examples
    --------
    >>> lines = [shapely.LineString([(0, 0), (120, 0)]), shapely.LineString([(120, 0), (120, 40)])]
    >>> network = road_network(gpd.GeoDataFrame(geometry=lines, crs=32650))
    >>> network.lixels["length_m"].tolist()
    [40.0, 40.0, 40.0, 40.0]
    """
    if roads.crs is None:
        raise BadInput("the roads have no CRS")
    if not length_m > 0:
        raise BadInput(f"a lixel has a length, not {length_m}")
    metric = roads.geometry.to_crs(metric_crs(roads)) if len(roads) else roads.geometry
    single = metric.explode()
    lines = single.to_numpy()
    if (shapely.get_type_id(lines) != shapely.GeometryType.LINESTRING).any():
        raise BadInput("roads are lines")
    whole = shapely.length(lines)
    parts = np.maximum(np.ceil(whole / length_m - 1e-9), 1).astype(np.int64)
    if parts.sum() > MOST_LIXELS:
        raise BadInput(f"{parts.sum()} lixels are too many: take longer ones", most=MOST_LIXELS)
    of = np.repeat(np.arange(len(lines)), parts)
    place = np.arange(len(of)) - np.repeat(np.cumsum(parts) - parts, parts)
    step = (whole / parts)[of]
    pieces = [
        _between(line, start, end)
        for line, start, end in zip(lines[of], place * step, (place + 1) * step, strict=True)
    ]
    lixels = gpd.GeoDataFrame(
        {"road": single.index.to_numpy()[of], "length_m": step}, geometry=pieces, crs=single.crs
    )
    return RoadNetwork(lixels, _graph(lixels, place == 0, place == parts[of] - 1))


def _between(line: Any, start: float, end: float) -> Any:
    """Return the part of a line between two distances along it."""
    if start <= 0 and end >= line.length - 1e-9:
        return line
    points = shapely.get_coordinates(line)
    along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(points, axis=0).T))])
    inside = (along > start + 1e-9) & (along < end - 1e-9)
    ends = shapely.get_coordinates(shapely.line_interpolate_point(line, [start, end]))
    return shapely.LineString(np.vstack([ends[:1], points[inside], ends[1:]]))


def _graph(lixels: gpd.GeoDataFrame, first: NDArray[np.bool_], last: NDArray[np.bool_]) -> csr_array:
    """Join each lixel to the next of its road, and to others only where roads end at one place."""
    number = len(lixels)
    lines = lixels.geometry.to_numpy()
    ends = np.vstack(
        [shapely.get_coordinates(shapely.get_point(lines[own], at)) for own, at in ((first, 0), (last, -1))]
    )
    _, junction = np.unique(np.rint(ends / SAME_M).astype(np.int64), axis=0, return_inverse=True)
    junction = junction.ravel() + 2 * number
    begin, end = number + np.arange(number), number + np.arange(number) + 1
    begin[first], end[last] = junction[: first.sum()], junction[first.sum() :]
    half = np.tile(lixels["length_m"].to_numpy() / 2, 2)
    ways = pd.DataFrame(
        {"from": np.tile(np.arange(number), 2), "to": np.concatenate([begin, end]), "m": half}
    )
    ways = ways.drop_duplicates(["from", "to"])  # a ring of one lixel begins and ends at one place
    size = int(ways["to"].max()) + 1 if number else 0
    return csr_array((ways["m"], (ways["from"], ways["to"])), shape=(size, size))


def on_lixels(network: RoadNetwork, points: gpd.GeoDataFrame, *, most_m: float = 30.0) -> pd.Series:
    """Return the lixel that each event lies on: the nearest within a distance, else -1.

    Examples
    --------
    >>> roads = gpd.GeoDataFrame(geometry=[shapely.LineString([(0, 0), (100, 0)])], crs=32650)
    >>> events = gpd.GeoDataFrame(geometry=gpd.points_from_xy([80, 80], [5, 90]), crs=32650)
    >>> on_lixels(road_network(roads), events).tolist()
    [1, -1]
    """
    found = np.full(len(points), NOWHERE, dtype=np.int64)
    if len(points) and len(network.lixels):
        at = points.geometry.to_crs(network.lixels.crs).to_numpy()
        tree = shapely.STRtree(network.lixels.geometry.to_numpy())
        event, lixel = tree.query_nearest(at, max_distance=most_m, all_matches=False)
        found[event] = lixel
    return pd.Series(found, index=points.index, name="lixel")


def network_density(network: RoadNetwork, on: ArrayLike, *, bandwidth_m: float = 200.0) -> Floats:
    """Return events per kilometre of road by a kernel along the network, one value a lixel.

    Parameters
    ----------
    on : array_like of int
        Lixel of each event (`on_lixels`); -1 is left out.
    bandwidth_m : float
        Reach of the quartic kernel along roads.

    Notes
    -----
    Xie and Yan 2008, eq. 2: sum of k(d/r)/r over events. Every branch of a junction gets the whole kernel, so
    that densities there add up to more than the events (Okabe et al. 2009).

    Examples
    --------
    >>> roads = gpd.GeoDataFrame(geometry=[shapely.LineString([(0, 0), (1000, 0)])], crs=32650)
    >>> network = road_network(roads)
    >>> float((network_density(network, [10]) * network.lixels["length_m"] / 1000).sum().round(2))
    1.0
    """
    if not bandwidth_m > 0:
        raise BadInput(f"a bandwidth is positive, not {bandwidth_m}")
    counts = _counts(network, on)
    density = np.zeros(len(counts))
    for source, near, far in network.distances(np.flatnonzero(counts), bandwidth_m):
        density[near] += counts[source] * 15 / 16 * (1 - (far / bandwidth_m) ** 2) ** 2 / (bandwidth_m / 1000)
    return density


def road_hotspots(
    network: RoadNetwork,
    on: ArrayLike,
    classes: ArrayLike,
    *,
    radius_m: float = 150.0,
    q: float = 0.05,
) -> pd.DataFrame:
    """Test each lixel with what lies around it along roads, against what roads of its classes have.

    Parameters
    ----------
    on : array_like of int
        Lixel of each event; -1 is left out.
    classes : array_like, shape (lixels,)
        Class of the road of each lixel: expected are events by kilometre of its class.
    radius_m : float
        Along roads.
    q : float
        False discovery rate.

    Returns
    -------
    DataFrame
        One row a lixel: ``n``, ``around``, ``expected`` (around), ``z``, ``p``, ``hot``. A lixel without
        events around is not tested.

    Notes
    -----
    Negative binomial law with the dispersion of all neighbourhoods, Benjamini-Hochberg over all lixels.
    """
    counts = _counts(network, on)
    length = network.lixels["length_m"].to_numpy()
    kind = pd.Series(np.asarray(classes).astype(str))
    if len(kind) != len(counts):
        raise BadInput(f"{len(counts)} lixels and {len(kind)} classes", lixels=len(counts))
    sums = pd.DataFrame({"n": counts, "m": length}).groupby(kind.to_numpy()).sum()
    base = length * kind.map(sums["n"] / sums["m"]).to_numpy()
    around, expected = np.zeros(len(counts)), np.zeros(len(counts))
    for source, near, _ in network.distances(np.arange(len(counts)), radius_m):
        around[source], expected[source] = counts[near].sum(), base[near].sum()
    z, p = excess(around, expected, dispersion(around, expected))
    return pd.DataFrame(
        {
            "n": counts, "around": around, "expected": expected, "z": z, "p": p,
            "hot": benjamini_hochberg(p, q) & (z > 0),
        }
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Condition:
    """So many accidents, each of which killed at least so many, and hurt or killed at least so many."""

    events: int
    killed: int = 0
    hurt: int = 0


@dataclass(frozen=True, slots=True)
class AccidentRule:
    """When a stretch is prone to accidents.

    Attributes
    ----------
    length_m : float
        Of a stretch along roads.
    conditions : tuple of Condition
        One is enough.
    """

    length_m: float
    conditions: tuple[Condition, ...]


def prone_stretches(
    network: RoadNetwork, on: ArrayLike, killed: ArrayLike, injured: ArrayLike, rule: AccidentRule
) -> gpd.GeoDataFrame:
    """Return the stretches that an official rule names, those with most accidents first.

    Parameters
    ----------
    on : array_like of int, shape (n,)
        Lixel of each accident of the rule's period; -1 is left out.
    killed, injured : array_like of int, shape (n,)
    rule : AccidentRule

    Returns
    -------
    GeoDataFrame
        One row a stretch, no accident in two: ``events``, ``killed``, ``injured``, ``condition`` (which one
        of the rule), ``middle`` (lixel), ``members`` (list of positions in ``on``), ``geometry`` (its lixels
        from the middle as far as the farthest accident).

    Notes
    -----
    A stretch is what lies within half the length of its middle, along roads: at a junction on all branches.
    """
    lixel = np.asarray(on, dtype=np.int64)
    dead, hurt = np.asarray(killed, dtype=np.float64), np.asarray(injured, dtype=np.float64)
    meets = [
        (dead >= one.killed) & (np.nan_to_num(hurt) + np.nan_to_num(dead) >= one.hurt)
        for one in rule.conditions
    ]
    half = rule.length_m / 2
    middles = np.unique(lixel[lixel >= 0])
    around = {source: (near, far) for source, near, far in network.distances(middles, half)}
    away = _away(middles, around, lixel)
    member = away.copy()
    member.data = np.ones(len(member.data))
    free = lixel >= 0
    rows: list[dict[str, Any]] = []
    while free.any():
        reached = np.column_stack([member @ (free & one) for one in meets])
        met = reached >= [one.events for one in rule.conditions]
        if not met.any():
            break
        # most accidents; of equal ones the first condition, then the middle that is nearest to its accidents
        order = np.lexsort((away @ free, met.argmax(axis=1), -(member @ free), ~met.any(axis=1)))
        best = int(order[0])
        middle = int(middles[best])
        near, far = around[middle]
        inside = free & np.isin(lixel, near)
        reach = far[np.isin(near, lixel[inside])].max()
        shape = shapely.union_all(network.lixels.geometry.to_numpy()[near[far <= reach + 1e-9]])
        rows.append(
            {
                "events": int(inside.sum()),
                "killed": int(np.nansum(dead[inside])),
                "injured": int(np.nansum(hurt[inside])),
                "condition": int(met[best].argmax()),
                "middle": middle,
                "members": np.flatnonzero(inside).tolist(),
                "geometry": shapely.line_merge(shape),
            }
        )
        free &= ~inside
    columns = ["events", "killed", "injured", "condition", "middle", "members", "geometry"]
    return gpd.GeoDataFrame(rows, columns=columns, geometry="geometry", crs=network.lixels.crs)


def _away(middles: Whole, around: dict[int, tuple[Whole, Floats]], lixel: Whole) -> csr_array:
    """Return how far accidents within reach are from middles, along roads (a little above 0)."""
    order = np.argsort(lixel, kind="stable")
    rows: list[Whole] = []
    columns: list[Whole] = []
    values: list[Floats] = []
    for row, middle in enumerate(middles.tolist()):
        near, far = around[middle]
        low, high = (np.searchsorted(lixel[order], near, side=side) for side in ("left", "right"))
        several = high - low
        place = np.repeat(low - np.cumsum(several) + several, several) + np.arange(several.sum())
        rows.append(np.full(int(several.sum()), row))
        columns.append(order[place])
        values.append(np.repeat(far, several) + 1e-9)
    size = (len(middles), len(lixel))
    if not rows:
        return csr_array(size)
    return csr_array((np.concatenate(values), (np.concatenate(rows), np.concatenate(columns))), shape=size)


def _counts(network: RoadNetwork, on: ArrayLike) -> Floats:
    lixel = np.asarray(on, dtype=np.int64)
    return np.bincount(lixel[lixel >= 0], minlength=len(network.lixels)).astype(np.float64)
