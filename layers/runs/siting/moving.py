"""Cover lists around a place, so that a browser can tell at once what a site gains wherever it is dragged.

What is sent is a covering model of a few candidates: what is left at each demand after all sites that are
not among them, and which demand each of them reaches in each setting. What one of them adds beside the others
is then ``Σ left · Π(1 - p of others) · p``, the same sum that the engine makes of the same numbers.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.cells import corners, parents, resolution_of, rollup
from layers.runs.siting.model import Reach

#: Metres of a degree of latitude; a few kilometres of a city are flat enough for it.
DEGREE_M = 111_320.0


@dataclass(frozen=True, slots=True)
class Stand:
    """A site of a plan as it stands now: where its candidate is, in which setting."""

    rank: int
    number: int
    setting: int


@dataclass(frozen=True, slots=True)
class Kept:
    """What a run keeps of its model, as arrays; see `layers.runs.siting.model`."""

    candidates: Sequence[Mapping[str, Any]]
    reach_m: float
    of_place: int
    left: NDArray[np.float64]
    cell: NDArray[np.uint64]
    chosen: Sequence[Stand]
    reach: Reach

    def nearest(self, lon: float, lat: float, most: int) -> NDArray[np.int64]:
        """Return the numbers of the usable candidates nearest to a place, the nearest first."""
        usable = np.array([not one["reasons"] for one in self.candidates], dtype=bool)
        at = np.array([(one["lon"], one["lat"]) for one in self.candidates]).reshape(-1, 2)
        away = np.hypot((at[:, 0] - lon) * np.cos(np.radians(lat)), at[:, 1] - lat)
        order = np.argsort(np.where(usable, away, np.inf), kind="stable")
        return order[: min(most, int(usable.sum()))]

    def row(self, rank: int) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Return what the site of a rank reaches where the plan put it."""
        return self.reach.row(rank - 1)


def after(kept: Kept, standing: Sequence[Stand], reached: Mapping[int, Reach]) -> NDArray[np.float64]:
    """Return what is left at each demand once some sites stand.

    Parameters
    ----------
    reached : mapping
        What candidates reach, of those at least to which a site was moved.
    """
    left = kept.left.copy()
    planned = {one.rank: one for one in kept.chosen}
    for one in standing:
        moved = planned.get(one.rank) != one
        demand, probability = reached[one.number].row(one.setting) if moved else kept.row(one.rank)
        np.multiply.at(left, demand, 1.0 - probability)
    return left


def by_cell(kept: Kept, left: NDArray[np.float64], resolution: int) -> pd.DataFrame:
    """Return by cell what is missing without the plan, and what it gains.

    Returns
    -------
    DataFrame
        Index ``cell``; ``missing`` and ``gained``, cells without either left out.
    """
    fine = pd.DataFrame({"missing": kept.left, "gained": kept.left - left}, index=kept.cell)
    found = rollup(fine, min(resolution, _finest(kept)))
    return found[(found["missing"] > 0) | (found["gained"] > 0)]


def neighbourhood(
    kept: Kept,
    near: Sequence[int],
    standing: Sequence[Stand],
    reached: Mapping[int, Reach],
    *,
    taken: Sequence[Stand] = (),
    resolution: int,
) -> bytes:
    """Return the model of some candidates as one block: a header in JSON, then arrays, little-endian.

    Parameters
    ----------
    near : sequence of int
        Numbers of the candidates; ``reached`` has the reach of each, and of those that sites were moved to.
    standing : sequence of Stand
        The whole plan as it stands now, without the sites that are taken out.
    taken : sequence of Stand
        Those: where they stood is told, and they reach nothing.
    resolution : int
        Of the hexagons that the gain is drawn in.

    Returns
    -------
    bytes
        Length of the header (uint32, of a multiple of 8 bytes), 4 bytes of nothing, the header, then ``left``
        (float64) and ``hexagon`` (uint32, padded to 8 bytes) of each demand, and of each candidate in the
        order of the header ``probability`` (float64), ``starts`` (uint32), ``demand`` (uint32, both together
        padded). Demand is numbered from 0 within the block.
    """
    own = set(near)
    far = [one for one in standing if one.number not in own]
    everywhere = [reached[one].demand for one in near]
    union = np.unique(np.concatenate(everywhere)) if everywhere else np.zeros(0, dtype=np.int64)
    beside = after(kept, far, reached)[union]
    coarse = parents(kept.cell[union], min(resolution, _finest(kept))) if len(union) else kept.cell[:0]
    hexagons, hexagon = np.unique(coarse, return_inverse=True)
    whole = after(kept, standing, reached)
    header: dict[str, Any] = {
        "of_place": kept.of_place,
        "covered": float(kept.left.sum() - whole.sum()),
        "demands": len(union),
        "standing": [
            {"rank": one.rank, "number": one.number, "setting": one.setting}
            for one in standing if one.number in own
        ],
        "taken": [{"rank": one.rank, "number": one.number, "setting": one.setting} for one in taken],
        "hexagons": _outlines(hexagons),
        "candidates": [
            {
                **{key: value for key, value in kept.candidates[one].items() if key != "reasons"},
                "azimuth_deg": reached[one].azimuth_deg.tolist(),
                "tilt_deg": reached[one].tilt_deg.tolist(),
                "pairs": len(reached[one].demand),
            }
            for one in near
        ],
    }  # fmt: skip
    blocks = [beside.astype("<f8").tobytes(), _padded(hexagon.astype("<u4").tobytes())]
    for one in near:
        reach = reached[one]
        blocks.append(reach.probability.astype("<f8").tobytes())
        local = np.searchsorted(union, reach.demand).astype("<u4")
        blocks.append(_padded(reach.starts.astype("<u4").tobytes() + local.tobytes()))
    text = json.dumps(header, ensure_ascii=False).encode()
    text += b" " * (-len(text) % 8)
    return b"".join([struct.pack("<II", len(text), 0), text, *blocks])


def _finest(kept: Kept) -> int:
    return int(resolution_of(kept.cell[:1])[0]) if len(kept.cell) else 15


def _outlines(cells: NDArray[np.uint64]) -> list[list[float]]:
    """Return the corners of each cell as plain numbers, longitude and latitude in turn."""
    if not len(cells):
        return []
    points, counts = corners(cells)
    ends = np.cumsum(counts)
    flat = np.round(points, 6)
    return [
        flat[end - count : end - 1].ravel().tolist()
        for end, count in zip(ends.tolist(), counts.tolist(), strict=True)
    ]


def _padded(body: bytes) -> bytes:
    return body + bytes(-len(body) % 8)
