"""The link budget of one point: the strongest sectors line by line, what is in the way, what would help."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import numpy as np
import pyproj
import shapely

from geo.errors import BadInput
from geo.radio.antenna import Pattern, antenna_gain
from geo.radio.indoor import penetration_loss
from geo.radio.line import Line
from geo.radio.links import Beams, Losses, beams_of, losses_of, rise_of
from geo.radio.sectors import Described, described
from geo.radio.settings import Settings
from geo.radio.surface import Blocking, Surface
from geo.radio.terrain import Heights, diffraction_loss

#: A mast whose next sector looks farther off than this has a hole there: three sectors reach 60 degrees each.
HOLE_DEG = 75.0
#: What a new direction or tilt must add to be worth a climb.
WORTH_DB = 3.0
#: A new site is the answer where the nearest one is farther away than this.
FAR_M = 1500.0


@dataclass(frozen=True, slots=True)
class Remedy:
    """One change that would raise the level.

    Attributes
    ----------
    kind : {"repair", "azimuth", "tilt", "building", "terrain", "new_site"}
        ``building`` and ``terrain`` say what hides the point: a site on the other side would not be hidden.
    sector : object
        Which sector to change; None for a new site.
    level_dbm : float
        Level after it; NaN for a new site.
    facts : mapping
        The new azimuth or tilt, the building, the distance.
    """

    kind: str
    sector: Any
    level_dbm: float
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a point has the signal it has; ``noise_dbm`` is that of one resource element."""

    lines: tuple[Line, ...]
    level_dbm: float
    sinr_db: float
    covered: bool
    remedies: tuple[Remedy, ...]
    assumed: Mapping[str, int]
    noise_dbm: float = float("nan")

    def indoors(self, building: str, depth_m: float) -> tuple[float, float]:
        """Return level and ratio inside a building at the point, in dBm and dB: all sectors lose the same.

        Parameters
        ----------
        building : str
            Class of `geo.radio.penetration_loss`.
        """
        if not self.lines:
            return float("nan"), float("nan")
        lost = float(penetration_loss(building, self.lines[0].frequency_mhz / 1e3, depth_m))
        noise = 10 ** (self.noise_dbm / 10)
        others = max(10 ** ((self.level_dbm - self.sinr_db) / 10) - noise, 0.0)
        level = self.level_dbm - lost
        return level, level - 10 * math.log10(others * 10 ** (-lost / 10) + noise)


def explain(
    lon: float,
    lat: float,
    sectors: gpd.GeoDataFrame,
    *,
    model: str = "uma",
    settings: Settings | None = None,
    patterns: Mapping[str, Pattern] | None = None,
    surface: Surface | None = None,
    terrain: Heights | None = None,
    by_chance: bool = False,
    most: int = 5,
) -> Explanation:
    """Explain the signal at a point.

    Parameters
    ----------
    lon, lat : float
        Degrees on WGS 84 / CGCS2000.
    sectors : GeoDataFrame
        As in `geo.radio.predict`; optional ``in_service`` (bool): others do not serve, but are told where
        they would.
    surface : Surface, optional
        Buildings: they decide line of sight in place of the probability.
    terrain : Heights, optional
        Bare ground in the metric CRS of the sectors: antennas, user and buildings stand on it.
    by_chance : bool
        True to keep the probability beside a surface, which then only tells what stands in the way.
    most : int
        How many sectors to list, the strongest first.

    Raises
    ------
    BadInput
        As `geo.radio.predict`, and for coordinates that are no degrees.

    Examples
    --------
    >>> site = gpd.GeoDataFrame({"azimuth_deg": [180.0], "downtilt_deg": [6.0], "height_m": [25.0],
    ...     "frequency_mhz": [3500.0], "power_dbm": [53.0], "bandwidth_mhz": [100.0], "pattern": ["8x8"]},
    ...     geometry=gpd.points_from_xy([115.88], [31.74]), crs=4326)
    >>> found = explain(115.88, 31.745, site)
    >>> found.covered, round(found.lines[0].off_axis_deg), found.remedies[0].kind
    (False, 180, 'azimuth')
    """
    if not (abs(lon) <= 180 and abs(lat) <= 90):
        raise BadInput(f"({lon}, {lat}) are no degrees", lon=lon, lat=lat)
    chosen = settings or Settings()
    chosen.checked()
    geod = pyproj.Geod(ellps="GRS80")
    degrees = sectors.geometry.to_crs(4326)
    count = len(sectors)
    bearing, _, distance = geod.inv(degrees.x, degrees.y, np.full(count, lon), np.full(count, lat))
    near = np.asarray(distance) <= chosen.cutoff_m
    if not near.any():
        nearest = float(np.min(distance)) if count else float("nan")
        new = Remedy("new_site", None, float("nan"), {"nearest_m": round(nearest, 1)})
        return Explanation((), float("nan"), float("nan"), False, (new,), {})
    chosen_sectors = sectors[near]
    table = described(chosen_sectors, model=model, settings=chosen, patterns=patterns)
    user = gpd.GeoSeries([shapely.Point(lon, lat)], crs=4326).to_crs(table.crs).iloc[0]
    if surface is not None and surface.crs != table.crs:
        raise BadInput(f"the buildings are in EPSG:{surface.crs}, the sectors in EPSG:{table.crs}")
    working = np.ones(int(near.sum()), dtype=bool)
    if "in_service" in chosen_sectors.columns:
        working = chosen_sectors["in_service"].to_numpy(dtype=bool)
    away = np.asarray(distance)[near]
    towards = np.asarray(bearing)[near]
    losses = losses_of(table, away, chosen.user_height_m)
    beams = beams_of(table, away, towards, rise_of(table, user, terrain), chosen.user_height_m)
    found = [
        _Link(table, at, float(d), float(b), chosen, bool(on), user, by_chance, losses, beams).line(
            surface, terrain
        )
        for at, (d, b, on) in enumerate(zip(away, towards, working, strict=True))
    ]
    serving = sorted((one for one in found if one.in_service), key=lambda one: -one.level_dbm)
    level, ratio, noise = float("nan"), float("nan"), float("nan")
    if serving:
        noise = float(table.noise_mw[list(table.index).index(serving[0].sector)])
        level, ratio = serving[0].level_dbm, _ratio(serving, table, chosen)
    covered = bool(serving) and level >= chosen.rsrp_threshold and ratio >= chosen.sinr_threshold
    remedies = () if covered else tuple(_remedies(found, serving, table, chosen))
    return Explanation(
        tuple(serving[:most]), level, ratio, covered, remedies, table.assumed, 10 * float(np.log10(noise))
    )


@dataclass(frozen=True, slots=True)
class _Link:
    """One sector and the point."""

    table: Described
    at: int
    distance: float
    bearing: float
    settings: Settings
    in_service: bool
    user: shapely.Point
    by_chance: bool
    losses: Losses
    beams: Beams

    def line(self, surface: Surface | None, terrain: Heights | None) -> Line:
        table, at = self.table, self.at
        ghz, height = float(table.frequency_mhz[at]) / 1e3, float(table.height_m[at])
        seen, hidden, chance = (
            float(one[at]) for one in (self.losses.seen, self.losses.hidden, self.losses.chance)
        )
        # Of a model without a line of sight it is no reason that something stands in it.
        blocked = None if math.isnan(chance) else self._blocking(surface, terrain, height)
        if blocked is not None and not self.by_chance:
            chance = float(blocked.clear)
        loss = {1.0: seen, 0.0: hidden}.get(chance, float(self.losses.median[at]))
        hills = self._hills(terrain, ghz, height)
        gain = float(self.beams.gain[at])
        element = float(table.element_dbm[at])
        return Line(
            sector=table.index[at],
            distance_m=self.distance,
            bearing_deg=self.bearing % 360,
            azimuth_deg=float(table.azimuth_deg[at]),
            off_axis_deg=abs(float(self.beams.off[at])),
            below_horizon_deg=float(self.beams.below[at]),
            tilt_deg=float(table.mechanical_tilt_deg[at] + table.electrical_tilt_deg[at]),
            height_m=height,
            frequency_mhz=ghz * 1e3,
            element_dbm=element,
            gain_dbi=gain,
            peak_dbi=table.pattern(at).peak_dbi,
            loss_db=loss,
            loss_seen_db=seen,
            free_space_db=float(self.losses.free[at]),
            chance=chance,
            terrain_db=hills,
            level_dbm=element + gain - loss - hills,
            blocked=blocked,
            in_service=self.in_service,
        )

    def _blocking(self, surface: Surface | None, terrain: Heights | None, height: float) -> Blocking | None:
        if surface is None:
            return None
        base = (float(self.table.x[self.at]), float(self.table.y[self.at]))
        user = (self.user.x, self.user.y)
        return surface.blocking(base, height, user, self.settings.user_height_m, terrain=terrain)

    def _hills(self, terrain: Heights | None, ghz: float, height: float) -> float:
        count = 0 if terrain is None else int(self.distance / terrain.step)
        if terrain is None or count < 2:
            return 0.0
        user = self.user
        part = np.linspace(0, 1, count + 1)
        x = self.table.x[self.at] + (user.x - self.table.x[self.at]) * part
        y = self.table.y[self.at] + (user.y - self.table.y[self.at]) * part
        return diffraction_loss(
            part * self.distance, terrain.at(x, y), ghz, base_height_m=height,
            user_height_m=self.settings.user_height_m,
        )  # fmt: skip


def _gain(table: Described, at: int, off: float, below: float, *, mechanical: float | None = None) -> float:
    tilt = float(table.mechanical_tilt_deg[at]) if mechanical is None else mechanical
    return float(
        antenna_gain(
            table.pattern(at),
            0.0 if np.isnan(off) else off,
            below,
            mechanical_tilt_deg=tilt,
            electrical_tilt_deg=float(table.electrical_tilt_deg[at]),
        )
    )


def _ratio(serving: list[Line], table: Described, settings: Settings) -> float:
    """Return the ratio of the best sector to the others on its carrier and to noise."""
    best = serving[0]
    of = {name: at for at, name in enumerate(table.index)}
    carrier = table.carrier[of[best.sector]]
    others = [10 ** (one.level_dbm / 10) for one in serving[1:] if table.carrier[of[one.sector]] == carrier]
    noise = float(table.noise_mw[of[best.sector]])
    return best.level_dbm - 10 * float(np.log10(settings.load * sum(others) + noise))


def _remedies(found: list[Line], serving: list[Line], table: Described, settings: Settings) -> list[Remedy]:
    """Return what would reach the threshold: repair first, then what needs no new mast."""
    least = settings.rsrp_threshold
    of = {name: at for at, name in enumerate(table.index)}
    off = sorted((one for one in found if not one.in_service), key=lambda one: -one.level_dbm)
    result = [
        Remedy("repair", one.sector, one.level_dbm, {"distance_m": round(one.distance_m, 1)})
        for one in off[:1]
        if one.level_dbm >= least
    ]
    nearest_first = sorted(serving, key=lambda one: one.distance_m)
    result += _turned(nearest_first, table, of, least)
    nearest = min((one.distance_m for one in found), default=float("nan"))
    new = Remedy("new_site", None, float("nan"), {"nearest_m": round(nearest, 1)})
    if nearest > FAR_M:
        result.append(new)
    result += _hidden(serving, least)
    return result or [new]


def _hidden(serving: list[Line], least: float) -> list[Remedy]:
    """Return the hill and the building without which the point would be served."""
    result = []
    for one in serving:
        # By chance, one that cuts the sight takes that away too; past buildings it only weakens.
        without = one.level_dbm + one.terrain_db
        if 0 < one.chance < 1 and "hill" in one.in_the_way:
            without = max(without, one.element_dbm + one.gain_dbi - one.loss_seen_db)
        if one.terrain_db >= WORTH_DB and without >= least:
            facts = {"terrain_db": round(one.terrain_db, 1)}
            result.append(Remedy("terrain", one.sector, without, facts))
            break
    for one in sorted(serving, key=lambda line: line.loss_seen_db - line.gain_dbi):
        open_level = one.element_dbm + one.gain_dbi - one.loss_seen_db - one.terrain_db
        if one.blocked is not None and not one.blocked.clear and open_level >= least:
            house = {"building": one.blocked.building, "over_m": round(one.blocked.over_m, 1)}
            result.append(Remedy("building", one.sector, open_level, house))
            break
    return result


def _turned(lines: list[Line], table: Described, of: Mapping[Any, int], least: float) -> list[Remedy]:
    """Return the tilt or azimuth of one sector that would serve the point.

    A sector is only turned where its mast has a hole: nobody turns one away from those it serves.
    """
    mast = {name: (round(float(table.x[at])), round(float(table.y[at]))) for name, at in of.items()}
    options: list[tuple[float, Remedy]] = []
    for one in lines:
        at = of[one.sector]
        lost = one.peak_dbi - one.gain_dbi
        off = one.bearing_deg - one.azimuth_deg
        best_tilt = one.below_horizon_deg - float(table.electrical_tilt_deg[at])
        level = (
            one.level_dbm - one.gain_dbi + _gain(table, at, off, one.below_horizon_deg, mechanical=best_tilt)
        )
        if level >= least and level - one.level_dbm >= WORTH_DB and one.off_axis_deg <= HOLE_DEG:
            facts = {"tilt_deg": round(one.tilt_deg, 1), "to_deg": round(max(one.below_horizon_deg, 0.0), 1)}
            options.append((level, Remedy("tilt", one.sector, level, facts)))
        beside = [other for other in lines if mast[other.sector] == mast[one.sector]]
        hole = min(other.off_axis_deg for other in beside) > HOLE_DEG
        level = one.level_dbm - one.gain_dbi + _gain(table, at, 0.0, one.below_horizon_deg)
        if hole and level >= least and lost >= WORTH_DB:
            facts = {"azimuth_deg": round(one.azimuth_deg, 1), "to_deg": round(one.bearing_deg, 1)}
            options.append((level, Remedy("azimuth", one.sector, level, facts)))
    options.sort(key=lambda pair: -pair[0])
    kinds: dict[str, Remedy] = {}
    for _, remedy in options:
        kinds.setdefault(remedy.kind, remedy)
    return list(kinds.values())
