"""What a planner goes on with by hand: candidates of a plan, what each would reach, what is left to cover.

A run keeps it beside its sites (`layers.runs.parts`): ``candidates`` as JSON, ``demand`` and ``chosen`` as
arrays of NumPy, and what each usable candidate reaches by itself as ``reach/<number>``, so that a few can be
read.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import geopandas as gpd
import numpy as np
import scipy.sparse
from numpy.typing import NDArray

from layers.runs.arrays import packed, unpacked

CANDIDATES, DEMAND, CHOSEN = "candidates", "demand", "chosen"
#: What is told of a candidate.
TOLD = ("source", "host", "name", "owner", "power", "height_m", "cost")


@dataclass(frozen=True, slots=True)
class Model:
    """A covering model, of which the plan chose some settings of some candidates.

    Attributes
    ----------
    candidates : GeoDataFrame
        All of them, EPSG:4326, those also that something is against (``reasons``).
    place : ndarray of int64, shape (n,)
        Row of the candidate of each setting: a direction of a camera, azimuth and tilt of a station.
    azimuth_deg, tilt_deg : ndarray of float64, shape (n,)
    covers : csr_array of float64, shape (n, m)
        Probability with which a setting covers a demand.
    left : ndarray of float64, shape (m,)
        What one sure site adds at each demand to what stands.
    cell : ndarray of uint64, shape (m,)
        H3 cell of each demand.
    of_place : int
        Settings of one candidate at most.
    """

    candidates: gpd.GeoDataFrame
    place: NDArray[np.int64]
    azimuth_deg: NDArray[np.float64]
    tilt_deg: NDArray[np.float64]
    covers: scipy.sparse.csr_array
    left: NDArray[np.float64]
    cell: NDArray[np.uint64]
    of_place: int


@dataclass(frozen=True, slots=True)
class Reach:
    """What one candidate would reach in each of its settings, as compressed rows."""

    azimuth_deg: NDArray[np.float64]
    tilt_deg: NDArray[np.float64]
    starts: NDArray[np.int64]
    demand: NDArray[np.int64]
    probability: NDArray[np.float64]

    def row(self, setting: int) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Return the demand that a setting reaches, and how probably."""
        part = slice(self.starts[setting], self.starts[setting + 1])
        return self.demand[part], self.probability[part]


def reach_name(number: int) -> str:
    """Return under which name a candidate's reach is kept."""
    return f"reach/{number}"


def rows_of_usable(candidates: gpd.GeoDataFrame) -> NDArray[np.int64]:
    """Return the rows of the candidates that nothing is against."""
    return np.flatnonzero(candidates["reasons"].map(len).to_numpy() == 0)


def parts_of(model: Model, chosen: NDArray[np.int64]) -> dict[str, bytes]:
    """Return a model as documents of a run.

    Parameters
    ----------
    chosen : ndarray of int64
        Settings of the plan in its order: the first has rank 1.

    Examples
    --------
    >>> one = gpd.GeoDataFrame(
    ...     {name: ["x"] for name in TOLD} | {"height_m": [9.0], "cost": [1.0], "reasons": [()]},
    ...     geometry=gpd.points_from_xy([115.9], [31.8]), crs=4326,
    ... )
    >>> covers = scipy.sparse.csr_array(np.array([[1.0, 0.0], [0.5, 1.0]]))
    >>> model = Model(one, np.array([0, 0]), np.array([0.0, 45.0]), np.zeros(2), covers, np.ones(2),
    ...     np.zeros(2, np.uint64), 1)
    >>> parts = parts_of(model, np.array([1]))
    >>> sorted(parts), read_reach(parts["reach/0"]).row(1)[1].tolist()
    (['candidates', 'chosen', 'demand', 'reach/0'], [0.5, 1.0])
    """
    model = _condensed(model)
    first: dict[int, int] = {}
    for row, place in enumerate(model.place.tolist()):
        first.setdefault(place, row)
    places = model.place[chosen]
    settings = np.array(
        [row - first[place] for row, place in zip(chosen.tolist(), places.tolist(), strict=True)]
    )
    picked = model.covers[chosen].tocsr()
    found = {
        CANDIDATES: _candidates(model),
        DEMAND: packed(left=model.left, cell=model.cell),
        CHOSEN: packed(
            place=places, setting=settings.astype(np.int64), azimuth_deg=model.azimuth_deg[chosen],
            tilt_deg=model.tilt_deg[chosen], starts=picked.indptr, demand=picked.indices,
            probability=picked.data,
        ),
    }  # fmt: skip
    counts = np.bincount(model.place, minlength=len(model.candidates))
    for place, begin in first.items():
        end = begin + int(counts[place])
        rows = slice(int(model.covers.indptr[begin]), int(model.covers.indptr[end]))
        found[reach_name(place)] = packed(
            azimuth_deg=model.azimuth_deg[begin:end], tilt_deg=model.tilt_deg[begin:end],
            starts=model.covers.indptr[begin : end + 1] - model.covers.indptr[begin],
            demand=model.covers.indices[rows].astype(np.uint32), probability=model.covers.data[rows],
        )  # fmt: skip
    return found


def _condensed(model: Model) -> Model:
    """Return the model with all demand of a cell that no candidate reaches as one: only its sum is told."""
    reached = np.zeros(len(model.left), dtype=bool)
    reached[model.covers.indices] = True
    cells, inverse = np.unique(model.cell[~reached], return_inverse=True)
    number = np.cumsum(reached) - 1
    covers = scipy.sparse.csr_array(
        (model.covers.data, number[model.covers.indices], model.covers.indptr),
        shape=(model.covers.shape[0], int(reached.sum()) + len(cells)),
    )
    apart = np.bincount(inverse, weights=model.left[~reached], minlength=len(cells))
    return replace(
        model, covers=covers, left=np.concatenate([model.left[reached], apart]),
        cell=np.concatenate([model.cell[reached], cells]),
    )  # fmt: skip


def read_reach(body: bytes) -> Reach:
    """Return what a candidate reaches."""
    found = unpacked(body)
    return Reach(
        found["azimuth_deg"], found["tilt_deg"], found["starts"].astype(np.int64),
        found["demand"].astype(np.int64), found["probability"],
    )  # fmt: skip


def _candidates(model: Model) -> bytes:
    rows = model.candidates.rename(columns={"code": "host"})
    told = rows[list(TOLD)].astype(object)
    told = told.where(told.notna(), None)
    at = rows.geometry
    found = [
        {"number": number, "lon": round(lon, 6), "lat": round(lat, 6), **one, "reasons": list(reasons)}
        for number, (one, lon, lat, reasons) in enumerate(
            zip(told.to_dict("records"), at.x.tolist(), at.y.tolist(), rows["reasons"], strict=True)
        )
    ]
    document: Mapping[str, Any] = {"of_place": model.of_place, "candidates": found}
    return json.dumps(document, ensure_ascii=False).encode()
