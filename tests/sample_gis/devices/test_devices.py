"""Devices of a small town: each kind where it may stand, as many as asked, with what hangs together."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from sample_gis import pipes
from sample_gis.city import City
from sample_gis.devices import cameras, poles, sensors, signals, stations, towers, trunking, vehicles
from sample_gis.devices.clock import now
from sample_gis.devices.sensor_scenarios import read_scenarios
from tests.sample_gis.small_town import small_town

STEPS = (pipes, poles, signals, towers, cameras, stations, trunking, sensors, vehicles)


def equipped(**figures: int) -> City:
    """Return the small town with all its devices."""
    city = small_town(**figures)
    for step in STEPS:
        step.make(city)
    return city


@pytest.fixture(scope="module")
def made() -> City:
    return equipped()


def carriageways(city: City) -> shapely.Geometry:
    half = city.roads["width_m"].to_numpy() / 2
    return shapely.union_all(shapely.buffer(city.roads.geometry.to_numpy(), half, cap_style="flat"))


@pytest.mark.parametrize(
    ("layer", "kind", "count"),
    [
        ("cameras", None, 90), ("sensors", None, 300), ("poles", "lamp", 60), ("poles", "multi_use", 5),
        ("base_stations", "5g", 4), ("base_stations", "4g", 12),
        ("base_stations", "pdt", 1),
    ],
)  # fmt: skip
def test_there_are_exactly_as_many_as_the_profile_says(
    made: City, layer: str, kind: str | None, count: int
) -> None:
    frame = made.layers[layer]
    if kind is not None:
        frame = frame[frame["technology" if layer == "base_stations" else "kind"] == kind]
    assert len(frame) == count


def test_more_cameras_than_places_are_refused() -> None:
    city = small_town(cameras=4000)
    for step in (poles, towers):
        step.make(city)
    with pytest.raises(ValueError, match="places for"):
        cameras.make(city)


@pytest.mark.parametrize("layer", ["cameras", "poles", "towers"])
def test_what_stands_in_the_street_is_off_the_carriageway_and_outdoors(made: City, layer: str) -> None:
    at = made.layers[layer].geometry.to_numpy()
    assert not shapely.intersects(carriageways(made), at).any()
    assert not shapely.intersects(shapely.union_all(made.buildings.geometry.to_numpy()), at).any()


def test_a_camera_hangs_where_its_pole_stands(made: City) -> None:
    seen = made.layers["cameras"]
    poles_at = made.layers["poles"].set_index("code").geometry
    on_pole = seen[seen["pole_code"].isin(poles_at.index)]
    assert len(on_pole) > 40
    away = shapely.distance(on_pole.geometry.to_numpy(), poles_at[on_pole["pole_code"]].to_numpy())
    assert away.max() < 0.011
    known = {*poles_at.index, *made.layers["towers"]["code"]}
    assert seen["pole_code"].dropna().isin(known).all()


def test_a_pole_lists_the_camera_that_hangs_on_it(made: City) -> None:
    stand = made.layers["poles"].set_index("code")
    carrying = {code for code in made.layers["cameras"]["pole_code"].dropna() if code in stand.index}
    listed = {code for code, modules in stand["modules"].items() if "camera" in modules}
    assert carrying == listed


def test_signals_stand_where_main_streets_meet_and_carry_the_cameras_of_the_junction(made: City) -> None:
    stand = made.layers["poles"]
    signal = stand[stand["kind"] == "signal"]
    main = made.roads[(made.roads["class"] <= 1) & (made.roads["town"] != "")]
    middle = shapely.intersection_all([line.buffer(0.1) for line in _through(main)]).centroid
    # A post at each corner of the one junction of the two main streets.
    assert len(signal) == 4
    assert signal.distance(middle).between(15, 30).all()
    assert signal["code"].isin(made.layers["cameras"]["pole_code"]).sum() >= 3


def _through(main: gpd.GeoDataFrame) -> list[shapely.Geometry]:
    return [
        shapely.union_all(main[main["class"] == rank].geometry.to_numpy())
        for rank in sorted({*main["class"]})
    ]


def test_a_camera_without_a_known_direction_stays_without(made: City) -> None:
    azimuth = made.layers["cameras"]["azimuth_deg"]
    assert azimuth.isna().any()
    assert azimuth.dropna().between(0, 360, inclusive="left").all()
    fisheye = made.layers["cameras"]["kind"] == "fisheye"
    assert azimuth[fisheye].isna().all()


def test_a_junction_camera_looks_along_its_street(made: City) -> None:
    seen = made.layers["cameras"]
    junction = seen[
        seen["place"].str.endswith("路口") & seen["azimuth_deg"].notna() & (seen["setting"] == "urban")
    ]
    # Streets run north-south and east-west here; cameras look along them, give or take some degrees.
    turned = (junction["azimuth_deg"] + 45) % 90 - 45
    assert len(junction) > 20
    assert (turned.abs() < 30).all()
    assert turned.abs().median() < 8


def test_three_in_a_hundred_cameras_are_offline_since_a_moment_in_the_past(made: City) -> None:
    seen = made.layers["cameras"]
    assert (~seen["online"]).sum() == round(0.03 * len(seen))
    assert (seen["online_changed_at"] < pd.Timestamp(now(made))).all()
    assert seen["online_changed_at"].dt.tz is not None


def test_device_identifiers_are_20_digits_and_unique_over_all_device_layers(made: City) -> None:
    every = pd.concat([made.layers[name]["device_id"] for name in ("cameras", "sensors", "vehicles")])
    assert every.str.fullmatch(r"\d{20}").all()
    assert every.is_unique
    assert every.str.startswith(made.profile.county).all()


def test_a_site_has_three_sectors_a_third_of_a_circle_apart(made: City) -> None:
    sectors = made.layers["sectors"].query("technology != 'pdt'")
    sites = made.layers["base_stations"].query("technology != 'pdt'")
    assert (sectors.groupby("site_code").size().reindex(sites["code"]) == 3).all()
    for _, azimuth in sectors.groupby("site_code")["azimuth_deg"]:
        turns = np.diff(np.sort(azimuth.to_numpy()), append=azimuth.min() + 360)
        assert turns == pytest.approx(120, abs=30)


def test_sectors_stand_on_their_site_and_share_its_height(made: City) -> None:
    sites = made.layers["base_stations"].set_index("code")
    sectors = made.layers["sectors"]
    own = sites.loc[sectors["site_code"]]
    assert (shapely.distance(own.geometry.to_numpy(), sectors.geometry.to_numpy()) == 0).all()
    assert (own["height_m"].to_numpy() == sectors["height_m"].to_numpy()).all()


def test_trunking_stands_high_with_a_channel_of_its_own_all_round(made: City) -> None:
    sites = made.layers["base_stations"].query("technology == 'pdt'")
    sectors = made.layers["sectors"].query("technology == 'pdt'")
    towers = made.layers["towers"].set_index("code")
    assert sectors["site_code"].tolist() == sites["code"].tolist()
    assert sectors["frequency_mhz"].is_unique
    # 350 MHz, as the plan names the band.
    assert sectors["frequency_mhz"].between(350, 370).all()
    assert (sectors["pattern"] == "omni").all()
    assert (sites["height_m"].to_numpy() == towers.loc[sites["host_code"], "height_m"].to_numpy()).all()


def test_sites_outside_towns_stand_on_towers(made: City) -> None:
    sites = made.layers["base_stations"]
    built_up = made.towns["built_up"].iloc[0]
    outside = sites[~shapely.within(sites.geometry.to_numpy(), built_up)]
    assert len(outside) > 0
    assert (outside["host_kind"] == "tower").all()


def test_every_host_exists_and_stands_where_its_station_stands(made: City) -> None:
    at = pd.concat(
        [
            made.layers["towers"].set_index("code").geometry,
            made.layers["poles"].set_index("code").geometry,
            made.buildings.set_index("code").geometry,
        ]
    )
    sites = made.layers["base_stations"]
    away = shapely.distance(at[sites["host_code"]].to_numpy(), sites.geometry.to_numpy())
    assert away.max() < 0.011


def test_a_tower_lists_its_tenants_and_loses_a_slot_to_each_station(made: City) -> None:
    sites = made.layers["base_stations"].query("host_kind == 'tower'")
    stand = made.layers["towers"].set_index("code")
    for code, mine in sites.groupby("host_code"):
        assert stand.loc[code, "tenants"] == sorted(set(mine["operator"]))
        assert stand.loc[code, "free_slots"] == max(0, 6 - len(mine)) or stand.loc[code, "free_slots"] == max(
            0, 4 - len(mine)
        )


def test_each_sensor_names_an_object_that_exists(made: City) -> None:
    found = made.layers["sensors"]
    codes = {
        "pipe_nodes": made.layers["pipe_nodes"]["code"], "pipes": made.layers["pipes"]["code"],
        "poles": made.layers["poles"]["code"], "buildings": made.buildings["code"],
        "roads": made.roads["code"],
    }  # fmt: skip
    assert set(found["object_layer"].dropna()) <= set(codes)
    for layer, mine in found.dropna(subset="object_layer").groupby("object_layer"):
        assert mine["object_code"].isin(codes[str(layer)]).all()


def test_a_pipe_sensor_stands_on_the_node_that_it_senses(made: City) -> None:
    found = made.layers["sensors"].query("scenario == 'hydrant_pressure'")
    nodes = made.layers["pipe_nodes"].set_index("code")
    own = nodes.loc[found["object_code"]]
    assert len(found) > 0
    assert (own["kind"] == "hydrant").all()
    assert (shapely.distance(own.geometry.to_numpy(), found.geometry.to_numpy()) == 0).all()


def test_all_six_domains_and_over_twenty_scenarios_are_sensed() -> None:
    scenarios = read_scenarios()
    assert len({scenario.domain for scenario in scenarios}) == 6
    assert len({scenario.code for scenario in scenarios}) > 20


def test_no_reading_is_newer_than_the_citys_now(made: City) -> None:
    for layer in ("sensors", "vehicles"):
        assert (made.layers[layer]["last_time"] <= pd.Timestamp(now(made))).all()


def test_vehicles_are_on_the_road(made: City) -> None:
    at = made.layers["vehicles"].geometry.to_numpy()
    assert shapely.intersects(shapely.buffer(carriageways(made), 0.5), at).all()


def test_mounting_on_a_pole_that_is_not_there_is_an_error(made: City) -> None:
    with pytest.raises(KeyError):
        poles.mount(made, ["no such pole"], "sensor")


def test_the_same_seed_gives_the_same_devices(made: City) -> None:
    again = equipped()
    for name in ("poles", "towers", "cameras", "base_stations", "sectors", "sensors", "vehicles"):
        pd.testing.assert_frame_equal(pd.DataFrame(made.layers[name]), pd.DataFrame(again.layers[name]))
