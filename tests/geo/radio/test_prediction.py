"""Prediction by cell: against the formulas pair by pair, closed forms, and what a planner expects."""

import geopandas as gpd
import h3
import numpy as np
import pandas as pd
import pytest
import shapely
import shapely.affinity
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import multivariate_normal, norm

from geo.cells import centres, cover, index, parents, to_text
from geo.errors import BadInput
from geo.radio import Settings, predict, repredict, resource_blocks, samples_of
from geo.radio.technologies import TECHNOLOGIES, class_of, spacing_khz
from tests.geo.radio.direct import element_dbm

CRS = 4548
BOX = shapely.box(115.87, 31.73, 115.93, 31.77)


def a_city(sites: int, seed: int, **fixed: object) -> gpd.GeoDataFrame:
    draw = np.random.default_rng(seed)
    lon, lat = draw.uniform(115.87, 115.93, sites), draw.uniform(31.73, 31.77, sites)
    site = np.repeat(np.arange(sites), 3)
    count = len(site)
    frame = {
        "azimuth_deg": (draw.uniform(0, 120, sites)[site] + 120 * np.tile(np.arange(3), sites)) % 360,
        "mechanical_tilt_deg": draw.integers(0, 6, count).astype(float),
        "electrical_tilt_deg": draw.integers(2, 8, count).astype(float),
        "height_m": draw.choice([22.5, 27.0, 33.3], sites)[site],
        "frequency_mhz": np.full(count, 3450.0),
        "bandwidth_mhz": np.full(count, 100.0),
        "subcarrier_spacing_khz": np.full(count, 30.0),
        "power_dbm": np.full(count, 53.0),
        "pattern": ["8x8"] * count,
    }
    frame.update(fixed)
    return gpd.GeoDataFrame(frame, geometry=gpd.points_from_xy(lon[site], lat[site]), crs=4326)


@pytest.mark.parametrize("model", ["uma", "umi", "rma", "sma"])
def test_the_loop_equals_the_formulas_within_a_hundredth_of_a_decibel(model: str) -> None:
    # On the zone's central meridian, where a metre of the grid is one on the ground: 13 mm in 100 m matter on
    # the flank of an array's null.
    city = a_city(12, 1)
    city = city.set_geometry(city.geometry.translate(1.1, 0))
    cells = np.random.default_rng(2).choice(
        cover(shapely.affinity.translate(BOX, 1.1), 11), 400, replace=False
    )
    found = predict(city, cells, model=model, samples=1, cutoff_m=8000, load=1.0)
    powers = element_dbm(city, *centres(cells), model)
    assert found["rsrp_dbm"].to_numpy() == pytest.approx(powers.max(axis=1), abs=0.01)
    # Where two are alike to a thousandth of a dB either may serve.
    served = powers[np.arange(len(cells)), found["best_sector"].to_numpy(dtype=int)]
    assert served == pytest.approx(powers.max(axis=1), abs=0.01)
    milliwatts = 10 ** (powers / 10)
    noise = 10 ** ((-174 + 10 * np.log10(30e3) + 9) / 10)
    ratio = 10 * np.log10(milliwatts.max(axis=1) / (milliwatts.sum(axis=1) - milliwatts.max(axis=1) + noise))
    assert found["sinr_db"].to_numpy() == pytest.approx(ratio, abs=0.03)


def test_the_azimuth_is_from_true_north_not_from_the_grid() -> None:
    # At 117.4 E the grid of zone 39 (117) and that of the frame (114: zone 38) disagree by 1.9 degrees.
    site = a_city(1, 3).iloc[:1].assign(azimuth_deg=90.0, mechanical_tilt_deg=0.0, electrical_tilt_deg=6.0)
    there = gpd.GeoSeries(gpd.points_from_xy([117.4], [31.7]), index=site.index, crs=4326)
    cells = index(np.full(2, 117.405), [31.7004, 31.6996], 12)
    found = predict(site.set_geometry(there).to_crs(4547), cells, samples=1)
    powers = element_dbm(site.set_geometry(there), *centres(cells), "uma")
    assert found["rsrp_dbm"].to_numpy() == pytest.approx(powers[:, 0], abs=0.05)


def test_one_mast_covers_with_the_closed_form_of_both_states_of_sight() -> None:
    # One site: P = p Phi((mL - T) / 4) + (1 - p) Phi((mN - T) / 6); noise is far below -3 dB there.
    from geo.radio import antenna_gain, line_of_sight_probability, named, path_loss

    site = a_city(1, 4, pattern="omni", mechanical_tilt_deg=0.0, electrical_tilt_deg=0.0).iloc[:1]
    cells = cover(shapely.Point(site.geometry.iloc[0]).buffer(0.012), 11)[::17]
    found = predict(site, cells, samples=1, min_dbm=-100.0)["covered_probability"].to_numpy()
    lon, lat = centres(cells)
    import pyproj

    count = len(cells)
    at = site.geometry.iloc[0]
    _, _, distance = pyproj.Geod(ellps="GRS80").inv([at.x] * count, [at.y] * count, lon, lat)
    height = float(site["height_m"].iloc[0])
    sent = 53 - 10 * np.log10(12 * 273) + float(antenna_gain(named("omni"), 0, 0))
    chance = line_of_sight_probability("uma", distance)
    expected = np.zeros(count)
    for seen, sigma, share in ((True, 4.0, chance), (False, 6.0, 1 - chance)):
        loss = path_loss("uma", distance, 3.45, base_height_m=height, line_of_sight=seen)
        expected += share * norm.cdf((sent - loss + 100) / sigma)
    assert found == pytest.approx(expected, abs=2e-3)
    assert 0.01 < expected.min() < 0.5 < expected.max()


def test_two_masts_help_each_other_as_far_as_their_shadows_differ() -> None:
    # Free space, both alike: P(neither) is a bivariate normal probability with the given correlation.
    twin = a_city(2, 5, pattern="omni", mechanical_tilt_deg=0.0, electrical_tilt_deg=0.0).iloc[[0, 3]]
    twin = twin.set_geometry(gpd.points_from_xy([115.88, 115.90], [31.74, 31.74]), crs=4326)
    twin = twin.assign(height_m=25.0, frequency_mhz=[3450.0, 3450.0])
    cell = index([115.89], [31.74], 15)
    level = float(predict(twin, cell, samples=1, model="free_space", load=0.0)["rsrp_dbm"].iloc[0])
    for correlation in (0.0, 0.5, 0.9):
        found = predict(
            twin, cell, samples=1, model="free_space", load=0.0, correlation=correlation, min_dbm=level + 2
        )
        both_miss = multivariate_normal.cdf([0.5, 0.5], cov=[[1, correlation], [correlation, 1]])
        assert float(found["covered_probability"].iloc[0]) == pytest.approx(1 - both_miss, abs=5e-3)


def test_more_interference_only_lowers_ratio_and_probability() -> None:
    city, cells = a_city(25, 6), cover(BOX, 9)
    quiet, busy = (predict(city, cells, load=load) for load in (0.2, 1.0))
    assert (busy["sinr_db"] <= quiet["sinr_db"] + 1e-6).all()
    assert (busy["covered_probability"] <= quiet["covered_probability"] + 1e-6).all()
    assert busy["rsrp_dbm"].equals(quiet["rsrp_dbm"])


def test_two_carriers_do_not_interfere_and_two_operators_on_one_do() -> None:
    city, cells = a_city(10, 7), cover(BOX, 9)
    half = np.arange(30) % 6 < 3
    apart = predict(city.assign(frequency_mhz=np.where(half, 3450.0, 3550.0)), cells, load=1.0)
    together = predict(city, cells, load=1.0)
    assert (apart["sinr_db"] - together["sinr_db"]).mean() > 0.5
    assert apart.attrs["note"].facts["carriers"] == 2
    assert together.attrs["note"].facts["carriers"] == 1


def test_indoors_is_weaker_by_the_wall() -> None:
    city, cells = a_city(6, 8), cover(BOX, 9)
    outside, inside = predict(city, cells), predict(city, cells, indoor="low_loss", depth_m=0.0)
    from geo.radio import penetration_loss

    gone = (outside["rsrp_dbm"] - inside["rsrp_dbm"]).to_numpy()
    assert gone == pytest.approx(float(penetration_loss("low_loss", 3.45)), abs=1e-3)
    assert (inside["covered_probability"] < outside["covered_probability"]).mean() > 0.9


def test_missing_values_are_assumed_and_counted() -> None:
    city = a_city(2, 9)
    bare = city[["geometry"]].assign(azimuth_deg=[np.nan, 10, 20, np.nan, 40, 50])
    found = predict(bare, cover(BOX, 8))
    assumed = found.attrs["note"].facts["assumed"]
    assert assumed["azimuth_deg"] == 2
    assert {
        assumed[name] for name in ("height_m", "power_dbm", "frequency_mhz", "downtilt_deg", "pattern")
    } == {6}
    assert found.attrs["note"].facts["assumed_values"]["height_m"]["uma"] == 25.0
    assert "assumed" not in str(predict(city, cover(BOX, 8)).attrs["note"].limits)


def test_beyond_the_cut_off_there_is_no_signal_and_the_note_bounds_what_is_left_out() -> None:
    city = a_city(1, 10)
    cells = index([115.9, 116.5], [31.75, 31.75], 9)
    found = predict(city, cells, cutoff_m=3000)
    assert found["rsrp_dbm"].isna().tolist() == [False, True]
    assert found["best_sector"].isna().tolist() == [False, True]
    assert found["covered_probability"].iloc[1] == 0
    far = predict(city, cover(BOX.buffer(0.05), 8), cutoff_m=20_000)
    assert far.attrs["note"].facts["beyond_cutoff_dbm"] < found.attrs["note"].facts["beyond_cutoff_dbm"]


def test_without_sectors_nothing_is_covered() -> None:
    found = predict(a_city(1, 1).iloc[:0], cover(BOX, 8))
    assert found["rsrp_dbm"].isna().all()
    assert (found["covered_probability"] == 0).all()


@given(st.integers(0, 10_000), st.sampled_from([9, 10]))
@settings(max_examples=10, deadline=None)
def test_another_site_never_weakens_the_best_level(seed: int, resolution: int) -> None:
    city, cells = a_city(5, seed), cover(BOX, resolution)[::40]
    before, after = predict(city.iloc[:12], cells), predict(city, cells)
    assert (after["rsrp_dbm"].fillna(-999) >= before["rsrp_dbm"].fillna(-999) - 1e-4).all()


def test_one_changed_sector_gives_the_same_as_predicting_everything_again() -> None:
    city, cells = a_city(20, 11), cover(BOX.buffer(0.03), 9)
    points = samples_of(cells, CRS)
    chosen = Settings(cutoff_m=1500.0)
    before = predict(city, cells, points=points, settings=chosen)
    moved = city.copy()
    moved.loc[7, "azimuth_deg"] += 40
    moved = moved.drop(index=30)
    now = repredict(before, moved, city.geometry[[7, 30]], points, settings=chosen)
    whole = predict(moved, cells, points=points, settings=chosen)
    pd.testing.assert_frame_equal(now, whole, check_exact=False, rtol=1e-5, atol=1e-4)
    assert 0 < now.attrs["touched"] < len(cells)


def test_samples_are_the_children_and_a_pentagon_has_six() -> None:
    cells = np.array([int(h3.get_pentagons(5)[3], 16), *cover(BOX, 7).tolist()], dtype=np.uint64)
    points = samples_of(cells[1:], CRS, 49)
    assert len(points.x) == 49 * (len(cells) - 1)
    mixed = samples_of(cells, 3857)
    assert np.bincount(mixed.of).tolist() == [6] + [7] * (len(cells) - 1)
    finer = samples_of(cells[1:], CRS, 7)
    back = gpd.GeoSeries(gpd.points_from_xy(finer.x, finer.y), crs=CRS).to_crs(4326)
    found = parents(index(back.x.to_numpy(), back.y.to_numpy(), 8), 7)
    assert to_text(found).tolist() == to_text(cells[1:][finer.of]).tolist()


def test_one_resource_element_of_a_full_carrier_has_the_printed_share() -> None:
    # 273 blocks of 12 subcarriers: -35.15 dB; 200 W gives 17.86 dBm (TS 38.101-1 table 5.3.2-1).
    assert resource_blocks(100, 30) == 273
    assert -10 * np.log10(12 * 273) == pytest.approx(-35.15, abs=0.005)
    assert 10 * np.log10(200e3) - 10 * np.log10(12 * 273) == pytest.approx(17.86, abs=0.005)


@pytest.mark.parametrize(
    ("mhz", "spacing", "blocks"),
    [
        (773, 15, resource_blocks(30, 15)),
        (944, 15, 52),
        (2130, 15, 52),
        (2565, 30, 24),
        (3450, 30, 24),
        (4850, 30, 24),
    ],
)
def test_bands_have_their_spacing(mhz: float, spacing: float, blocks: int) -> None:
    assert spacing_khz(mhz) == spacing
    assert resource_blocks(30 if mhz == 773 else 10, spacing) == blocks


def test_classes_fall_and_the_threshold_is_one_of_their_bounds() -> None:
    for code, technology in TECHNOLOGIES.items():
        bounds = [one.from_dbm for one in technology.classes]
        assert bounds == sorted(bounds, reverse=True)
        assert technology.min_dbm in bounds
        assert class_of(technology.min_dbm, code) == "fair"


@pytest.mark.parametrize(
    "wrong",
    [{"load": 1.5}, {"samples": 3}, {"correlation": 1.0}, {"cutoff_m": 5}, {"tilt": 1}, {"technology": "6g"},
     {"model": "city"}],
)  # fmt: skip
def test_settings_that_cannot_be_are_refused(wrong: dict) -> None:
    with pytest.raises(BadInput):
        predict(a_city(1, 1), cover(BOX, 8), **wrong)


def test_sectors_that_are_no_points_or_have_no_place_are_refused() -> None:
    city = a_city(1, 1)
    with pytest.raises(BadInput, match="CRS"):
        predict(
            gpd.GeoDataFrame(city.drop(columns="geometry"), geometry=city.geometry.to_numpy()), cover(BOX, 8)
        )
    with pytest.raises(BadInput, match="points"):
        predict(city.set_geometry(gpd.GeoSeries([BOX] * 3, crs=4326)), cover(BOX, 8))
    with pytest.raises(BadInput, match="dish"):
        predict(city.assign(pattern="dish"), cover(BOX, 8))
