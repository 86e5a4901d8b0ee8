"""Measurements against the prediction: statistics and fits against scikit-learn 1.9 and closed forms."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import LinearRegression
from sklearn.metrics import mean_absolute_error, mean_squared_error, median_absolute_error
from sklearn.model_selection import GroupKFold

from geo.cells import centres, index
from geo.errors import BadInput
from geo.radio import calibrate, error_statistics, predict, predict_at

KINDS = np.array(["town", "village", "field"])


def a_drive(seed: int, count: int = 600) -> pd.DataFrame:
    """Return measurements whose error has a known offset and slope in each class, and noise of 6 dB."""
    draw = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "clutter": draw.choice(KINDS, count),
            "distance": 10 ** draw.uniform(1.7, 3.4, count),
            "predicted": draw.uniform(-120, -60, count),
            "group": draw.integers(0, 40, count),
        }
    )
    line = frame["clutter"].map({"town": -8.0, "village": 2.0, "field": 5.0})
    slope = frame["clutter"].map({"town": -4.0, "village": 0.0, "field": 3.0})
    noise = draw.normal(0, 6, count)
    frame["measured"] = frame["predicted"] + line + slope * np.log10(frame["distance"] / 1000) + noise
    return frame


def fitted(frame: pd.DataFrame, **options):
    return calibrate(
        frame["measured"],
        frame["predicted"],
        frame["distance"],
        frame["clutter"],
        groups=frame["group"],
        **options,
    )


@given(st.integers(0, 1000))
@settings(max_examples=15, deadline=None)
def test_statistics_are_those_of_scikit_learn(seed: int) -> None:
    frame = a_drive(seed, 50)
    told = error_statistics(frame["measured"], frame["predicted"])
    pair = (frame["measured"], frame["predicted"])
    assert told["rmse_db"] == pytest.approx(np.sqrt(mean_squared_error(*pair)))
    assert told["mean_absolute_db"] == pytest.approx(mean_absolute_error(*pair))
    assert told["median_absolute_db"] == pytest.approx(median_absolute_error(*pair))
    assert told["rmse_db"] ** 2 == pytest.approx(told["mean_db"] ** 2 + told["deviation_db"] ** 2)


def test_missing_pairs_do_not_count_and_nothing_gives_nothing() -> None:
    told = error_statistics([-90, np.nan, -80], [-85, -70, np.nan])
    assert (told["count"], told["mean_db"], told["within_6_db"]) == (1, 5.0, 1.0)
    assert np.isnan(told["correlation"])
    empty = error_statistics([], [])
    assert empty["count"] == 0
    assert np.isnan(empty["rmse_db"])


def test_each_class_has_the_line_of_scikit_learn() -> None:
    frame = a_drive(1)
    found = fitted(frame)
    for kind, part in frame.groupby("clutter"):
        x = np.log10(part["distance"] / 1000).to_numpy()[:, None]
        peer = LinearRegression().fit(x, part["measured"] - part["predicted"])
        assert found.classes.loc[kind, "offset_db"] == pytest.approx(peer.intercept_)
        assert found.classes.loc[kind, "slope_db"] == pytest.approx(peer.coef_[0])
    # What was put in comes back within three standard errors of so many points.
    assert found.classes.loc["town", "offset_db"] == pytest.approx(-8, abs=1.5)
    assert found.helps


def test_unseen_errors_are_those_of_folds_of_whole_groups() -> None:
    # GroupKFold deals the largest group to the smallest fold too.
    frame = a_drive(2)
    x = np.log10(frame["distance"] / 1000).to_numpy()[:, None]
    off = (frame["measured"] - frame["predicted"]).to_numpy()
    unseen = np.empty(len(frame))
    for known, out in GroupKFold(5).split(x, off, frame["group"]):
        for kind in KINDS:
            of = (frame["clutter"] == kind).to_numpy()
            peer = LinearRegression().fit(x[known][of[known]], off[known][of[known]])
            unseen[out[of[out]]] = off[out[of[out]]] - peer.predict(x[out[of[out]]])
    found = fitted(frame)
    # Ties between groups of one size may fall to different folds.
    assert found.rmse_unseen_db == pytest.approx(np.sqrt((unseen**2).mean()), rel=5e-3)
    assert found.classes["rmse_after_db"].max() < found.rmse_unseen_db + 1


@given(st.integers(0, 1000))
@settings(max_examples=15, deadline=None)
def test_a_fit_never_makes_its_own_points_worse(seed: int) -> None:
    found = fitted(a_drive(seed)).classes
    assert (found["rmse_after_db"] <= found["rmse_before_db"] + 1e-9).all()


def test_noise_alone_is_told_not_to_help() -> None:
    draw = np.random.default_rng(3)
    frame = a_drive(3, 120)
    frame["measured"] = frame["predicted"] + draw.normal(0, 6, len(frame))
    assert not fitted(frame).helps


def test_a_class_of_few_points_takes_the_line_of_all() -> None:
    frame = a_drive(4)
    few = frame.index[frame["clutter"] == "field"][10:]
    found = fitted(frame.drop(index=few))
    assert found.classes["own"].to_dict() == {"field": False, "town": True, "village": True}
    assert found.classes.loc["field", "offset_db"] == found.offset_db
    told = found.apply([-80.0, -80.0], [1000.0, 1000.0], ["field", "never met"])
    assert told.tolist() == [-80 + found.offset_db] * 2


def test_what_cannot_be_fitted_is_refused() -> None:
    frame = a_drive(5, 20)
    with pytest.raises(BadInput, match="one length"):
        calibrate(frame["measured"], frame["predicted"][:5], frame["distance"], frame["clutter"])
    with pytest.raises(BadInput, match="two groups"):
        fitted(frame.assign(group=1))
    with pytest.raises(BadInput, match="two groups"):
        fitted(frame, folds=1)


def test_points_have_the_level_of_the_cell_whose_middle_they_are() -> None:
    sites = gpd.GeoDataFrame(
        {"azimuth_deg": [0.0, 120.0, 240.0], "height_m": 30.0},
        index=["N", "E", "W"], geometry=gpd.points_from_xy([115.88] * 3, [31.74] * 3), crs=4326,
    )  # fmt: skip
    cells = np.unique(index(np.linspace(115.86, 115.9, 30), np.linspace(31.73, 31.75, 30), 11))
    lon, lat = centres(cells)
    points = gpd.GeoSeries(gpd.points_from_xy([*lon, 117.0], [*lat, 31.74]), crs=4326)
    found = predict_at(sites, points)
    whole = predict(sites, cells, samples=1)
    assert found["rsrp_dbm"].to_numpy()[:-1] == pytest.approx(whole["rsrp_dbm"].to_numpy(), abs=1e-3)
    assert found["sector"].tolist()[:-1] == whole["best_sector"].tolist()
    assert found.iloc[-1].isna().all()
    with pytest.raises(BadInput, match="no sector"):
        predict_at(sites.iloc[:0], points)
    with pytest.raises(BadInput, match="CRS"):
        predict_at(sites, points.set_crs(None, allow_override=True))
