"""What a site would gain at the candidates around a place, so that a browser can tell it while it is dragged.

All other sites stand still while one is dragged: what it adds at a candidate beside them is a number,
``Σ left · Π(1 - p of others) · p``, the same sum that the engine makes of the same numbers.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.cells import corners, parents, resolution_of, rollup
from layers.runs.arrays import unpacked
from layers.runs.siting.model import CANDIDATES, CHOSEN, DEMAND, Reach, read_reach

#: Share of what is missing in a hexagon that a site must bring for it to be drawn.
DRAWN_SHARE = 0.05


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


def kept_of(parts: Mapping[str, bytes]) -> Kept:
    """Return the model of a run from its documents ``candidates``, ``demand`` and ``chosen``."""
    document = json.loads(parts[CANDIDATES])
    needed, chosen = unpacked(parts[DEMAND]), unpacked(parts[CHOSEN])
    stands = zip(chosen["place"].tolist(), chosen["setting"].tolist(), strict=True)
    return Kept(
        document["candidates"], document["of_place"], needed["left"], needed["cell"],
        [Stand(rank, *one) for rank, one in enumerate(stands, 1)], read_reach(parts[CHOSEN]),
    )  # fmt: skip


def after(kept: Kept, standing: Sequence[Stand], reached: Mapping[int, Reach]) -> NDArray[np.float64]:
    """Return what is left at each demand once some sites stand.

    Parameters
    ----------
    reached : mapping
        What candidates reach, of those at least to which a site was moved.
    """
    left = kept.left.copy()
    for one in standing:
        demand, probability = _row(kept, one, reached)
        np.multiply.at(left, demand, 1.0 - probability)
    return left


def _row(
    kept: Kept, one: Stand, reached: Mapping[int, Reach]
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return what a site reaches where it stands."""
    planned = kept.chosen[one.rank - 1] == one
    return kept.row(one.rank) if planned else reached[one.number].row(one.setting)


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
) -> dict[str, Any]:
    """Return what one more site would gain at some candidates beside all that stand.

    Parameters
    ----------
    near : sequence of int
        Numbers of the candidates; ``reached`` has the reach of each, and of those that sites were moved to.
    standing : sequence of Stand
        The whole plan as it stands now, without the sites that are taken out.
    taken : sequence of Stand
        Those: they reach nothing, and what each would gain where it stood is told.
    resolution : int
        Of the hexagons that the gain is drawn in.

    Returns
    -------
    dict
        ``covered`` by the sites that stand; ``hexagons``, corners as longitude and latitude in turn;
        ``candidates``, each with ``best``: the setting in which it gains most, the first of equal ones, its
        ``gain``, and the numbers of the ``hexagons`` of which it brings a part worth drawing. ``best`` is
        None where the sites that stand fill the place. ``taken``: the same of each site that is taken out,
        in the setting in which it stood.
    """
    left = after(kept, standing, reached)
    best = {number: _best(kept, reached[number], _filled(standing, number), left) for number in near}
    rows = [reached[number].row(setting) for number, setting in best.items() if setting is not None]
    stood = [_row(kept, one, reached) for one in taken]
    everywhere = [demand for demand, _ in (*rows, *stood)]
    union = np.unique(np.concatenate(everywhere)) if everywhere else np.zeros(0, dtype=np.int64)
    coarse = parents(kept.cell[union], min(resolution, _finest(kept))) if len(union) else kept.cell[:0]
    hexagons, hexagon = np.unique(coarse, return_inverse=True)
    missing = np.bincount(hexagon, weights=kept.left[union], minlength=len(hexagons))

    def told(setting: int, demand: NDArray[np.int64], probability: NDArray[np.float64]) -> dict[str, Any]:
        gained = left[demand] * probability
        places = hexagon[np.searchsorted(union, demand)]
        parts = np.bincount(places, weights=gained, minlength=len(hexagons))
        drawn = np.flatnonzero((parts > 0) & (parts >= DRAWN_SHARE * missing))
        return {"setting": setting, "gain": float(gained.sum()), "hexagons": drawn.tolist()}

    return {
        "covered": float(kept.left.sum() - left.sum()),
        "hexagons": _outlines(hexagons),
        "candidates": [
            {
                **{key: value for key, value in kept.candidates[number].items() if key != "reasons"},
                "best": None if setting is None else told(setting, *reached[number].row(setting)),
            }
            for number, setting in best.items()
        ],
        "taken": [
            {"rank": one.rank, "number": one.number, **told(one.setting, *row)}
            for one, row in zip(taken, stood, strict=True)
        ],
    }  # fmt: skip


def _filled(standing: Sequence[Stand], number: int) -> list[int]:
    """Return the settings in which sites stand at a candidate."""
    return [one.setting for one in standing if one.number == number]


def _best(kept: Kept, reach: Reach, filled: Sequence[int], left: NDArray[np.float64]) -> int | None:
    """Return the free setting that gains most, the first of equal ones; None where the place is full."""
    if len(filled) >= kept.of_place:
        return None
    gains = np.full(len(reach.azimuth_deg), -1.0)
    for setting in range(len(gains)):
        if setting not in filled:
            demand, probability = reach.row(setting)
            gains[setting] = left[demand] @ probability
    return int(gains.argmax()) if len(gains) > len(filled) else None


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
