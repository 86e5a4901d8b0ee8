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

from geo.cells import count, cover
from geo.hotspots import getis_ord, k_rings, mann_kendall

RESOLUTION = 10
REPEATS = 3
PEER_CELLS, PEER_SERIES = 20_000, 500


def seconds(work: Callable[[], Any], repeats: int = REPEATS) -> float:
    """Return the shortest of some runs."""
    found = []
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        found.append(time.perf_counter() - start)
    return min(found)


def gi_star(counts: pd.Series) -> None:
    cells = counts.index.to_numpy()
    getis_ord(counts.iloc[:1_000])  # compile
    ours = seconds(lambda: getis_ord(counts))
    part = counts.iloc[len(counts) // 2 :].iloc[:PEER_CELLS]
    values = part.to_numpy(dtype=float)
    # esda is given its neighbours ready made; ours finds them within the time.
    weights = libpysal.weights.WSP(k_rings(part.index.to_numpy())).to_W(silence_warnings=True)
    weights.transform = "B"

    def peer() -> Any:
        return esda.G_Local(values, weights, transform="B", star=True, permutations=0)

    theirs = seconds(peer) * len(cells) / len(part)
    difference = float(np.abs(peer().Zs - getis_ord(part)["z"].to_numpy()).max())
    if difference > 1e-9:
        raise SystemExit(f"z differs from esda's by {difference}")
    print(f"Gi*, {len(cells)} cells: ours {ours:.2f} s, esda {theirs:.1f} s (scaled from {len(part)})")
    print(f"ratio   {theirs / ours:7.1f}   z differs by {difference:.1e} at most")


def to_map(size: int, cells: np.ndarray) -> None:
    draw = np.random.default_rng(2)
    lon, lat = draw.normal(121.47, 0.18, size), draw.normal(31.23, 0.18, size)

    def work() -> pd.DataFrame:
        known, counts = count(lon, lat, RESOLUTION)
        return getis_ord(pd.Series(counts, index=known, dtype=float), cells=cells)

    print(f"{size} incidents to a hotspot map: {seconds(work):.2f} s")


def trends() -> None:
    series = np.random.default_rng(3).poisson(4.0, (50_000, 52)).astype(float)
    mann_kendall(series[:10])  # compile
    ours = seconds(lambda: mann_kendall(series)) / len(series)
    part = series[:PEER_SERIES]
    theirs = seconds(lambda: [pymannkendall.original_test(row) for row in part], 1) / len(part)
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
