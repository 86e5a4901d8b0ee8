"""Points to H3 cells and counts: ours against h3-py, which indexes one point a call.

Run: ``python bench/cells.py [points]``. h3-py is timed on a tenth of the points, at most
a million, and scaled.
"""

from __future__ import annotations

import sys
from collections import Counter

import h3
import numpy as np
from h3.api import basic_int

from bench.timing import seconds
from geo.cells import count

RESOLUTION = 9


def peer(lon: np.ndarray, lat: np.ndarray) -> Counter[int]:
    """Count as one does with h3-py's integer interface."""
    cell_of = basic_int.latlng_to_cell
    return Counter(cell_of(y, x, RESOLUTION) for x, y in zip(lon.tolist(), lat.tolist(), strict=True))


def main() -> None:
    size = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000_000
    draw = np.random.default_rng(1)
    lon, lat = draw.normal(115.88, 0.2, size), draw.normal(31.74, 0.2, size)
    few = min(size, max(size // 10, 1), 1_000_000)
    cells, counts = count(lon[:few], lat[:few], RESOLUTION)
    if dict(zip(cells.tolist(), counts.tolist(), strict=True)) != dict(peer(lon[:few], lat[:few])):
        raise SystemExit("the two count differently")
    ours = seconds(lambda: count(lon, lat, RESOLUTION))
    theirs = seconds(lambda: peer(lon[:few], lat[:few])) * size / few
    print(f"h3-py {h3.__version__}, resolution {RESOLUTION}, {size} points")
    print(f"ours    {ours:7.2f} s  {size / ours / 1e6:6.2f} M points/s")
    print(f"h3-py   {theirs:7.2f} s  (scaled from {few})")
    print(f"ratio   {theirs / ours:7.2f}")


if __name__ == "__main__":
    main()
