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
from geo.notes import MethodNote
from geo.radio.antenna import Pattern
from geo.radio.indoor import penetration_loss, penetration_sigma_db
from geo.radio.kernel import Ground, Sectors, ground_of, on_all_cores, sort_points, strongest
from geo.radio.path_loss import RELEASE
from geo.radio.probability import covered, draws, nodes
from geo.radio.samples import Samples, samples_of
from geo.radio.sectors import (
    ASSUMED_BANDWIDTH_MHZ,
    ASSUMED_FREQUENCY_MHZ,
    ASSUMED_HEIGHT_M,
    ASSUMED_PATTERN,
    ASSUMED_POWER_DBM,
    ASSUMED_TILT_DEG,
    Prepared,
    prepare,
)
from geo.radio.settings import Settings
from geo.radio.technologies import technology_of
from geo.radio.terrain import SOURCE as TERRAIN_SOURCE
from geo.radio.terrain import Heights

Floats = NDArray[np.float64]

#: Lowest frequency of the models of TR 38.901.
_LEAST_MHZ = 500.0


def predict(
    sectors: gpd.GeoDataFrame,
    cells: pd.Index | ArrayLike,
    *,
    model: str = "uma",
    settings: Settings | None = None,
    patterns: Mapping[str, Pattern] | None = None,
    surface: Heights | None = None,
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
    model : {"uma", "umi", "rma", "sma", "free_space"}
        Of sectors without a ``model`` of their own.
    settings : Settings, optional
        And ``options``: single attributes of it, such as ``load=1.0``.
    patterns : mapping of str to Pattern, optional
        Antenna files by the names that sectors call them.
    surface : Heights, optional
        Highest point of ground, building or tree in each square: gives line of sight in place of the
        probability.
    terrain : Heights, optional
        Bare ground on the same grid: adds diffraction over hills.
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
        return _nothing(index, chosen, model)
    prepared = prepare(sectors, model=model, settings=chosen, patterns=patterns, terrain=terrain)
    if points is None:
        points = samples_of(array, prepared.crs, chosen.samples)
    if points.crs != prepared.crs or len(points.cells) != len(array):
        raise BadInput("the samples belong to other cells or another CRS")
    ground = ground_of(surface, terrain, chosen.sight_reach_m)
    level = np.zeros(len(points.x)) if terrain is None else terrain.at(points.x, points.y)
    found = at_points(prepared, points.x, points.y, level, settings=chosen, ground=ground)
    frame = _by_cell(found, points, index, sectors.index)
    frame.attrs["note"] = _note(prepared, chosen, model, len(points.x), surface=surface, terrain=terrain)
    return frame


def repredict(
    previous: pd.DataFrame,
    sectors: gpd.GeoDataFrame,
    changed: gpd.GeoSeries,
    samples: Samples,
    *,
    model: str = "uma",
    settings: Settings | None = None,
    patterns: Mapping[str, Pattern] | None = None,
    surface: Heights | None = None,
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
    prepared: Prepared, x: Floats, y: Floats, level: Floats, *, settings: Settings, ground: Ground
) -> pd.DataFrame:
    """Return best server, level, ratio and probability at points, over all carriers.

    Returns
    -------
    DataFrame
        ``sector``, its position among the sectors given, -1 for none; ``dbm``, minus infinity for none;
        ``sinr_db``; ``probability``.
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
        one = _one_carrier(prepared, chosen, x, y, level, settings=settings, ground=ground)
        better = one["dbm"] > result["dbm"]
        for name in ("sector", "dbm", "sinr_db"):
            result[name] = np.where(better, one[name], result[name])
        # Carriers stand on the same masts behind the same houses: the surest one counts, not their union.
        result["probability"] = np.maximum(result["probability"], one["probability"])
    return pd.DataFrame(result)


def _one_carrier(
    prepared: Prepared, chosen: NDArray[np.intp], x: Floats, y: Floats, level: Floats, *, settings: Settings,
    ground: Ground,
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
    node, weight = nodes()
    noise = float(prepared.noise_mw[chosen].max())
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


def _by_cell(found: pd.DataFrame, points: Samples, index: pd.Index, names: pd.Index) -> pd.DataFrame:
    """Return the median level and ratio of each cell's points, its main server and mean probability."""
    count = len(index)
    sizes = np.bincount(points.of, minlength=count)
    result = pd.DataFrame(index=index)
    for column, name in (("dbm", "rsrp_dbm"), ("sinr_db", "sinr_db")):
        values = found[column].to_numpy()
        if len(np.unique(sizes)) == 1:
            # Points without any signal are the weakest; without a ratio they have none to count.
            table = values.reshape(count, -1)
            median = np.median(table, axis=1) if column == "dbm" else _median_of_known(table)
        else:
            median = pd.Series(values).groupby(points.of).median().to_numpy()
        result[name] = np.where(np.isfinite(median), median, np.nan)
    server = _main_server(found, points.of, count)
    taken = names.take(np.maximum(server, 0)).to_series(index=index)
    result["best_sector"] = taken.astype("Int64" if names.dtype.kind in "iu" else object).where(server >= 0)
    share = np.bincount(points.of, weights=found["probability"].to_numpy(), minlength=count)
    result["covered_probability"] = share / np.maximum(sizes, 1)
    result.loc[np.asarray(result["rsrp_dbm"].isna()), "sinr_db"] = np.nan
    return result


def _median_of_known(table: Floats) -> Floats:
    known = ~np.isnan(table)
    if known.all():
        return np.asarray(np.median(table, axis=1))
    median = np.full(len(table), np.nan)
    some = known.any(axis=1)
    median[some] = np.nanmedian(table[some], axis=1)
    return median


def _main_server(found: pd.DataFrame, of: NDArray[np.int64], count: int) -> NDArray[np.int64]:
    """Return the sector that serves most points of each cell, the stronger one of two; -1 for none."""
    sector = found["sector"].to_numpy()
    there = sector >= 0
    size = int(sector.max()) + 1 if there.any() else 1
    pairs, place, points = np.unique(
        of[there] * size + sector[there], return_inverse=True, return_counts=True
    )
    most = np.full(len(pairs), -np.inf)
    np.maximum.at(most, place, found["dbm"].to_numpy()[there])
    order = np.lexsort((most, points, pairs // size))
    result = np.full(count, -1, dtype=np.int64)
    result[pairs[order] // size] = pairs[order] % size
    return result


def _nothing(index: pd.Index, settings: Settings, model: str) -> pd.DataFrame:
    """Return the result without any sector: no signal anywhere."""
    frame = pd.DataFrame(
        {
            "rsrp_dbm": np.nan,
            "sinr_db": np.nan,
            "best_sector": pd.Series(pd.NA, index=index, dtype="Int64"),
            "covered_probability": 0.0,
        },
        index=index,
    )
    frame.attrs["note"] = MethodNote(
        "No sector was given: nothing is covered.", RELEASE, {"model": model, **_parameters(settings)}
    )
    return frame


def _parameters(settings: Settings) -> dict[str, Any]:
    return {
        **{name: getattr(settings, name) for name in Settings.__dataclass_fields__},
        "min_dbm": settings.rsrp_threshold,
        "min_sinr_db": settings.sinr_threshold,
    }


def _note(
    prepared: Prepared,
    settings: Settings,
    model: str,
    points: int,
    *,
    surface: Heights | None,
    terrain: Heights | None,
) -> MethodNote:
    technology = technology_of(settings.technology)
    usual: dict[str, Any] = {
        "height_m": ASSUMED_HEIGHT_M,
        "frequency_mhz": ASSUMED_FREQUENCY_MHZ[technology.code],
        "bandwidth_mhz": ASSUMED_BANDWIDTH_MHZ[technology.code],
        "power_dbm": ASSUMED_POWER_DBM[technology.code],
        "azimuth_deg": "mean of the pattern over all directions",
        "downtilt_deg": ASSUMED_TILT_DEG,
        "pattern": ASSUMED_PATTERN,
    }
    limits = [
        "A prediction, not a measurement: shadowing alone has a standard deviation of 4 to 8 dB.",
        "The models hold an average clutter; no other clutter loss is added.",
        "An array's synchronisation signal is taken as one beam as wide as the sector.",
        f"One sector beyond {settings.cutoff_m:g} m is received at {prepared.beyond_dbm:.0f} dBm at most, in "
        "line of sight along its beam; neither its signal nor its interference is counted.",
        "On several carriers the surest one counts.",
    ]
    if surface is None:
        limits.append("Line of sight is a probability of the model, not of the buildings that stand there.")
    if terrain is None:
        limits.append("Flat ground: hills neither block nor raise antennas.")
    if prepared.assumed:
        limits.append("What a sector does not tell is assumed: which values and how often is in the facts.")
    if prepared.frequency_mhz.min() < _LEAST_MHZ:
        limits.append("Under 500 MHz the models are used beyond the frequencies that they were made for.")
    source = RELEASE if terrain is None else f"{RELEASE}; {TERRAIN_SOURCE}"
    return MethodNote(
        method=(
            "Level of each sector in one resource element from its power, its antenna pattern and the median "
            "path loss over places with and without line of sight; the strongest serves, the others on its "
            "carrier interfere at the given load. The probability integrates shadow fading of the strongest "
            "sites, common in part, and tests level and ratio together. A cell has the median of its points."
        ),
        source=source,
        parameters={"model": model, **_parameters(settings), "thresholds": technology.source},
        facts={
            "sectors": len(prepared.order),
            "carriers": len(np.unique(prepared.carrier)),
            "points": points,
            "assumed": dict(prepared.assumed),
            "assumed_values": {name: usual[name] for name in prepared.assumed},
            "beyond_cutoff_dbm": round(prepared.beyond_dbm, 1),
            "line_of_sight": "probability" if surface is None else "surface",
        },
        limits=tuple(limits),
    )
