"""Measurements against the prediction: how far off it is, and a correction for each clutter class."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from geo.errors import BadInput
from geo.radio.antenna import Pattern
from geo.radio.prediction import at_points, ground_between
from geo.radio.sectors import prepare
from geo.radio.settings import Settings
from geo.radio.surface import Surface
from geo.radio.terrain import Heights

Floats = NDArray[np.float64]

#: A class with fewer measurements gets no line of its own: it takes that of all.
LEAST_POINTS = 30
#: Distances that span less than this (in decades, standard deviation) fix an offset only.
LEAST_SPREAD = 0.05
#: Metres under which a distance is not told apart.
_NEAREST_M = 10.0


def predict_at(
    sectors: gpd.GeoDataFrame,
    points: gpd.GeoSeries,
    *,
    model: str = "uma",
    settings: Settings | None = None,
    patterns: Mapping[str, Pattern] | None = None,
    surface: Surface | None = None,
    terrain: Heights | None = None,
) -> pd.DataFrame:
    """Predict level and interference at points, as `geo.radio.predict` does at the points of a cell.

    Parameters
    ----------
    points : GeoSeries
        Points with a CRS.

    Returns
    -------
    DataFrame
        Index of the points: ``rsrp_dbm`` and ``sinr_db``, NaN out of reach; ``sector``, its index;
        ``distance_m`` to it.

    Raises
    ------
    BadInput
        As `geo.radio.predict`; also without a sector, and for what are no points.

    Examples
    --------
    >>> at = gpd.GeoSeries(gpd.points_from_xy([115.88, 115.88], [31.74, 31.745]), crs=4326)
    >>> site = gpd.GeoDataFrame({"azimuth_deg": [0.0]}, geometry=at[:1])
    >>> found = predict_at(site, at[1:])
    >>> round(found["distance_m"].iloc[0])
    554
    """
    if not len(sectors):
        raise BadInput("there is no sector to predict from")
    if points.crs is None or not (points.geom_type == "Point").all():
        raise BadInput("measurements are points with a CRS")
    chosen = settings or Settings()
    chosen.checked()
    prepared = prepare(sectors, model=model, settings=chosen, patterns=patterns, terrain=terrain)
    metres = points.to_crs(prepared.crs)
    x, y = metres.x.to_numpy(), metres.y.to_numpy()
    level = np.zeros(len(x)) if terrain is None else terrain.at(x, y)
    ground = ground_between(prepared, surface, terrain)
    found = at_points(prepared, x, y, level, settings=chosen, ground=ground, probability=False)
    served = found["sector"].to_numpy() >= 0
    at = np.maximum(found["sector"].to_numpy(), 0)
    stands = sectors.geometry.to_crs(prepared.crs)
    away = np.hypot(stands.x.to_numpy()[at] - x, stands.y.to_numpy()[at] - y)
    names = sectors.index.take(at).to_series(index=points.index)
    return pd.DataFrame(
        {
            "rsrp_dbm": np.where(served, found["dbm"].to_numpy(), np.nan),
            "sinr_db": np.where(served, found["sinr_db"].to_numpy(), np.nan),
            "sector": names.where(served),
            "distance_m": np.where(served, away, np.nan),
        },
        index=points.index,
    )


def error_statistics(measured_dbm: ArrayLike, predicted_dbm: ArrayLike) -> dict[str, float]:
    """Return how far a prediction is from measurements; pairs with a missing value are left out.

    Returns
    -------
    dict
        ``count``; ``mean_db`` (predicted minus measured: positive is too strong), ``deviation_db`` (of the
        population), ``rmse_db``, ``mean_absolute_db``, ``median_absolute_db``, ``within_6_db`` and
        ``within_10_db`` as shares, ``correlation``; NaN where there is no pair, or nothing varies.

    Examples
    --------
    >>> told = error_statistics([-90, -100], [-88, -104])
    >>> told["mean_db"], told["deviation_db"], round(told["rmse_db"], 3)
    (-1.0, 3.0, 3.162)
    """
    measured, predicted = np.asarray(measured_dbm, dtype=float), np.asarray(predicted_dbm, dtype=float)
    both = np.isfinite(measured) & np.isfinite(predicted)
    error = predicted[both] - measured[both]
    if not len(error):
        nothing = ("mean_db", "deviation_db", "rmse_db", "mean_absolute_db", "median_absolute_db",
                   "within_6_db", "within_10_db", "correlation")  # fmt: skip
        return {"count": 0.0, **dict.fromkeys(nothing, float("nan"))}
    away = np.abs(error)
    varies = len(error) > 1 and measured[both].std() > 0 and predicted[both].std() > 0
    together = np.corrcoef(measured[both], predicted[both])[0, 1] if varies else np.nan
    return {
        "count": float(len(error)),
        "mean_db": float(error.mean()),
        "deviation_db": float(error.std()),
        "rmse_db": float(np.sqrt((error**2).mean())),
        "mean_absolute_db": float(away.mean()),
        "median_absolute_db": float(np.median(away)),
        "within_6_db": float((away <= 6).mean()),
        "within_10_db": float((away <= 10).mean()),
        "correlation": float(together),
    }


@dataclass(frozen=True)
class Calibration:
    """A correction of the predicted level for each clutter class.

    Attributes
    ----------
    classes : DataFrame
        Index: clutter class. ``count``; ``offset_db`` at 1 km; ``slope_db`` for each decade of distance;
        ``own``, whether the class had enough measurements for a line of its own; ``rmse_before_db``,
        ``rmse_after_db`` (of the points it was fitted to) and ``rmse_unseen_db`` (cross-validated).
    offset_db, slope_db : float
        Of all measurements together: for classes that were not measured.
    folds : int
        Of the cross-validation.
    rmse_before_db, rmse_unseen_db : float
        Of all measurements.
    """

    classes: pd.DataFrame
    offset_db: float
    slope_db: float
    folds: int
    rmse_before_db: float
    rmse_unseen_db: float

    @property
    def helps(self) -> bool:
        """Whether points that were not fitted come nearer to their measurements."""
        return self.rmse_unseen_db < self.rmse_before_db

    def apply(self, predicted_dbm: ArrayLike, distance_m: ArrayLike, clutter: ArrayLike) -> Floats:
        """Return corrected levels.

        Examples
        --------
        >>> found = calibrate([-95.0] * 40, [-90.0] * 40, np.full(40, 500.0), ["town"] * 40)
        >>> found.apply([-80.0], [500.0], ["town"]).round(6).tolist()
        [-85.0]
        """
        lines = self.classes.reindex(pd.Index(np.asarray(clutter, dtype=object)))
        offset = lines["offset_db"].fillna(self.offset_db).to_numpy(dtype=float)
        slope = lines["slope_db"].fillna(self.slope_db).to_numpy(dtype=float)
        return np.asarray(np.asarray(predicted_dbm, dtype=float) + offset + slope * _decades(distance_m))


def calibrate(
    measured_dbm: ArrayLike,
    predicted_dbm: ArrayLike,
    distance_m: ArrayLike,
    clutter: ArrayLike,
    *,
    groups: ArrayLike | None = None,
    folds: int = 5,
) -> Calibration:
    """Fit an offset and a slope over the logarithm of distance to the error of each clutter class.

    Parameters
    ----------
    measured_dbm, predicted_dbm, distance_m : array_like
        Of each measurement; those with a missing value are left out.
    clutter : array_like of str
        Class of each.
    groups : array_like, optional
        What stays together in the cross-validation, such as the coarse cell of a place: neighbours on a drive
        share their shadowing, so that points apart would praise the fit. Each point alone where left out.
    folds : int
        At least 2; fewer where there are fewer groups.

    Raises
    ------
    BadInput
        For arrays of different lengths, or fewer than two groups.

    Notes
    -----
    Ordinary least squares of measured minus predicted on lg(d / 1 km), class by class; groups are dealt to
    folds in the order of their size, the largest first, each to the smallest fold.

    Examples
    --------
    >>> d = np.geomspace(50, 2000, 100)
    >>> found = calibrate(-100 - 4 - 6 * np.log10(d / 1000), np.full(100, -100.0), d, ["town"] * 100)
    >>> found.classes[["offset_db", "slope_db"]].round(3).loc["town"].tolist(), found.helps
    ([-4.0, -6.0], True)
    """
    measured, predicted = np.asarray(measured_dbm, dtype=float), np.asarray(predicted_dbm, dtype=float)
    far, kinds = np.asarray(distance_m, dtype=float), np.asarray(clutter, dtype=object)
    together = np.arange(len(measured)) if groups is None else np.asarray(groups)
    if len({len(one) for one in (measured, predicted, far, kinds, together)}) != 1:
        raise BadInput("measurements, predictions, distances, classes and groups are not of one length")
    known = np.isfinite(measured) & np.isfinite(predicted) & np.isfinite(far)
    off, decades, kinds = (measured - predicted)[known], _decades(far[known]), kinds[known]
    fold = _folds(together[known], folds)
    count = int(fold.max()) + 1 if len(fold) else 0
    if folds < 2 or count < 2:
        raise BadInput("a cross-validation needs two groups of measurements or more", folds=folds)
    unseen = np.empty(len(off))
    for one in range(count):
        out = fold == one
        table, whole = _fit(off[~out], decades[~out], kinds[~out])
        unseen[out] = off[out] - _corrected(table, whole, decades[out], kinds[out])
    table, whole = _fit(off, decades, kinds)
    after = off - _corrected(table, whole, decades, kinds)
    by = pd.DataFrame({"before": off**2, "after": after**2, "unseen": unseen**2}).groupby(kinds)
    table["count"] = by.size()
    for name in ("before", "after", "unseen"):
        table[f"rmse_{name}_db"] = np.sqrt(by[name].mean())
    table.index.name = "clutter"
    return Calibration(
        table, whole[0], whole[1], count, float(np.sqrt((off**2).mean())), float(np.sqrt((unseen**2).mean()))
    )


def _decades(distance_m: ArrayLike) -> Floats:
    return np.asarray(np.log10(np.maximum(np.asarray(distance_m, dtype=float), _NEAREST_M) / 1000))


def _line(off: Floats, decades: Floats) -> tuple[float, float]:
    """Return the intercept and slope of least squares; the slope is 0 where distances hardly differ."""
    if len(off) < 2 or decades.std() < LEAST_SPREAD:
        return float(off.mean()), 0.0
    slope = float(np.cov(off, decades, bias=True)[0, 1] / decades.var())
    return float(off.mean() - slope * decades.mean()), slope


def _fit(
    off: Floats, decades: Floats, kinds: NDArray[np.object_]
) -> tuple[pd.DataFrame, tuple[float, float]]:
    """Return the line of each class that was met, and that of all."""
    whole = _line(off, decades)
    rows: dict[Any, tuple[float, float, bool]] = {}
    for kind in sorted(set(kinds.tolist()), key=str):
        of = kinds == kind
        own = int(of.sum()) >= LEAST_POINTS
        rows[kind] = (*(_line(off[of], decades[of]) if own else whole), own)
    return pd.DataFrame.from_dict(rows, orient="index", columns=["offset_db", "slope_db", "own"]), whole


def _corrected(
    table: pd.DataFrame, whole: tuple[float, float], decades: Floats, kinds: NDArray[np.object_]
) -> Floats:
    lines = table[["offset_db", "slope_db"]].reindex(pd.Index(kinds, dtype=object))
    offset = lines["offset_db"].fillna(whole[0]).to_numpy(dtype=float)
    return np.asarray(offset + lines["slope_db"].fillna(whole[1]).to_numpy(dtype=float) * decades)


def _folds(groups: NDArray[Any], folds: int) -> NDArray[np.int64]:
    """Return the fold of each point: groups stay whole, folds are about equally large."""
    _, of, sizes = np.unique(groups, return_inverse=True, return_counts=True)
    load, fold = np.zeros(max(min(folds, len(sizes)), 1)), np.empty(len(sizes), dtype=np.int64)
    for group in np.argsort(-sizes, kind="stable"):
        fold[group] = load.argmin()
        load[fold[group]] += sizes[group]
    return np.asarray(fold[of])
