"""Gi* of 1.4 million cells, ten million incidents to a map, Mann-Kendall: against esda and pymannkendall.

Run: ``python bench/hotspots.py [incidents]``. The peers are timed on a part and scaled.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import Any

import esda
import libpysal
import numpy as np
import pandas as pd
import pymannkendall
import shapely
from h3.api import basic_int

from geo.cells import count, cover
from geo.hotspots import getis_ord, mann_kendall

RESOLUTION = 10
REPEATS = 3
PEER_CELLS, PEER_SERIES = 20_000, 500


def seconds(work: Callable[[], Any], repeats: int = REPEATS) -> tuple[float, float]:
    """Return the shortest of some runs by the clock, and the least time of all processors together.

    Ratios are of the latter: who else keeps the machine busy does not change it.
    """
    clock, used = [], []
    for _ in range(repeats):
        start, before = time.perf_counter(), time.process_time()
        work()
        clock.append(time.perf_counter() - start)
        used.append(time.process_time() - before)
    return min(clock), min(used)


def gi_star(counts: pd.Series) -> None:
    cells = counts.index.to_numpy()
    getis_ord(counts.iloc[:1_000])  # compile
    wall, ours = seconds(lambda: getis_ord(counts))
    part = counts.iloc[len(counts) // 2 :].iloc[:PEER_CELLS]
    values = part.to_numpy(dtype=float)
    own = part.index.to_numpy()
    scale = len(cells) / len(part)

    def found() -> Any:
        """Find the neighbours as ours does within its time: one call of h3-py a cell."""
        inside = set(own.tolist())
        near = {cell: [one for one in basic_int.grid_disk(cell, 1) if one in inside] for cell in own.tolist()}
        weights = libpysal.weights.W(near, silence_warnings=True)
        weights.transform = "B"
        return weights

    weights = found()

    def peer() -> Any:
        return esda.G_Local(values, weights, transform="B", star=True, permutations=0)

    theirs = seconds(peer)[1] * scale
    whole = (
        seconds(lambda: esda.G_Local(values, found(), transform="B", star=True, permutations=0))[1] * scale
    )
    difference = float(np.abs(peer().Zs - getis_ord(part)["z"].to_numpy()).max())
    if difference > 1e-9:
        raise SystemExit(f"z differs from esda's by {difference}")
    print(f"Gi*, {len(cells)} cells: ours {wall:.2f} s by the clock, {ours:.2f} s of processors")
    print(
        f"esda from counts {whole:.1f} s, its neighbours ready made {theirs:.1f} s (scaled from {len(part)})"
    )
    print(f"ratio   {whole / ours:7.1f} and {theirs / ours:.1f}   z differs by {difference:.1e} at most")


def to_map(size: int, cells: np.ndarray) -> None:
    draw = np.random.default_rng(2)
    lon, lat = draw.normal(121.47, 0.18, size), draw.normal(31.23, 0.18, size)

    def work() -> pd.DataFrame:
        known, counts = count(lon, lat, RESOLUTION)
        return getis_ord(pd.Series(counts, index=known, dtype=float), cells=cells)

    wall, used = seconds(work)
    cold = used
    print(f"{size} incidents to a hotspot map: {wall:.2f} s by the clock, {used:.2f} s of processors")
    known, counts = count(lon, lat, RESOLUTION)
    kept = pd.Series(counts, index=known, dtype=float)
    wall, used = seconds(lambda: getis_ord(kept, cells=cells))
    print(f"the same with kept counts: {wall:.2f} s by the clock, {used:.2f} s of processors")
    print(f"ratio   {cold / used:7.1f}")


def trends() -> None:
    series = np.random.default_rng(3).poisson(4.0, (50_000, 52)).astype(float)
    mann_kendall(series[:10])  # compile
    ours = seconds(lambda: mann_kendall(series))[1] / len(series)
    part = series[:PEER_SERIES]
    theirs = seconds(lambda: [pymannkendall.original_test(row) for row in part], 1)[1] / len(part)
    print(f"Mann-Kendall, 52 steps: ours {ours * 1e6:.2f} µs, pymannkendall {theirs * 1e6:.0f} µs a series")
    print(f"ratio   {theirs / ours:7.1f}")


def main() -> None:
    size = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000_000
    cells = np.sort(cover(shapely.box(120.9, 30.6, 122.1, 31.9), RESOLUTION))
    counts = np.random.default_rng(1).negative_binomial(1, 0.2, len(cells)).astype(float)
    gi_star(pd.Series(counts, index=cells))
    to_map(size, cells)
    trends()


if __name__ == "__main__":
    main()
