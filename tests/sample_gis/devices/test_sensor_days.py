"""The year of daily values of the sample city."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from layers.definitions.loading import read_catalog
from layers.importing.checking import check
from sample_gis.city import City
from sample_gis.devices.sensor_days import read_rules
from sample_gis.devices.sensor_scenarios import read_scenarios
from sample_gis.incidents.weather import weather_of


@pytest.fixture(scope="module")
def days(yeji: City) -> pd.DataFrame:
    scenario = yeji.layers["sensors"].set_index("code")["scenario"]
    made = yeji.layers["sensor_daily_values"]
    return made.assign(scenario=scenario[made["sensor_code"]].to_numpy(), day=pd.to_datetime(made["day"]))


def test_every_scenario_is_sensed_and_has_no_more_days_than_can_be_loaded_in_seconds() -> None:
    rules = read_rules()
    assert {*rules} <= {scenario.code for scenario in read_scenarios()}
    assert sum(rule.sensors for rule in rules.values()) * 366 <= 220_000


def test_every_row_is_as_the_catalogue_asks(yeji: City) -> None:
    catalog = read_catalog()
    made = yeji.layers["sensor_daily_values"]
    assert check(catalog.layer("sensor_daily_values"), catalog.code_lists, pd.DataFrame(made)).refusals == []
    assert made["code"].is_unique
    assert set(made["provenance"]) == {"synthetic"}
    assert set(made["region_code"]) <= set(yeji.layers["regions"]["code"])


def test_a_sensor_has_a_value_a_day_without_a_hole_until_it_last_reported(
    yeji: City, days: pd.DataFrame
) -> None:
    span = days.groupby("sensor_code")["day"].agg(["min", "max", "size"])
    assert ((span["max"] - span["min"]).dt.days + 1 == span["size"]).all()
    sensors = yeji.layers["sensors"].set_index("code").loc[span.index]
    reported = sensors["last_time"].dt.tz_convert("Asia/Shanghai").dt.date
    assert (span["max"].dt.date == reported).all()
    assert (span["min"].dt.date >= sensors["installed_on"]).all()
    # Sensors come in during the year, but most were there before.
    assert (span["size"] >= 320).mean() > 0.6


def test_the_last_value_of_a_sensor_is_that_of_its_last_day(yeji: City, days: pd.DataFrame) -> None:
    newest = days.sort_values("day").groupby("sensor_code")["value"].last()
    own = yeji.layers["sensors"].set_index("code")["last_value"]
    assert (own[newest.index] == newest).all()


def test_rain_air_and_water_follow_the_weather_of_the_year(yeji: City, days: pd.DataFrame) -> None:
    weather = weather_of(yeji)
    mean = days.pivot_table(index="day", columns="scenario", values="value")
    assert np.corrcoef(mean["rainfall"], weather.rain_mm)[0, 1] > 0.99
    assert np.corrcoef(mean["weather"], weather.mean_c)[0, 1] > 0.99
    assert np.corrcoef(mean["road_water"], weather.rain_mm)[0, 1] > 0.8
    assert (mean.loc[weather.rain_mm == 0, "rainfall"] == 0).all()
    winter, summer = mean.index.month.isin([12, 1]), mean.index.month.isin([6, 7])
    assert mean.loc[winter, "air_quality"].mean() > 2 * mean.loc[summer, "air_quality"].mean()
    assert mean.loc[summer, "river_level"].mean() > mean.loc[winter, "river_level"].mean() * 1.3


def test_traffic_rests_on_sundays_and_in_the_quiet_weeks_of_february(days: pd.DataFrame) -> None:
    flow = days[days["scenario"] == "traffic_flow"].groupby("day")["value"].mean()
    ordinary = flow[flow.index.month >= 4]
    assert (
        ordinary[ordinary.index.day_of_week == 6].mean()
        < 0.95 * ordinary[ordinary.index.day_of_week < 5].mean()
    )
    assert flow[flow.index.month == 2].mean() < 0.9 * ordinary.mean()
