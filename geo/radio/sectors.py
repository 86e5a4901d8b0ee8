"""Sectors as they come, to sectors as the compiled loop takes them: whatever is assumed is counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
from numpy.typing import NDArray

from geo.crs import metric_crs
from geo.errors import BadInput
from geo.radio.antenna import ELEMENT_WIDTH_DEG, Pattern, named, without_azimuth
from geo.radio.hata import HATA_MODELS
from geo.radio.kernel import Sectors
from geo.radio.settings import Settings
from geo.radio.states import ALL_MODELS, out_of_range
from geo.radio.tables import SEEN, Tables, horizontal_table, loss_table, squared_distances, vertical_table
from geo.radio.technologies import SUBCARRIERS, resource_blocks, spacing_khz, technology_of
from geo.radio.terrain import Heights

Floats = NDArray[np.float64]

#: What is assumed where a sector says nothing: counted in the note, never silent.
ASSUMED_HEIGHT_M = {
    "uma": 25.0, "umi": 10.0, "rma": 35.0, "sma": 30.0, "free_space": 25.0,
    **dict.fromkeys(HATA_MODELS, 30.0),
}  # fmt: skip
ASSUMED_TILT_DEG = 6.0
ASSUMED_PATTERN = "8x1"
ASSUMED_POWER_DBM = {"5g": 53.0, "4g": 46.0, "nb_iot": 43.0, "pdt": 44.0}
ASSUMED_FREQUENCY_MHZ = {"5g": 3500.0, "4g": 1850.0, "nb_iot": 900.0, "pdt": 360.0}
ASSUMED_BANDWIDTH_MHZ = {"5g": 100.0, "4g": 20.0, "nb_iot": 0.2, "pdt": 0.0125}
#: Thermal noise at 290 K in dBm/Hz.
_THERMAL_DBM_HZ = -174.0


@dataclass
class Prepared:
    """Sectors as the loop takes them, with what had to be assumed."""

    sectors: Sectors
    tables: Tables
    carrier: NDArray[np.int64]
    noise_mw: Floats
    frequency_mhz: Floats
    order: NDArray[np.intp]
    crs: int
    assumed: dict[str, int] = field(default_factory=dict)
    beyond_dbm: float = float("-inf")
    models: dict[str, int] = field(default_factory=dict)
    out_of_range: int = 0


def _of(sectors: gpd.GeoDataFrame, name: str, assumed: Floats | float, count: dict[str, int]) -> Floats:
    """Return a column as numbers, with what is assumed where it holds none; counts those."""
    if name not in sectors.columns:
        values = np.full(len(sectors), np.nan)
    else:
        values = pd.to_numeric(sectors[name], errors="coerce").to_numpy(dtype=float, na_value=np.nan)
    missing = ~np.isfinite(values)
    if missing.any():
        count[name] = int(missing.sum())
    return np.where(missing, assumed, values)


def _tilts(
    sectors: gpd.GeoDataFrame, steered: NDArray[np.bool_], count: dict[str, int]
) -> tuple[Floats, Floats]:
    """Return mechanical and electrical tilt."""
    nothing: dict[str, int] = {}
    if "mechanical_tilt_deg" in sectors.columns or "electrical_tilt_deg" in sectors.columns:
        mechanical = _of(sectors, "mechanical_tilt_deg", np.nan, nothing)
        electrical = _of(sectors, "electrical_tilt_deg", np.nan, nothing)
        unknown = np.isnan(mechanical) & np.isnan(electrical)
        mechanical, electrical = np.nan_to_num(mechanical), np.nan_to_num(electrical)
    else:
        tilt = _of(sectors, "downtilt_deg", np.nan, nothing)
        unknown = np.isnan(tilt)
        tilt = np.nan_to_num(tilt)
        mechanical, electrical = np.where(steered, 0.0, tilt), np.where(steered, tilt, 0.0)
    if unknown.any():
        count["downtilt_deg"] = int(unknown.sum())
        mechanical = np.where(unknown & ~steered, ASSUMED_TILT_DEG, mechanical)
        electrical = np.where(unknown & steered, ASSUMED_TILT_DEG, electrical)
    return mechanical, electrical


def _patterns(
    sectors: gpd.GeoDataFrame, files: Mapping[str, Pattern], unknown_azimuth: NDArray[np.bool_],
    count: dict[str, int],
) -> tuple[list[Pattern], NDArray[np.int64]]:  # fmt: skip
    """Return the different patterns and which one each sector has."""
    nothing: dict[str, int] = {}
    width = _of(sectors, "beamwidth_deg", ELEMENT_WIDTH_DEG, nothing)
    names = sectors["pattern"] if "pattern" in sectors.columns else pd.Series([None] * len(sectors))
    found: dict[tuple[Any, ...], int] = {}
    made: list[Pattern] = []
    of = np.zeros(len(sectors), dtype=np.int64)
    for at, (name, beam, blind) in enumerate(
        zip(names.tolist(), width.tolist(), unknown_azimuth.tolist(), strict=True)
    ):
        text = name if isinstance(name, str) and name.strip() else ASSUMED_PATTERN
        if text is not name:
            count["pattern"] = count.get("pattern", 0) + 1
        key = (text, beam, blind)
        if key not in found:
            pattern = files[text] if text in files else named(text, beam)
            found[key] = len(made)
            made.append(without_azimuth(pattern) if blind else pattern)
        of[at] = found[key]
    return made, of


@dataclass(frozen=True)
class Described:
    """Sectors with every value they need, and what had to be assumed.

    Attributes
    ----------
    index : Index
        Of the frame they came in; all arrays are in its order.
    x, y : ndarray
        Metres of ``crs``; ``convergence_deg`` is the bearing of its grid north.
    model : ndarray of str
    azimuth_deg : ndarray
        From true north; NaN where nobody knows.
    element_dbm : ndarray
        Power of one resource element at the antenna.
    noise_mw : ndarray
        In one resource element.
    carrier : ndarray
        Sectors with the same number interfere.
    assumed : dict
        Values that were missing, by column.
    """

    index: pd.Index
    crs: int
    x: Floats
    y: Floats
    convergence_deg: Floats
    model: NDArray[np.object_]
    height_m: Floats
    frequency_mhz: Floats
    azimuth_deg: Floats
    mechanical_tilt_deg: Floats
    electrical_tilt_deg: Floats
    element_dbm: Floats
    noise_mw: Floats
    carrier: NDArray[np.int64]
    patterns: list[Pattern]
    of_pattern: NDArray[np.int64]
    assumed: dict[str, int]

    def pattern(self, at: int) -> Pattern:
        """Return the pattern of one sector."""
        return self.patterns[int(self.of_pattern[at])]


def described(
    sectors: gpd.GeoDataFrame,
    *,
    model: str,
    settings: Settings,
    patterns: Mapping[str, Pattern] | None = None,
) -> Described:
    """Return one or more sectors with every value they need: see `geo.radio.predict`."""
    if sectors.crs is None:
        raise BadInput("the sectors have no CRS")
    if not (sectors.geom_type == "Point").all():
        raise BadInput("sectors are points: one or more are missing or something else")
    technology = settings.technology
    assumed: dict[str, int] = {}
    crs = metric_crs(sectors)
    metres, degrees = sectors.geometry.to_crs(crs), sectors.geometry.to_crs(4326)
    models = np.full(len(sectors), model, dtype=object)
    if "model" in sectors.columns:
        models = np.where(sectors["model"].notna(), sectors["model"].to_numpy(dtype=object), models)
    if wrong := sorted({str(one) for one in models} - set(ALL_MODELS)):
        raise BadInput(f"there is no model {wrong[0]!r}: use {', '.join(ALL_MODELS)}", model=wrong[0])
    usual = np.array([ASSUMED_HEIGHT_M[one] for one in models])
    height = _of(sectors, "height_m", usual, assumed)
    frequency = _of(sectors, "frequency_mhz", ASSUMED_FREQUENCY_MHZ[technology], assumed)
    bandwidth = _of(sectors, "bandwidth_mhz", ASSUMED_BANDWIDTH_MHZ[technology], assumed)
    power = _of(sectors, "power_dbm", ASSUMED_POWER_DBM[technology], assumed)
    spacing = _of(sectors, "subcarrier_spacing_khz", np.array([spacing_khz(f) for f in frequency]), {})
    azimuth = _of(sectors, "azimuth_deg", np.nan, assumed)
    made, of_pattern = _patterns(sectors, patterns or {}, np.isnan(azimuth), assumed)
    steered = np.array([one.tilts_electrically for one in made])[of_pattern]
    mechanical, electrical = _tilts(sectors, steered, assumed)
    turned = pyproj.Proj(crs).get_factors(degrees.x.to_numpy(), degrees.y.to_numpy()).meridian_convergence
    blocks = np.array(
        [1 / SUBCARRIERS if technology == "pdt" else resource_blocks(b, s, technology)
         for b, s in zip(bandwidth.tolist(), spacing.tolist(), strict=True)]
    )  # fmt: skip
    hertz = np.where(technology == "pdt", 12_500.0, spacing * 1e3)
    noise = 10 ** ((_THERMAL_DBM_HZ + 10 * np.log10(hertz) + technology_of(technology).noise_figure_db) / 10)
    return Described(
        index=sectors.index, crs=crs, x=metres.x.to_numpy(), y=metres.y.to_numpy(),
        convergence_deg=np.asarray(turned), model=models, height_m=height, frequency_mhz=frequency,
        azimuth_deg=azimuth, mechanical_tilt_deg=mechanical, electrical_tilt_deg=electrical,
        element_dbm=power - 10 * np.log10(SUBCARRIERS * blocks), noise_mw=noise,
        carrier=_carriers(frequency, bandwidth), patterns=made, of_pattern=of_pattern, assumed=assumed,
    )  # fmt: skip


def prepare(
    sectors: gpd.GeoDataFrame,
    *,
    model: str,
    settings: Settings,
    patterns: Mapping[str, Pattern] | None = None,
    terrain: Heights | None = None,
) -> Prepared:
    """Return one or more sectors as the loop takes them: see `geo.radio.predict`."""
    table = described(sectors, model=model, settings=settings, patterns=patterns)
    of_pattern, made = table.of_pattern, table.patterns
    # Azimuths are from true north, the grid is not: turn them by the convergence of its meridians.
    bearing = np.radians(np.nan_to_num(table.azimuth_deg) - table.convergence_deg)
    of_class, kinds = _numbered(
        pd.DataFrame({"model": table.model, "frequency": table.frequency_mhz, "height": table.height_m})
    )
    user, cutoff = settings.user_height_m, settings.cutoff_m
    loss = np.stack([_loss(m, float(f) / 1e3, float(h), user, cutoff_m=cutoff) for m, f, h in kinds])
    of_cut, cuts = _numbered(pd.DataFrame({"pattern": of_pattern, "tilt": table.electrical_tilt_deg}))
    upright = np.stack([vertical_table(made[int(p)], float(t)) for p, t in cuts])
    across = np.stack([horizontal_table(one) for one in made])
    floor = np.array([10 ** (-one.limit_db / 10) for one in made], dtype=np.float32)
    masts, _ = _numbered(pd.DataFrame({"x": table.x.round(1), "y": table.y.round(1), "class": of_class}))
    order = np.lexsort((masts, table.carrier))
    level = np.zeros(len(order)) if terrain is None else terrain.at(table.x, table.y)
    gain = np.array([one.gain_dbi for one in made])[of_pattern]
    peak = np.array([one.peak_dbi for one in made])[of_pattern]
    beyond = float((table.element_dbm + peak + 10 * np.log10(loss[of_class, -3, SEEN])).max())
    turned = np.radians(table.mechanical_tilt_deg)
    chosen = Sectors(
        table.x[order], table.y[order], (table.height_m - user)[order], level[order],
        np.sin(bearing)[order], np.cos(bearing)[order], np.sin(turned)[order], np.cos(turned)[order],
        (10 ** ((table.element_dbm + gain) / 10))[order].astype(np.float32),
        of_class[order].astype(np.int32), of_pattern[order].astype(np.int32),
        of_cut[order].astype(np.int32), masts[order].astype(np.int32), (table.frequency_mhz / 1e3)[order],
    )  # fmt: skip
    return Prepared(
        chosen, Tables(loss, across, upright, floor), table.carrier[order], table.noise_mw[order],
        table.frequency_mhz[order], order, table.crs, table.assumed, beyond,
        dict(Counter(sorted(table.model))), out_of_range(table.model, table.frequency_mhz),
    )  # fmt: skip


@lru_cache(maxsize=4096)
def _loss(model: str, ghz: float, base: float, user: float, *, cutoff_m: float) -> NDArray[np.float32]:
    """Return the loss table of one class; a city has few, and asks again with every change."""
    return loss_table(model, ghz, base, user, np.sqrt(squared_distances(cutoff_m)))


def _numbered(frame: pd.DataFrame) -> tuple[NDArray[np.int64], list[tuple[Any, ...]]]:
    """Return the number of each row's combination of values, and the combinations, as they come."""
    combined = np.zeros(len(frame), dtype=np.int64)
    for name in frame.columns:
        own, values = pd.factorize(frame[name])
        combined = pd.factorize(combined * len(values) + own)[0]
    first = np.flatnonzero(~pd.Series(combined).duplicated())
    kinds = list(zip(*(frame[name].to_numpy()[first].tolist() for name in frame.columns), strict=True))
    return combined, kinds


def _carriers(frequency_mhz: Floats, bandwidth_mhz: Floats) -> NDArray[np.int64]:
    """Return the number of each carrier: sectors whose channels overlap share one and interfere."""
    low, high = frequency_mhz - bandwidth_mhz / 2, frequency_mhz + bandwidth_mhz / 2
    order = np.argsort(low, kind="stable")
    reached = np.maximum.accumulate(high[order])
    starts = np.concatenate([[False], low[order][1:] >= reached[:-1] - 1e-9])
    numbers = np.empty(len(low), dtype=np.int64)
    numbers[order] = np.cumsum(starts)
    return numbers
