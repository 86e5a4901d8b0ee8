"""Gaps of 5G of each cause: sites moved, sectors faulty or turned, and shadows found in the city.

A planted place was covered before, or would be but for what hides it. Places in a shadow, and those without a
site, are not reached with sight past buildings and relief as they stand; those of a sector not without sight,
as the usual statistical models have it: in free sight a neighbour 2 km away still serves.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from numpy.typing import NDArray

from sample_gis.planted.candidates import people_around, street_places
from sample_gis.planted.radio_field import REACH_M, Field, best_dbm
from sample_gis.planted.radio_levels import Panels, level_dbm, panels_of
from sample_gis.planted.radio_sight import Sight
from sample_gis.planted.sight import disc
from sample_gis.planted.site_moving import move_site
from sample_gis.planted.truth import change, entry, read_causes

if TYPE_CHECKING:
    from sample_gis.city import City

Numbers = NDArray[np.float64]
Indices = NDArray[np.int64]

THEME = "radio_gaps"
#: Acceptance of the Chinese operators is -105 dBm; planted places keep a margin to both sides.
GAP_DBM, COVERED_DBM = -107.0, -101.0
#: Two gaps are farther apart than this.
APART_M = 2500.0
_TURNED_DEG, _TOO_MUCH_TILT_DEG = 120.0, 27.0
_RADIUS_M = {
    "no_site_near": 60.0, "wrong_azimuth": 25.0, "sector_off": 25.0, "wrong_tilt": 25.0, "terrain": 40.0,
    "building_shadow": 15.0,
}  # fmt: skip
#: Of the terrain's hilliness, 0 on the plain to 1 in the hills.
_HILLY = 0.3
_LEAST_OVER_M = 1.0
_PEOPLE_WITHIN_M = 120.0
#: So many places, those with most people, are looked at for a cause.
_LOOKED_AT = 100
#: Nearer to its site a place is likely in sight of it, whatever stands around.
_LEAST_AWAY_M = 250.0
_SECTOR_CAUSES = ("wrong_azimuth", "sector_off", "wrong_tilt")


@dataclass
class Plan:
    """Places chosen so far, and the sites that are spoken for."""

    at: list[Numbers] = field(default_factory=list)
    sites: set[str] = field(default_factory=set)

    def takes(self, place: Numbers, site: str, stand: Numbers, keep_m: float) -> bool:
        """Return whether a place fits to those chosen; its site keeps a distance from all of them."""
        return site not in self.sites and all(
            np.hypot(*(place - other)) > APART_M and np.hypot(*(stand - other)) > keep_m for other in self.at
        )


@dataclass(frozen=True)
class Where:
    """Places to choose from, and how many people live within 120 m of each."""

    xy: Numbers
    people: Indices


def make(city: City) -> None:
    """Plant the gaps; reads base stations, sectors, towers, buildings, roads, villages and terrain."""
    causes = read_causes()[THEME]
    lived_in, hills = _lived_in(city), _roads_in_hills(city)
    planting = Planting(city, Sight(city), Plan())
    found: dict[str, list[dict[str, Any]]] = {}
    # What adds power somewhere comes first: the rest looks at the sites as they will stand.
    for where, together in (
        (lived_in, ["no_site_near"]),
        (hills, ["terrain"]),
        (lived_in, ["wrong_azimuth"]),
        (lived_in, ["sector_off", "wrong_tilt", "building_shadow"]),
    ):
        known = Field.of(city, panels_of(city), where.xy)
        for cause in together:
            found[cause] = planting.plant(known, where, cause, causes[cause].count)
    city.truth[THEME] = [one for cause in causes for one in found[cause]]


def _lived_in(city: City) -> Where:
    """Return villages, and streets that people live on."""
    xy = np.vstack([np.round(np.asarray(city.hamlets, dtype=float), 2), street_places(city).xy])
    people = people_around(city, xy, _PEOPLE_WITHIN_M)
    return Where(xy[people > 0], people[people > 0])


def _roads_in_hills(city: City) -> Where:
    """Return middles of roads in the hills: too few villages lie behind them."""
    middle = shapely.line_interpolate_point(city.roads.geometry.to_numpy(), 0.5, normalized=True)
    xy = np.round(shapely.get_coordinates(middle), 2)
    grid = city.terrain.grid
    column = ((xy[:, 0] - grid.west) / grid.step).astype(np.int64)
    row = ((grid.north - xy[:, 1]) / grid.step).astype(np.int64)
    xy = xy[city.terrain.hilliness[row, column] > _HILLY]
    return Where(xy, people_around(city, xy, _PEOPLE_WITHIN_M))


@dataclass
class Planting:
    """The city, its lines of sight, and what has been planted so far."""

    city: City
    sight: Sight
    plan: Plan

    def plant(self, known: Field, where: Where, cause: str, count: int) -> list[dict[str, Any]]:
        """Plant some gaps of one cause and return their entries."""
        shadow = cause in {"terrain", "building_shadow"}
        options = self._hidden if shadow else self._served_by_one
        found: list[dict[str, Any]] = []
        for row, panel in options(known, where, cause):
            at, stand = known.xy[row], known.panels.xy[panel]
            site = str(self.city.layers["sectors"].at[int(known.panels.row[panel]), "site_code"])
            keep = REACH_M if cause in {"no_site_near", "wrong_azimuth"} else 0.0
            if len(found) == count:
                break
            if not self.plan.takes(at, site, stand, keep):
                continue
            left = known.panels if shadow else _changed(known.panels, cause, panel)
            if self._best_dbm(cause, left, disc(at, _RADIUS_M[cause])).max() > GAP_DBM:
                continue
            self.plan.at.append(at)
            self.plan.sites.add(site)
            facts: dict[str, Any] = {"site": site, "distance_m": round(float(np.hypot(*(at - stand))), 1)}
            changed: dict[str, Any] = {}
            if shadow:
                facts |= self._obstacle(known, cause, row, panel)
            else:
                before = self._best_dbm(cause, known.panels, at[None])[0]
                facts["before_dbm"] = round(float(before), 1)
                facts |= self._change(cause, int(known.panels.row[panel]), site, changed)
            facts["residents_within_120_m"] = int(where.people[row])
            found.append(self._entry(cause, at, changed, facts))
        return found

    def _served_by_one(self, known: Field, where: Where, cause: str) -> list[tuple[int, int]]:
        """Return places that one site or sector serves alone, and its panel.

        Those with most people come first, of sites those with the least power from others.
        """
        panels = known.panels
        level, server = known.best(known.hidden_dbm)
        own = known.panel == server[known.place]
        if cause == "no_site_near":
            own = panels.site[known.panel] == panels.site[server[known.place]]
        after = np.where(own, -np.inf, known.hidden_dbm)
        left = known.best(after)[0]
        rows = np.flatnonzero((level >= COVERED_DBM) & (left <= GAP_DBM))
        rows = rows[np.lexsort([rows, -where.people[rows]])]
        if cause == "no_site_near":
            rows = rows[np.argsort(np.round(left[rows]), kind="stable")][:_LOOKED_AT]
            after = np.where(known.free(self.sight, rows, GAP_DBM), known.seen_dbm, known.hidden_dbm)
            after[own] = -np.inf
        else:
            away = np.hypot(*(panels.xy[server[rows]] - known.xy[rows]).T)
            rows = rows[away >= _LEAST_AWAY_M]
            if cause != "sector_off":
                at = known.xy[known.place[own]]
                after[own] = level_dbm(self.city, _all_changed(panels, cause), known.panel[own], at, False)
        left = known.best(after)[0]
        return [(row, int(server[row])) for row in rows.tolist() if left[row] <= GAP_DBM]

    def _hidden(self, known: Field, where: Where, cause: str) -> list[tuple[int, int]]:
        """Return places that only hills, or only buildings, hide from a site that would serve them.

        Those with most people come first.
        """
        panels = known.panels
        hidden, _ = known.best(known.hidden_dbm)
        seen, server = known.best(known.seen_dbm)
        away = np.hypot(*(panels.xy[server] - known.xy).T)
        rows = np.flatnonzero((hidden <= GAP_DBM) & (seen >= COVERED_DBM) & (away <= REACH_M))
        over = self.sight.over(panels.xy[server[rows]], panels.height_m[server[rows]], known.xy[rows])
        blocking, other = over.relief_m, over.roofs_m
        if cause == "building_shadow":
            blocking, other = other, blocking
        rows = rows[(blocking > _LEAST_OVER_M) & (other < 0)]
        rows = rows[np.lexsort([rows, -where.people[rows]])][:_LOOKED_AT]
        free = known.free(self.sight, rows, GAP_DBM)
        now = known.best(np.where(free, known.seen_dbm, known.hidden_dbm))[0]
        return [(row, int(server[row])) for row in rows.tolist() if now[row] <= GAP_DBM]

    def _obstacle(self, known: Field, cause: str, row: int, panel: int) -> dict[str, Any]:
        panels, at = known.panels, known.xy[[row]]
        over = self.sight.over(panels.xy[[panel]], panels.height_m[[panel]], at)
        free = level_dbm(self.city, panels, np.array([panel]), at, True)
        facts: dict[str, Any] = {"with_sight_dbm": round(float(free[0]), 1)}
        if cause == "terrain":
            return facts | {"obstruction_m": round(float(over.relief_m[0]), 1)}
        building = self.city.buildings["code"].iloc[int(over.house[0])]
        return facts | {"obstruction_m": round(float(over.roofs_m[0]), 1), "building": building}

    def _change(self, cause: str, sector: int, site: str, changed: dict[str, Any]) -> dict[str, Any]:
        """Edit the site or sector of a cause and return facts about it."""
        if cause == "no_site_near":
            to = move_site(self.city, site, np.array(self.plan.at), REACH_M, changed)
            return {"moved_to": to}
        sectors = self.city.layers["sectors"]
        turned = round((float(sectors.at[sector, "azimuth_deg"]) + _TURNED_DEG) % 360, 1)
        values: dict[str, dict[str, Any]] = {
            "sector_off": {"status": "fault"},
            "wrong_azimuth": {"azimuth_deg": turned},
            "wrong_tilt": {"mechanical_tilt_deg": _TOO_MUCH_TILT_DEG},
        }
        change(self.city, "sectors", sector, changed, **values[cause])
        return {"sector": sectors.at[sector, "code"]}

    def _best_dbm(self, cause: str, panels: Panels, places: Numbers) -> Numbers:
        sight = None if cause in _SECTOR_CAUSES else self.sight
        return best_dbm(self.city, sight, panels, places)

    def _entry(
        self, cause: str, at: Numbers, changed: dict[str, Any], facts: dict[str, Any]
    ) -> dict[str, Any]:
        level = float(self._best_dbm(cause, panels_of(self.city), at[None])[0])
        return entry(
            self.city, THEME, cause, at=(float(at[0]), float(at[1])), radius_m=_RADIUS_M[cause],
            changed=changed,
            # No sector at all within reach has no level.
            level_dbm=round(level, 1) if np.isfinite(level) else None, **facts,
        )  # fmt: skip


def _all_changed(panels: Panels, cause: str) -> Panels:
    """Return the panels as each would be after the change of a cause."""
    if cause == "wrong_azimuth":
        return replace(panels, azimuth_deg=(panels.azimuth_deg + _TURNED_DEG) % 360)
    return replace(panels, mechanical_deg=np.full_like(panels.mechanical_deg, _TOO_MUCH_TILT_DEG))


def _changed(panels: Panels, cause: str, panel: int) -> Panels:
    """Return the panels as they will be once one of them, or its site, has changed."""
    one = np.arange(len(panels.row)) == panel
    if cause in {"wrong_azimuth", "wrong_tilt"}:
        after = _all_changed(panels, cause)
        return replace(
            panels,
            azimuth_deg=np.where(one, after.azimuth_deg, panels.azimuth_deg),
            mechanical_deg=np.where(one, after.mechanical_deg, panels.mechanical_deg),
        )
    return panels.kept(panels.site != panels.site[panel] if cause == "no_site_near" else ~one)
