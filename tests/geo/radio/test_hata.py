"""Hata's model against values of others, and in a prediction: a median that no line of sight changes."""

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.cells import centres, index
from geo.errors import BadInput
from geo.radio import HATA_MODELS, Settings, Surface, explain, free_space, hata_loss, predict

#: ns-3 (nsnam), src/propagation/test/okumura-hata-test-suite.cc: 869 MHz, 2 km, 30 m over 1 m. Its value for
#: open areas is left out: its code has 4.70 where Hata printed 4.78.
NS3 = {"hata_urban": 137.88, "hata_suburban": 128.03}


@pytest.mark.parametrize(("model", "expected"), NS3.items())
def test_the_values_of_ns_3_are_met(model: str, expected: float) -> None:
    loss = hata_loss(model, 2000, 0.869, base_height_m=30, user_height_m=1)
    assert float(loss) == pytest.approx(expected, abs=0.01)


@given(st.floats(150, 1500), st.floats(30, 200), st.floats(1, 10), st.floats(1, 20))
@settings(max_examples=50, deadline=None)
def test_the_field_strength_of_recommendation_p_529_3_gives_the_same_loss(
    mhz: float, base: float, user: float, km: float
) -> None:
    # ITU-R P.529-3, for a small or medium city, in dB(uV/m) for 1 kW e.r.p.; to loss by P.1546-6, annex 5.
    f, high = np.log10(mhz), np.log10(base)
    of_user = (1.1 * f - 0.7) * user - (1.56 * f - 0.8)
    field = 69.82 - 6.16 * f + 13.82 * high + of_user - (44.9 - 6.55 * high) * np.log10(km)
    expected = 139.3 - field + 20 * f
    found = hata_loss("hata_urban", km * 1000, mhz / 1000, base_height_m=base, user_height_m=user)
    free = free_space(np.hypot(km * 1000, base - user), mhz / 1000)
    assert float(found) == pytest.approx(max(expected, float(free)), abs=0.1)


@given(st.sampled_from(HATA_MODELS), st.floats(1, 50_000), st.floats(0.15, 1.5), st.floats(10, 100))
@settings(max_examples=200, deadline=None)
def test_loss_grows_without_a_step_and_is_never_less_than_that_of_free_space(
    model: str, distance: float, ghz: float, base: float
) -> None:
    here, farther = hata_loss(model, [distance, distance * 1.01], ghz, base_height_m=base)
    assert here >= float(free_space(np.hypot(distance, base - 1.5), ghz)) - 1e-9
    assert -1e-9 <= farther - here < 1.0


def test_town_loses_more_than_suburb_and_that_more_than_open_land() -> None:
    at = {"base_height_m": 45.0, "user_height_m": 1.5}
    town, suburb, open_land = (float(hata_loss(one, 5000, 0.36, **at)) for one in HATA_MODELS)
    # Hata's corrections at 360 MHz: 2 lg2(f / 28) + 5.4, and 4.78 lg2 f - 18.33 lg f + 40.94.
    assert town - suburb == pytest.approx(7.86, abs=0.01)
    assert town - open_land == pytest.approx(25.32, abs=0.01)


def trunking() -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {
            "azimuth_deg": 0.0, "downtilt_deg": 0.0, "height_m": 45.0, "frequency_mhz": [361.0, 361.5],
            "power_dbm": 44.0, "bandwidth_mhz": 0.0125, "pattern": "omni", "model": "hata_suburban",
        },
        geometry=gpd.points_from_xy([115.88, 115.93], [31.74, 31.74]), crs=4326,
    )  # fmt: skip


def test_a_cell_and_its_point_are_told_the_same_and_a_house_in_the_way_changes_nothing() -> None:
    masts = trunking()
    cells = index([115.90, 115.91], [31.76, 31.70], 9)
    chosen = Settings(technology="pdt", cutoff_m=20_000, samples=1)
    wall = gpd.GeoDataFrame(
        {"height_m": [80.0]}, geometry=[shapely.box(115.885, 31.70, 115.886, 31.78)], crs=4326
    )
    surface = Surface(wall.to_crs(4548))
    open_land = predict(masts.to_crs(4548), cells, settings=chosen)
    behind = predict(masts.to_crs(4548), cells, settings=chosen, surface=surface)
    assert behind["rsrp_dbm"].tolist() == open_land["rsrp_dbm"].tolist()
    for at, (lon, lat) in enumerate(zip(*centres(cells), strict=True)):
        told = explain(lon, lat, masts.to_crs(4548), settings=chosen, surface=surface)
        assert told.level_dbm == pytest.approx(open_land["rsrp_dbm"].iloc[at], abs=0.02)
        assert all(np.isnan(line.chance) and line.blocked is None for line in told.lines)
    note = open_land.attrs["note"]
    assert "Hata" in note.source
    assert not any("was not made for" in limit or "Line of sight" in limit for limit in note.limits)


def test_the_note_counts_carriers_that_no_model_was_made_for() -> None:
    note = predict(trunking().assign(model="uma"), index([115.90], [31.76], 9), technology="pdt").attrs[
        "note"
    ]
    assert any(limit.startswith("2 sectors have a carrier") for limit in note.limits)


@pytest.mark.parametrize(
    ("model", "distance", "ghz", "base", "user"),
    [("hata", 1, 1, 30, 1.5), ("hata_open", -1, 1, 30, 1.5), ("hata_open", np.nan, 1, 30, 1.5),
     ("hata_open", 1, 0, 30, 1.5), ("hata_open", 1, 1, 0, 1.5), ("hata_open", 1, 1, 30, 0)],
)  # fmt: skip
def test_what_cannot_be_is_refused(model: str, distance: float, ghz: float, base: float, user: float) -> None:
    with pytest.raises(BadInput):
        hata_loss(model, distance, ghz, base_height_m=base, user_height_m=user)
