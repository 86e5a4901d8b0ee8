"""Which model suits a site: by what is built around it and how high it hangs."""

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.errors import BadInput
from geo.radio import built_share, models_of, predict
from geo.radio.environment import AROUND_M, BUILT_UP_SHARE, VILLAGE_SHARE

CRS = 4548


def masts(x: float, heights: list[float]) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {"height_m": heights}, geometry=gpd.points_from_xy([x] * len(heights), [0] * len(heights)), crs=CRS
    )


@given(st.floats(0.0, 0.2) | st.floats(0.0, 0.01), st.floats(5, 60))
@settings(max_examples=100, deadline=None)
def test_the_model_follows_from_the_ground_that_is_built_on(share: float, height: float) -> None:
    side = np.sqrt(share * np.pi) * AROUND_M
    town = gpd.GeoSeries([shapely.box(-side / 2, -side / 2, side / 2, side / 2)], crs=CRS)
    if min(abs(share - BUILT_UP_SHARE), abs(share - VILLAGE_SHARE)) < 1e-6:
        return
    in_town = "umi" if height < 15 else "uma"
    expected = in_town if share > BUILT_UP_SHARE else "sma" if share > VILLAGE_SHARE else "rma"
    assert models_of(masts(0, [height]), town).tolist() == [expected]
    trunking = masts(0, [height]).assign(frequency_mhz=361.0)
    assert models_of(trunking, town).tolist() == ["hata_urban" if share > BUILT_UP_SHARE else "hata_suburban"]


def test_shares_are_of_the_circle_and_a_far_house_does_not_count() -> None:
    houses = gpd.GeoSeries([shapely.box(0, 0, 10, 10), shapely.box(95, 0, 115, 10)], crs=CRS)
    at = gpd.GeoSeries([shapely.Point(0, 0)], crs=CRS)
    assert built_share(at, houses, 100) == pytest.approx(100 / (np.pi * 100**2))
    assert built_share(at.iloc[:0], houses, 100).tolist() == []


def test_where_nothing_is_known_to_be_built_or_no_height_is_given_the_usual_model_holds() -> None:
    nothing = gpd.GeoSeries([], crs=CRS)
    assert models_of(masts(0, [30.0]), nothing).tolist() == ["uma"]
    assert models_of(masts(0, [30.0]).assign(frequency_mhz=361.0), nothing).tolist() == ["hata_urban"]
    # Elsewhere something is built: then this is open land.
    assert models_of(masts(0, [30.0]), nothing, mapped=True).tolist() == ["rma"]
    town = gpd.GeoSeries([shapely.box(-300, -300, 300, 300)], crs=CRS)
    assert models_of(masts(0, [np.nan]), town).tolist() == ["uma"]
    with pytest.raises(BadInput, match="height_m"):
        models_of(masts(0, [30.0]).drop(columns="height_m"), town)


def test_a_prediction_counts_the_sectors_of_each_model() -> None:
    sites = masts(400_000, [30.0, 30.0, 10.0]).assign(model=["uma", "rma", "umi"], azimuth_deg=0.0)
    sites = sites.set_geometry(sites.geometry.translate(0, 3_500_000))
    where = sites.to_crs(4326).geometry.iloc[0]
    from geo.cells import index

    note = predict(sites, index([where.x], [where.y], 10)).attrs["note"]
    assert note.facts["models"] == {"rma": 1, "uma": 1, "umi": 1}
