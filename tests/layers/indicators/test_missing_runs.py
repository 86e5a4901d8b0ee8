"""A new city asks by itself for what its views show, once."""

import pytest

from layers.database import admin_connection, connect_application, scoped
from layers.definitions.view import ViewDefinition
from layers.definitions.view_loading import Views
from layers.definitions.words import Words
from layers.indicators.known import views_of
from layers.indicators.missing_runs import request_missing, shown_runs
from layers.runs.requesting import call_off
from tests.layers.little_city import ALL

TITLE = Words(zh="图", en="view")


@pytest.mark.parametrize(
    ("results", "expected"),
    [
        (["incident_hotspots"], {("incident_hotspots", ""): {}}),
        (["radio_gaps.5g", "radio_gaps.5g"], {("radio_gaps", "5g"): {}}),
        (["radio_gaps"], {("radio_gaps", "5g"): {}}),
        (["radio_gaps.4g"], {}),
        (["density"], {}),
    ],
)
def test_a_drawn_result_has_the_usual_parameters_of_its_kind_or_is_left_to_people(catalog, results, expected):
    view = ViewDefinition.model_construct(
        name="one", title=TITLE, layers=(), results=tuple(results), indicators=()
    )
    assert shown_runs(Views({"one": view}, {}, ()), catalog) == expected


@pytest.mark.postgis
def test_what_is_missing_is_asked_for_once_and_again_where_it_was_called_off(database, catalog):
    views = views_of(catalog)

    def ask():
        with connect_application(database) as connection, scoped(connection, ALL) as inside:
            return request_missing(inside, ALL, catalog, views)

    runs = ask()
    with admin_connection(database) as connection:
        asked = connection.execute("SELECT kind, subject, region FROM onemap.run ORDER BY id").fetchall()
    assert {(kind, subject) for kind, subject, _ in asked} == shown_runs(views, catalog).keys()
    assert {region for _, _, region in asked} == {""}
    assert len(runs) == len(asked) > 3
    assert ask() == []
    with connect_application(database) as connection, scoped(connection, ALL):
        call_off(connection, runs[0])
    assert len(ask()) == 1
