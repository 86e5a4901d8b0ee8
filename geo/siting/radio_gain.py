"""What a radio site would cover, alone and at its best: azimuths and tilts of its sectors as settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import scipy.sparse
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from geo.radio import Pattern, Settings, samples_of
from geo.radio.kernel import NO_GROUND
from geo.radio.prediction import at_points
from geo.radio.sectors import prepare

#: Directions of the first of three sectors, and mechanical tilts, that are tried at each site.
ROTATIONS_DEG = (0.0, 30.0, 60.0, 90.0)
TILTS_DEG = (2.0, 6.0)
#: Probabilities under this are left out.
LEAST = 0.02
#: Copies of sites stand so many cut-offs apart, so that none reaches the places of another.
_APART = 4.0


@dataclass(frozen=True, slots=True)
class Settled:
    """Candidates with each of their settings.

    Attributes
    ----------
    covers : csr_array, shape (settings, cells)
        Probability of coverage by the three sectors of a setting, without interference of others.
    site : ndarray of int64
        Row of the candidate of each setting.
    rotation_deg, tilt_deg : ndarray of float64
    """

    covers: scipy.sparse.csr_array
    site: NDArray[np.int64]
    rotation_deg: NDArray[np.float64]
    tilt_deg: NDArray[np.float64]


def three_sectors(
    sites: gpd.GeoDataFrame, rotation_deg: NDArray[np.float64], tilt_deg: NDArray[np.float64]
) -> gpd.GeoDataFrame:
    """Return three sectors a site, 120 degrees apart.

    Parameters
    ----------
    sites : GeoDataFrame
        Points with the columns of `geo.radio.predict` that all sectors share: ``height_m``,
        ``frequency_mhz``, ``power_dbm`` …
    rotation_deg, tilt_deg : ndarray
        Azimuth of the first sector, and mechanical tilt of all three, a site.

    Examples
    --------
    >>> one = gpd.GeoDataFrame({"height_m": [30.0]}, geometry=gpd.points_from_xy([0], [0]), crs=32650)
    >>> three_sectors(one, np.array([30.0]), np.array([4.0]))["azimuth_deg"].tolist()
    [30.0, 150.0, 270.0]
    """
    rows = np.repeat(np.arange(len(sites)), 3)
    azimuth = (rotation_deg[rows] + np.tile([0.0, 120.0, 240.0], len(sites))) % 360.0
    found = sites.iloc[rows].reset_index(drop=True)
    return found.assign(azimuth_deg=azimuth, mechanical_tilt_deg=tilt_deg[rows])


def radio_covers(
    sites: gpd.GeoDataFrame,
    cells: NDArray[np.uint64],
    *,
    model: str = "uma",
    settings: Settings | None = None,
    patterns: Mapping[str, Pattern] | None = None,
    rotations_deg: tuple[float, ...] = ROTATIONS_DEG,
    tilts_deg: tuple[float, ...] = TILTS_DEG,
) -> Settled:
    """Return how probably each candidate covers each cell, for every azimuth and tilt that is tried.

    Parameters
    ----------
    sites : GeoDataFrame
        Candidates: points with the columns that `three_sectors` takes.
    cells : ndarray of uint64
        Where demand is.
    model, settings, patterns
        As of `geo.radio.predict`. A cell is taken at its middle, over flat ground with the model's
        probability of line of sight.

    Notes
    -----
    All settings are predicted at once: copies of a site and of the places around it are moved so far from
    each other that none reaches another.

    Examples
    --------
    >>> from geo.cells import index
    >>> one = gpd.GeoDataFrame({"height_m": [30.0]}, geometry=gpd.points_from_xy([115.9], [31.75]), crs=4326)
    >>> found = radio_covers(one, index([115.9, 115.9], [31.753, 31.9], 10))
    >>> near, far = found.covers[[0]].toarray()[0] > 0.9
    >>> found.covers.shape, bool(near), bool(far)
    ((8, 2), True, False)
    """
    chosen = replace(settings or Settings(), samples=1)
    tried = [(turn, tilt) for turn in rotations_deg for tilt in tilts_deg]
    site = np.repeat(np.arange(len(sites)), len(tried))
    rotation = np.tile([turn for turn, _ in tried], len(sites))
    tilt = np.tile([one for _, one in tried], len(sites))
    if not len(sites) or not len(cells):
        return Settled(scipy.sparse.csr_array((len(site), len(cells))), site, rotation, tilt)
    copies = sites.iloc[site].reset_index(drop=True)
    prepared = prepare(three_sectors(copies, rotation, tilt), model=model, settings=chosen, patterns=patterns)
    points = samples_of(cells, prepared.crs, 1)
    middle = sites.geometry.to_crs(prepared.crs)
    lists = cKDTree(np.column_stack([points.x, points.y])).query_ball_point(
        np.column_stack([middle.x, middle.y]), chosen.cutoff_m, return_sorted=True
    )
    near = [np.asarray(one, dtype=np.int64) for one in lists]
    sizes = np.array([len(near[one]) for one in site.tolist()])
    demand = np.concatenate([near[one] for one in site.tolist()])
    aside = np.repeat(np.arange(len(site)), sizes) * (_APART * chosen.cutoff_m)
    # Sectors were put into the order of `prepared.order`; three of them belong to one setting.
    apart = (prepared.order // 3) * (_APART * chosen.cutoff_m)
    moved = replace(prepared, sectors=prepared.sectors._replace(x=prepared.sectors.x + apart))
    found = at_points(
        moved, points.x[demand] + aside, points.y[demand], np.zeros(len(demand)), settings=chosen,
        ground=NO_GROUND,
    )  # fmt: skip
    probability = np.clip(found["probability"].to_numpy(), 0.0, 1.0)
    kept = probability >= LEAST
    owner = np.repeat(np.arange(len(site)), sizes)
    covers = scipy.sparse.csr_array(
        (probability[kept], (owner[kept], demand[kept])), shape=(len(site), len(cells))
    )
    return Settled(covers, site, rotation, tilt)
