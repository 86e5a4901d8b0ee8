"""Received level, best server, signal to interference and probability of coverage, by cell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.spatial import cKDTree

from geo.cells.indexing import as_cells
from geo.errors import BadInput
from geo.radio.antenna import Pattern
from geo.radio.indoor import penetration_loss, penetration_sigma_db
from geo.radio.kernel import Ground, Sectors, ground_of, on_all_cores, sort_points, strongest
from geo.radio.method import note_of, without_sectors
from geo.radio.probability import covered, draws, nodes
from geo.radio.samples import Samples, samples_of
from geo.radio.sectors import Prepared, prepare
from geo.radio.settings import Settings
from geo.radio.summary import by_cell, nothing
from geo.radio.surface import Surface
from geo.radio.terrain import Heights

Floats = NDArray[np.float64]


def predict(
    sectors: gpd.GeoDataFrame,
    cells: pd.Index | ArrayLike,
    *,
    model: str = "uma",
    settings: Settings | None = None,
    patterns: Mapping[str, Pattern] | None = None,
    surface: Surface | None = None,
    terrain: Heights | None = None,
    points: Samples | None = None,
    **options: Any,
) -> pd.DataFrame:
    """Predict the coverage of cells by sectors.

    Parameters
    ----------
    sectors : GeoDataFrame
        Points with a CRS. ``azimuth_deg`` (clockwise from true north), ``downtilt_deg``, or
        ``mechanical_tilt_deg`` and ``electrical_tilt_deg``; ``height_m`` above ground; ``frequency_mhz``;
        ``power_dbm``, the power of the carrier at the antenna; ``bandwidth_mhz``; ``pattern``, a name of
        ``patterns``, ``8x8`` (rows x columns), ``tr38901`` or ``omni``. Optional: ``beamwidth_deg``,
        ``subcarrier_spacing_khz``, ``model``. A missing value is assumed as the note says.
    cells : array_like of uint64
        H3 cells of one or more resolutions.
    model : str
        Of sectors without a ``model`` of their own: ``uma``, ``umi``, ``rma`` or ``sma`` of TR 38.901, under
        500 MHz ``hata_urban``, ``hata_suburban`` or ``hata_open``, or ``free_space``.
    settings : Settings, optional
        And ``options``: single attributes of it, such as ``load=1.0``.
    patterns : mapping of str to Pattern, optional
        Antenna files by the names that sectors call them.
    surface : Surface, optional
        Buildings: they decide line of sight in place of the probability.
    terrain : Heights, optional
        Bare ground: antennas, users and buildings stand on it, and it adds diffraction over hills.
    points : Samples, optional
        Of these cells by `samples_of`, where they are used again.

    Returns
    -------
    DataFrame
        Index ``cell``, as given. ``rsrp_dbm``: level of the best server in one resource element, the median
        of the cell's points, each exceeded at half of such places; NaN where no sector is within the cut-off.
        ``sinr_db``: of that server at the given load. ``best_sector``: index of the sector that serves most
        of the points; missing where there is none. ``covered_probability``: that a place of the cell reaches
        both thresholds, with shadowing. ``attrs["note"]`` is the MethodNote.

    Raises
    ------
    BadInput
        For sectors without a CRS or that are no points, unknown patterns or models, and unusable settings.

    Notes
    -----
    TR 38.901 V19.4.0. A user is served by the strongest sector; sectors on the same carrier interfere. A tilt
    given as ``downtilt_deg`` steers the rows of an array and turns any other antenna.

    Examples
    --------
    >>> from geo.cells import index
    >>> site = gpd.GeoDataFrame({"azimuth_deg": [0.0], "downtilt_deg": [6.0], "height_m": [25.0],
    ...     "frequency_mhz": [3500.0], "power_dbm": [53.0], "bandwidth_mhz": [100.0], "pattern": ["8x8"]},
    ...     geometry=gpd.points_from_xy([115.88], [31.74]), crs=4326)
    >>> north, south = predict(site, index([115.88, 115.88], [31.743, 31.737], 10))["rsrp_dbm"]
    >>> north > -90 > south
    True
    """
    chosen = _chosen(settings, options)
    array = as_cells(np.asarray(cells, dtype=np.uint64))
    index = pd.Index(array, name="cell")
    if not len(sectors):
        empty = nothing(index)
        empty.attrs["note"] = without_sectors(chosen, model)
        return empty
    prepared = prepare(sectors, model=model, settings=chosen, patterns=patterns, terrain=terrain)
    if points is None:
        points = samples_of(array, prepared.crs, chosen.samples)
    if points.crs != prepared.crs or len(points.cells) != len(array):
        raise BadInput("the samples belong to other cells or another CRS")
    ground = ground_between(prepared, surface, terrain)
    level = np.zeros(len(points.x)) if terrain is None else terrain.at(points.x, points.y)
    found = at_points(prepared, points.x, points.y, level, settings=chosen, ground=ground)
    frame = by_cell(found, points, index, sectors.index)
    frame.attrs["note"] = note_of(prepared, chosen, model, len(points.x), surface=surface, terrain=terrain)
    return frame


def ground_between(prepared: Prepared, surface: Surface | None, terrain: Heights | None) -> Ground:
    """Return what lies between sectors and points, or raise `BadInput` for buildings in another CRS."""
    if surface is not None and surface.crs != prepared.crs:
        raise BadInput(
            f"the buildings are in EPSG:{surface.crs}, the sectors in EPSG:{prepared.crs}: project the ones "
            "to the other"
        )
    return ground_of(surface, terrain)


def repredict(
    previous: pd.DataFrame,
    sectors: gpd.GeoDataFrame,
    changed: gpd.GeoSeries,
    samples: Samples,
    *,
    model: str = "uma",
    settings: Settings | None = None,
    patterns: Mapping[str, Pattern] | None = None,
    surface: Surface | None = None,
    terrain: Heights | None = None,
) -> pd.DataFrame:
    """Predict again only the cells that changed sectors reach.

    Parameters
    ----------
    previous : DataFrame
        Result of `predict` with the same settings.
    sectors : GeoDataFrame
        All sectors as they are now.
    changed : GeoSeries
        Where sectors were added, moved from or to, changed or removed.
    samples : Samples
        Of the cells of ``previous``.

    Returns
    -------
    DataFrame
        As `predict` of all cells would return; ``attrs["touched"]`` counts the cells that were computed.

    Raises
    ------
    BadInput
        As `predict`, and where the samples are not those of the previous result.

    Examples
    --------
    >>> from geo.cells import cover, index
    >>> import shapely
    >>> cells = cover(shapely.box(115.8, 31.7, 115.9, 31.75), 9)
    >>> sites = gpd.GeoDataFrame({"azimuth_deg": [0.0, 90.0]},
    ...     geometry=gpd.points_from_xy([115.81, 115.89], [31.72, 31.73]), crs=4326)
    >>> points = samples_of(cells, 4548)
    >>> before = predict(sites, cells, points=points, cutoff_m=2000)
    >>> sites.loc[1, "azimuth_deg"] = 180.0
    >>> now = repredict(before, sites, sites.geometry[[1]], points, settings=Settings(cutoff_m=2000))
    >>> whole = predict(sites, cells, cutoff_m=2000)
    >>> bool((now["rsrp_dbm"] - whole["rsrp_dbm"]).abs().max() < 0.001)
    True
    """
    chosen = settings or Settings()
    chosen.checked()
    if not np.array_equal(samples.cells, previous.index.to_numpy()):
        raise BadInput("the samples are not those of the previous result")
    middle = changed.to_crs(samples.crs)
    around = np.column_stack([middle.x.to_numpy(), middle.y.to_numpy()])
    away, _ = cKDTree(around).query(
        np.column_stack([samples.x, samples.y]), distance_upper_bound=chosen.cutoff_m
    )
    touched = np.unique(samples.of[np.isfinite(away)])
    result = previous.copy()
    result.attrs["touched"] = len(touched)
    if not len(touched):
        return result
    inside = np.isin(samples.of, touched)
    part = Samples(
        samples.cells[touched], samples.x[inside], samples.y[inside],
        np.searchsorted(touched, samples.of[inside]), samples.crs,
    )  # fmt: skip
    metres = sectors.geometry.to_crs(samples.crs)
    margin = chosen.cutoff_m
    west, east = part.x.min() - margin, part.x.max() + margin
    south, north = part.y.min() - margin, part.y.max() + margin
    x, y = metres.x.to_numpy(), metres.y.to_numpy()
    near = sectors[(x >= west) & (x <= east) & (y >= south) & (y <= north)]
    anew = predict(
        near.to_crs(samples.crs), part.cells, model=model, settings=chosen, patterns=patterns,
        surface=surface, terrain=terrain, points=part,
    )  # fmt: skip
    for name in anew.columns:
        column = result[name].array.copy()
        column[touched] = anew[name].array
        result[name] = column
    return result


def _chosen(settings: Settings | None, options: Mapping[str, Any]) -> Settings:
    chosen = settings or Settings()
    if unknown := sorted(set(options) - set(Settings.__dataclass_fields__)):
        raise BadInput(f"predict has no option {unknown[0]!r}", option=unknown[0])
    chosen = replace(chosen, **options)
    chosen.checked()
    return chosen


def at_points(
    prepared: Prepared,
    x: Floats,
    y: Floats,
    level: Floats,
    *,
    settings: Settings,
    ground: Ground,
    probability: bool = True,
) -> pd.DataFrame:
    """Return best server, level, ratio and probability at points, over all carriers.

    Parameters
    ----------
    probability : bool
        False to leave that out, which takes most of the time.

    Returns
    -------
    DataFrame
        ``sector``, its position among the sectors given, -1 for none; ``dbm``, minus infinity for none;
        ``sinr_db``; ``probability``, 0 where it is left out.
    """
    count = len(x)
    result = {
        "sector": np.full(count, -1, dtype=np.int64),
        "dbm": np.full(count, -np.inf),
        "sinr_db": np.full(count, np.nan),
        "probability": np.zeros(count),
    }
    for carrier in np.unique(prepared.carrier):
        chosen = np.flatnonzero(prepared.carrier == carrier)
        one = _one_carrier(
            prepared, chosen, x, y, level, settings=settings, ground=ground, probability=probability
        )
        better = one["dbm"] > result["dbm"]
        for name in ("sector", "dbm", "sinr_db"):
            result[name] = np.where(better, one[name], result[name])
        # Carriers stand on the same masts behind the same houses: the surest one counts, not their union.
        result["probability"] = np.maximum(result["probability"], one["probability"])
    return pd.DataFrame(result)


def _one_carrier(
    prepared: Prepared, chosen: NDArray[np.intp], x: Floats, y: Floats, level: Floats, *, settings: Settings,
    ground: Ground, probability: bool,
) -> dict[str, NDArray[Any]]:  # fmt: skip
    every = prepared.sectors
    sectors = Sectors(*(getattr(every, name)[chosen] for name in Sectors._fields))
    points = sort_points(x, y, level, sectors, settings.cutoff_m)
    inside, sigma = 0.0, 0.0
    if settings.indoor is not None:
        frequency = float(prepared.frequency_mhz[chosen].mean()) / 1e3
        inside = float(penetration_loss(settings.indoor, frequency, settings.depth_m))
        sigma = penetration_sigma_db(settings.indoor)
    sectors = sectors._replace(power=(sectors.power * 10 ** (-inside / 10)).astype(np.float32))
    common = (sectors, prepared.tables, ground, settings.cutoff_m**2, settings.user_height_m)
    best, strength, total = map(np.concatenate, zip(*on_all_cores(strongest, points, *common), strict=True))
    noise = float(prepared.noise_mw[chosen].max())
    share = np.zeros(len(x))
    if probability:
        node, weight = nodes()
        least, ratio = 10 ** (settings.rsrp_threshold / 10), 10 ** (settings.sinr_threshold / 10)
        fading = (least, ratio, noise, settings.load, settings.correlation, sigma, node, weight, draws())
        share = np.concatenate(on_all_cores(covered, points, *common, *fading))
    back = np.empty(len(x), dtype=np.int64)
    back[points.order] = np.arange(len(x))
    strength, total = strength.astype(float), total.astype(float)
    with np.errstate(divide="ignore"):
        dbm = 10 * np.log10(strength)
        sinr = 10 * np.log10(strength / (settings.load * np.maximum(total - strength, 0) + noise))
    sector = np.where(best >= 0, prepared.order[chosen][np.maximum(best, 0)], -1)
    sinr = np.where(best >= 0, sinr, np.nan)
    return {"sector": sector[back], "dbm": dbm[back], "sinr_db": sinr[back], "probability": share[back]}
