"""Radio prediction: the compiled loop over pairs, a city in one go, one changed sector; against itmlogic.

Run: ``python bench/radio.py``. itmlogic, where it is installed, computes single links of like length by the
Longley-Rice model in pure Python: the peer that anyone can install, though it does more for each link.
"""

from __future__ import annotations

import importlib.util
import time
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from bench.timing import processor_seconds, seconds
from geo.cells import index
from geo.radio import Settings, Surface, path_loss, predict, repredict, samples_of
from geo.radio.kernel import NO_GROUND, ground_of, on_all_cores, sort_points, strongest
from geo.radio.sectors import prepare

CRS, EAST, NORTH, SIDE = 4548, 400_000.0, 3_500_000.0, 40_000.0
CUTOFF = 3000.0


def a_city(sites: int, side: float, seed: int = 1) -> gpd.GeoDataFrame:
    """Return three sectors a site, scattered over a square."""
    draw = np.random.default_rng(seed)
    site = np.repeat(np.arange(sites), 3)
    x, y = EAST + draw.uniform(0, side, sites), NORTH + draw.uniform(0, side, sites)
    return gpd.GeoDataFrame(
        {
            "azimuth_deg": np.tile([0.0, 120.0, 240.0], sites),
            "mechanical_tilt_deg": draw.integers(0, 5, len(site)).astype(float),
            "electrical_tilt_deg": draw.integers(2, 8, len(site)).astype(float),
            "height_m": draw.choice([20.0, 25.0, 30.0, 35.0, 40.0], sites)[site],
            "frequency_mhz": 3450.0,
            "bandwidth_mhz": 100.0,
            "power_dbm": 53.0,
            "pattern": "8x8",
        },
        geometry=gpd.points_from_xy(x[site], y[site]),
        crs=CRS,
    )


def pairs_in(points: Any, sectors: Any) -> int:
    """Count the pairs within the cut-off."""
    from scipy.spatial import cKDTree  # noqa: PLC0415 - only to count

    tree = cKDTree(np.column_stack([sectors.x, sectors.y]))
    at = np.random.default_rng(2).choice(len(points.x), 20_000, replace=False)
    found = tree.query_ball_point(np.column_stack([points.x[at], points.y[at]]), CUTOFF, return_length=True)
    return int(found.mean() * len(points.x))


def houses(count: int, side: float, seed: int = 4) -> gpd.GeoDataFrame:
    """Return houses in clusters as dense as villages, over a square."""
    draw = np.random.default_rng(seed)
    village = draw.uniform(0, side, (count // 100, 2))
    middle = village[draw.integers(0, len(village), count)] + draw.normal(0, 150, (count, 2))
    half = draw.uniform(4, 12, (count, 2))
    low, high = middle - half, middle + half
    boxes = shapely.box(EAST + low[:, 0], NORTH + low[:, 1], EAST + high[:, 0], NORTH + high[:, 1])
    return gpd.GeoDataFrame({"height_m": draw.uniform(3, 25, count)}, geometry=boxes, crs=CRS)


def _lines_in_shapely(stand: gpd.GeoDataFrame, x: Any, y: Any) -> Any:
    """Test lines to masts 2 km off with an index and intersections: the way without a loop of one's own."""
    tree, shapes = stand.sindex, stand.geometry.to_numpy()
    heights = stand["height_m"].to_numpy()
    to = np.column_stack([x + 1400.0, y + 1400.0])
    lines = shapely.linestrings(np.stack([np.column_stack([x, y]), to], axis=1))
    line, house = tree.query(lines, predicate="intersects")
    crossed = shapely.intersection(lines[line], shapes[house])
    away = shapely.distance(crossed, shapely.points(x, y)[line])
    return np.unique(line[heights[house] > 1.5 + (30.0 - 1.5) * away / 1980.0])


def main() -> None:
    chosen = Settings(cutoff_m=CUTOFF)
    city = a_city(1000, SIDE)
    draw = np.random.default_rng(3)
    x, y = EAST + draw.uniform(0, SIDE, 1_000_000), NORTH + draw.uniform(0, SIDE, 1_000_000)
    prepared = prepare(city, model="uma", settings=chosen)
    level = np.zeros(len(x))

    def whole() -> tuple[Any, list[Any]]:
        made = prepare(city, model="uma", settings=chosen)
        points = sort_points(x, y, level, made.sectors, CUTOFF)
        common = (made.sectors, made.tables, NO_GROUND, CUTOFF**2, 1.5)
        return points, on_all_cores(strongest, points, *common)

    points, _ = whole()
    pairs = pairs_in(points, prepared.sectors)
    common = (prepared.sectors, prepared.tables, NO_GROUND, CUTOFF**2, 1.5)
    loop = seconds(lambda: on_all_cores(strongest, points, *common))
    everything = seconds(whole)
    print(f"1,000,000 points x 3,000 sectors within {CUTOFF:g} m: {pairs / 1e6:.1f} M pairs")
    print(f"loop            {loop:7.2f} s  {pairs / loop / 1e6:7.1f} M pairs/s")
    busy = processor_seconds(lambda: on_all_cores(strongest, points, *common))
    print(f"                in processor time {2 * pairs / busy / 1e6:7.1f} M pairs/s on two cores")
    print(f"tables and all  {everything:7.2f} s")

    stand = houses(200_000, SIDE)
    surface = Surface(stand)
    past = (prepared.sectors, prepared.tables, ground_of(surface, None), CUTOFF**2, 1.5)
    walked = seconds(lambda: on_all_cores(strongest, points, *past))
    # Three sectors of a mast share their line.
    lines = pairs / 3 / (walked - loop)
    print(
        f"past {len(stand)} buildings: {walked:7.2f} s  {pairs / walked / 1e6:7.1f} M pairs/s, "
        f"{lines / 1e6:.1f} M lines of sight a second"
    )
    theirs = 2000 / seconds(lambda: _lines_in_shapely(stand, x[:2000], y[:2000]))
    print(f"shapely, lines of 2 km: {theirs:,.0f} a second; ratio {lines / theirs:,.0f}")

    formula = seconds(
        lambda: path_loss(
            "uma", draw.uniform(10, CUTOFF, 1_000_000), 3.45, base_height_m=25, line_of_sight=False
        )
    )
    print(f"loss by formula, numpy: {1 / formula:5.1f} M pairs/s; ratio {pairs / loop / 1e6 * formula:.1f}")

    big = a_city(2167, 60_000.0)  # 6,501 sectors; the sites of a city of 6,500 stand as dense below
    dense = pd.concat([big, a_city(4333, 60_000.0, seed=5)], ignore_index=True)
    at = np.column_stack([draw.uniform(0, 60_000, 400_000) + EAST, draw.uniform(0, 60_000, 400_000) + NORTH])
    degrees = gpd.GeoSeries(gpd.points_from_xy(*at.T), crs=CRS).to_crs(4326)
    cells = np.unique(index(degrees.x.to_numpy(), degrees.y.to_numpy(), 9))
    grid = samples_of(cells, CRS)
    start = time.perf_counter()
    before = predict(dense, cells, points=grid, settings=chosen)
    print(
        f"city of 6,500 sites, 19,500 sectors, {len(cells)} cells of resolution 9, 7 points each: "
        f"{time.perf_counter() - start:.1f} s with probabilities"
    )
    dense.loc[100, "azimuth_deg"] += 30
    one = dense.geometry.iloc[[100]]
    change = seconds(lambda: repredict(before, dense, one, grid, settings=chosen))
    busy = processor_seconds(lambda: repredict(before, dense, one, grid, settings=chosen))
    touched = repredict(before, dense, one, grid, settings=chosen).attrs["touched"]
    print(
        f"one sector changed: {change * 1e3:.0f} ms ({busy * 1e3:.0f} ms of processors) for {touched} cells"
    )

    if importlib.util.find_spec("itmlogic") is None:
        print("itmlogic is not installed: no peer")
        return
    theirs = seconds(_longley_rice) / 200
    print(f"itmlogic {1 / theirs:,.0f} links/s; ratio {pairs / loop * theirs:,.0f}")


def _longley_rice() -> None:
    """Compute 200 links over flat ground with itmlogic."""
    from itmlogic.preparatory_subroutines.qlrpfl import qlrpfl  # noqa: PLC0415 - the peer may be missing

    for _ in range(200):
        prop = {
            "eno": 301.0, "ens0": 301.0, "fmhz": 3450.0, "wn": 3450.0 / 47.7, "hg": [25.0, 1.5],
            "gme": 117.8e-9,
            "ens": 301.0, "ipol": 1, "eps": 15.0, "sgm": 0.005, "zgnd": complex(4, 0), "klim": 5, "mdp": -1,
            "lvar": 5, "mdvar": 12, "mdvarx": 12, "klimx": 0, "kwx": 0, "dlsa": 0.0, "dist": 0.0,
            "pfl": [60, 50.0, *[20.0] * 61], "gma": 157e-9,
        }  # fmt: skip
        qlrpfl(prop)


if __name__ == "__main__":
    main()
