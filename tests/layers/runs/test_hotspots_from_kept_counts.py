"""Hotspots from the kept counts are those from the features: the same cells, findings, regions and facts."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd
import pytest
import shapely

from layers.city import CityCard, store_card
from layers.counts.keeping import settle, settle_all
from layers.database import admin_connection, connect_application
from layers.definitions.words import Words
from layers.runs.hotspot_compute import compute
from layers.runs.hotspot_parameters import HotspotParameters, wanted
from layers.runs.inputs import one_moment, read_here
from layers.scope import Classification, Scope, Verb
from tests.layers.little_city import COUNTY, EAST_TOWN, fill, points, working

pytestmark = pytest.mark.postgis

START = datetime(2020, 1, 1, tzinfo=UTC)
SPOT, PILE = (115.642, 31.741), (115.652, 31.722)


@pytest.fixture(scope="module")
def city(module_database, catalog):
    """Return a year of incidents: a spot, a default point, repeats, void reports; a part is not settled."""
    draw = np.random.default_rng(4)
    even = points(900, seed=4, code="e")
    spot = points(250, seed=5, code="s").set_geometry(shapely.points(draw.normal(SPOT, 0.0005, (250, 2))))
    pile = points(40, seed=6, code="d").set_geometry([shapely.Point(PILE)] * 40)
    frame = pd.concat([even, spot, pile], ignore_index=True)
    size = len(frame)
    frame = frame.assign(
        class_code=draw.choice(["0501", "0502", "T01"], size),
        channel="patrol",
        state=draw.choice(["closed", "closed", "filed", "void"], size),
        repeat_of=draw.choice([None, None, None, "e1"], size),
        occurred_at=[START + timedelta(minutes=int(one)) for one in draw.integers(0, 366 * 1440, size)],
    ).set_crs(4326)
    fill(module_database, catalog, incidents=frame)
    with admin_connection(module_database) as own:
        store_card(own, CityCard(name=Words(zh="小城", en="Little"), region=COUNTY, timezone="Asia/Shanghai"))
        settle_all(own)
        own.execute(
            "UPDATE city.incidents SET geom = ST_Translate(geom, 0.004, 0), state = 'closed' WHERE id % 7 = 3"
        )
        settle(own, most=40)
    return module_database


def read(city, catalog, parameters, region, *, kept):
    chosen = wanted(parameters)
    if not kept:
        chosen = [replace(one, kept=None) for one in chosen]
    with working(city) as connection:
        return read_here(connection, catalog, chosen, region=region).inputs


@pytest.mark.parametrize(
    ("given", "region"),
    [
        ({}, ""),
        ({"classes": "05", "step": "week", "steps": 20}, ""),
        ({"classes": "T01", "step": "day", "steps": 30, "until": "2020-10-31", "against": "mean"}, EAST_TOWN),
        ({"step": "hour", "steps": 48, "resolution": 9, "timezone": "UTC"}, ""),
        ({"classes": "0501", "against": "incidents"}, ""),
    ],
)
def test_they_are_the_same_as_from_the_features(city, catalog, given, region):
    parameters = HotspotParameters(**{"against": "area", **given})
    counts, features = (read(city, catalog, parameters, region, kept=kept) for kept in (True, False))
    assert "incidents" not in counts.frames
    assert features.kept is None
    one, other = (compute(parameters, inputs, lambda share: None) for inputs in (counts, features))
    pd.testing.assert_frame_equal(one.cells, other.cells)
    assert one.areas.to_dict("records") == other.areas.to_dict("records")
    assert one.findings == other.findings
    assert one.note.facts == other.note.facts
    assert one.note.facts["counted"] > 0
    if not given:
        assert one.note.facts["on_default_points"] > 10
        assert one.findings


def test_what_counts_by_the_hour_cannot_tell_is_read_from_the_features(city, catalog):
    for given in (
        {"timezone": "Asia/Kolkata"},
        {"resolution": 11},
        {"clusters": "dbscan"},
        {"near_repeats": True},
    ):
        inputs = read(city, catalog, HotspotParameters(against="area", **given), "", kept=True)
        assert inputs.kept is None
        assert len(inputs.frames["incidents"]) > 900


def test_only_who_may_read_the_layer_gets_counts(city, catalog):
    guest = Scope("guest", frozenset({Verb.READ}), frozenset({Classification.PUBLIC}), None)
    with connect_application(city) as connection, one_moment(connection, guest):
        inputs = read_here(connection, catalog, wanted(HotspotParameters(against="area")), region="").inputs
    assert inputs.kept is None
    assert not len(inputs.frames["incidents"])
