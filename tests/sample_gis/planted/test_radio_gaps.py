"""The planted gaps, recomputed with the formulas of 3GPP TR 38.901 written out once more."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
import shapely

from sample_gis.city import City
from sample_gis.planted.radio_levels import path_loss_db
from sample_gis.planted.truth import plain, read_causes

CAUSES = read_causes()["radio_gaps"]
SECTOR_CAUSES = ("sector_off", "wrong_azimuth", "wrong_tilt")
#: Acceptance of the Chinese operators' drive tests, SS-RSRP.
ACCEPTED_DBM = -105.0
#: Resource elements of 273 blocks at 100 MHz and 30 kHz, and of 160 at 30 MHz and 15 kHz (TS 38.101-1).
ELEMENTS = {100.0: 12 * 273, 30.0: 12 * 160}


def gaps(city: City, cause: str) -> list[dict[str, Any]]:
    return [one for one in city.truth["radio_gaps"] if one["cause"] == cause]


def place(city: City, gap: dict[str, Any]) -> tuple[float, float]:
    x, y = city.project([(gap["lon"], gap["lat"])])[0]
    return float(x), float(y)


def rim(city: City, gap: dict[str, Any]) -> list[tuple[float, float]]:
    x, y = place(city, gap)
    r = 0.9 * gap["radius_m"]
    return [(x, y), *((x + r * np.sin(a), y + r * np.cos(a)) for a in np.radians([10, 100, 190, 280]))]


class Link:
    """One sector and one telephone at 1.5 m."""

    def __init__(self, city: City, sector: Any, point: tuple[float, float]) -> None:
        self.city, self.sector, self.point = city, sector, point
        self.stand = (sector.geometry.x, sector.geometry.y)
        self.flat = float(np.hypot(point[0] - self.stand[0], point[1] - self.stand[1]))
        self.top = self.ground(self.stand) + sector.height_m
        self.low = self.ground(point) + 1.5

    def ground(self, at: tuple[float, float]) -> float:
        return float(self.city.terrain.at([at[0]], [at[1]])[0])

    def along(self, share: float) -> tuple[tuple[float, float], float]:
        x, y = (a + (b - a) * share for a, b in zip(self.stand, self.point, strict=True))
        return (x, y), self.top + (self.low - self.top) * share

    def relief_over_line(self) -> float:
        """Return the greatest rise of a terrain profile in steps of 10 m."""
        steps = np.linspace(0, 1, int(self.flat / 10) + 2)[1:-1]
        return max(self.ground(at) - level for at, level in map(self.along, steps.tolist()))

    def roofs_over_line(self) -> dict[str, float]:
        houses = self.city.buildings
        line = shapely.LineString([self.stand, self.point])
        found = {}
        for house in houses.iloc[houses.sindex.query(line, predicate="intersects")].itertuples():
            if house.geometry.contains(shapely.Point(self.stand)):
                continue
            crossed = line.intersection(house.geometry)
            far = max(line.project(shapely.Point(p)) for p in shapely.get_coordinates(crossed)) / line.length
            middle = house.geometry.centroid
            roof = self.ground((middle.x, middle.y)) + house.height_m
            found[house.code] = roof - self.along(far)[1]
        return found

    @property
    def free(self) -> bool:
        return self.relief_over_line() < 0 and max(self.roofs_over_line().values(), default=-1) < 0

    def gain_dbi(self, **changed: float) -> float:
        sector = self.sector._replace(**changed)
        bearing = np.degrees(np.arctan2(self.point[0] - self.stand[0], self.point[1] - self.stand[1]))
        off = (bearing - sector.azimuth_deg + 180) % 360 - 180
        down = np.degrees(np.arctan2(self.top - self.low, self.flat))
        own = down - sector.mechanical_tilt_deg * np.cos(np.radians(off))
        lost = min(min(12 * (off / 65) ** 2, 30) + min(12 * (own / 65) ** 2, 30), 30)
        # Rows half a wavelength apart whose phases steer to the electrical tilt: TR 36.897 clause 7.1.
        rows = int(sector.pattern.split("x")[0])
        steer = np.sin(np.radians(own)) - np.sin(np.radians(sector.electrical_tilt_deg))
        field = abs(np.exp(1j * np.pi * np.arange(rows) * steer).sum()) / np.sqrt(rows)
        return float(8 - lost + 20 * np.log10(max(field, 0.03)))

    def dbm(self, in_sight: bool, **changed: float) -> float:
        """UMa of table 7.4.1-1, no shadowing."""
        sector = self.sector
        ghz, way = sector.frequency_mhz / 1000, float(np.hypot(self.flat, sector.height_m - 1.5))
        breakpoint_m = 4 * (sector.height_m - 1) * 0.5 * ghz * 1e9 / 299_792_458
        loss = 28 + 22 * np.log10(way) + 20 * np.log10(ghz)
        if self.flat > breakpoint_m:
            behind = breakpoint_m**2 + (sector.height_m - 1.5) ** 2
            loss = 28 + 40 * np.log10(way) + 20 * np.log10(ghz) - 9 * np.log10(behind)
        if not in_sight:
            loss = max(loss, 13.54 + 39.08 * np.log10(way) + 20 * np.log10(ghz))
        power = sector.power_dbm - 10 * np.log10(ELEMENTS[sector.bandwidth_mhz])
        return float(power + self.gain_dbi(**changed) - loss)


def links(city: City, point: tuple[float, float], reach_m: float = 3500.0) -> list[Link]:
    sectors = city.layers["sectors"]
    working = sectors[(sectors["technology"] == "5g") & (sectors["status"] == "in_service")]
    near = working[working.distance(shapely.Point(point)) < reach_m]
    return [Link(city, sector, point) for sector in near.itertuples()]


def link_of(city: City, gap: dict[str, Any]) -> Link:
    sectors = city.layers["sectors"]
    return Link(city, next(sectors[sectors["code"] == gap["sector"]].itertuples()), place(city, gap))


def best_of_site(city: City, gap: dict[str, Any]) -> Link:
    own = [link for link in links(city, place(city, gap)) if link.sector.site_code == gap["site"]]
    return max(own, key=lambda link: link.dbm(True))


@pytest.mark.parametrize("cause", CAUSES)
def test_there_are_as_many_of_each_cause_as_asked(yeji: City, cause: str) -> None:
    assert len(gaps(yeji, cause)) == CAUSES[cause].count


@pytest.mark.parametrize("cause", SECTOR_CAUSES)
def test_no_sector_serves_a_gap_of_a_sector_out_of_sight(yeji: City, cause: str) -> None:
    for gap in gaps(yeji, cause):
        for point in rim(yeji, gap):
            assert max(link.dbm(False) for link in links(yeji, point)) < ACCEPTED_DBM


@pytest.mark.parametrize("cause", ["no_site_near", "terrain", "building_shadow"])
def test_no_sector_serves_a_place_in_a_shadow_or_without_a_site(yeji: City, cause: str) -> None:
    for gap in gaps(yeji, cause):
        for point in rim(yeji, gap)[:3]:
            for link in links(yeji, point):
                # Only what would serve in free sight is worth a look at what stands between.
                assert link.dbm(True) < ACCEPTED_DBM or link.dbm(link.free) < ACCEPTED_DBM


def test_a_sector_that_is_faulty_would_serve_the_place(yeji: City) -> None:
    for gap in gaps(yeji, "sector_off"):
        link = link_of(yeji, gap)
        assert link.sector.status == "fault"
        assert link.dbm(False) > ACCEPTED_DBM


def test_a_turned_sector_would_serve_the_place_if_it_were_turned_back(yeji: City) -> None:
    for gap in gaps(yeji, "wrong_azimuth"):
        link = link_of(yeji, gap)
        before, after = gap["changed"][f"sectors {gap['sector']}"]["azimuth_deg"]
        assert (after - before) % 360 == pytest.approx(120)
        assert link.dbm(False, azimuth_deg=before) > ACCEPTED_DBM


def test_a_tilted_sector_would_serve_the_place_if_it_were_raised(yeji: City) -> None:
    tilts = yeji.layers["sectors"]["mechanical_tilt_deg"]
    planted = gaps(yeji, "wrong_tilt")
    assert (tilts > 20).sum() == len(planted)
    for gap in planted:
        before, after = gap["changed"][f"sectors {gap['sector']}"]["mechanical_tilt_deg"]
        assert after == 27
        assert link_of(yeji, gap).dbm(False, mechanical_tilt_deg=before) > ACCEPTED_DBM


def test_only_the_relief_stands_between_a_shadow_of_the_relief_and_its_site(yeji: City) -> None:
    for gap in gaps(yeji, "terrain"):
        link = best_of_site(yeji, gap)
        assert link.relief_over_line() == pytest.approx(gap["obstruction_m"], abs=1.5)
        assert link.relief_over_line() > 1
        assert max(link.roofs_over_line().values(), default=-1) < 0
        assert link.dbm(True) > ACCEPTED_DBM


def test_only_buildings_stand_between_a_shadow_of_a_building_and_its_site(yeji: City) -> None:
    for gap in gaps(yeji, "building_shadow"):
        link = best_of_site(yeji, gap)
        assert link.roofs_over_line()[gap["building"]] == pytest.approx(gap["obstruction_m"], abs=0.1)
        assert link.relief_over_line() < 0
        assert link.dbm(True) > ACCEPTED_DBM


def test_a_site_that_moved_took_its_sectors_along_and_left_nothing_near(yeji: City) -> None:
    stations = yeji.layers["base_stations"].set_index("code")
    sectors, towers = yeji.layers["sectors"], yeji.layers["towers"].set_index("code")
    for gap in gaps(yeji, "no_site_near"):
        own, tower = stations.loc[gap["site"]], towers.loc[gap["moved_to"]]
        assert own["host_code"] == gap["moved_to"]
        assert own["operator"] in tower["tenants"]
        assert own.geometry.equals(tower.geometry)
        mine = sectors[sectors["site_code"] == gap["site"]]
        assert all(one.equals(tower.geometry) for one in mine.geometry)
        assert (mine["height_m"] == own["height_m"]).all()
        assert own.geometry.distance(shapely.Point(place(yeji, gap))) > 4000


def test_towers_have_as_many_tenants_as_operators_on_them(yeji: City) -> None:
    stations, towers = yeji.layers["base_stations"], yeji.layers["towers"]
    on_towers = stations[stations["host_kind"] == "tower"]
    tenants = on_towers.groupby("host_code")["operator"].agg(lambda names: sorted(set(names)))
    for code, listed in zip(towers["code"], towers["tenants"], strict=True):
        assert list(listed) == tenants.get(code, [])
    assert (towers["free_slots"] >= 0).all()
    assert stations["name"].is_unique


def test_people_live_or_drive_at_every_gap_and_gaps_lie_apart(yeji: City) -> None:
    planted = yeji.truth["radio_gaps"]
    at = np.array([place(yeji, gap) for gap in planted])
    apart = np.hypot(*(at[:, None] - at[None]).transpose(2, 0, 1)) + np.eye(len(at)) * 1e9
    assert apart.min() > 2000
    for gap in planted:
        # Behind hills a road will do.
        on_road = yeji.roads.distance(shapely.Point(place(yeji, gap))).min() < 1
        assert gap["residents_within_120_m"] > 0 or (gap["cause"] == "terrain" and on_road)


def test_the_truth_of_gaps_is_plain_and_what_was_changed_stands_there_now(yeji: City) -> None:
    for gap in json.loads(json.dumps(yeji.truth["radio_gaps"])):
        assert "{" not in gap["description"]["zh"] + gap["description"]["en"]
        for key, fields in gap["changed"].items():
            layer, code = key.split(" ")
            row = yeji.layers[layer].set_index("code").loc[code]
            for name, (_, after) in fields.items():
                assert plain(row[name]) == after


def test_path_losses_are_those_of_the_report_for_a_mast_of_25_m() -> None:
    # UMa at 100 m and 3.5 GHz, TR 38.901: 83.14 dB in sight, 103.04 dB out of it.
    flat, ghz, height = np.array([100.0]), np.array([3.5]), np.array([25.0])
    assert path_loss_db(flat, ghz, height, [True])[0] == pytest.approx(83.14, abs=0.01)
    assert path_loss_db(flat, ghz, height, [False])[0] == pytest.approx(103.04, abs=0.01)
