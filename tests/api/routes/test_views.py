"""Views over HTTP: every one opens for a region; each number has its parts, or a reason in both languages."""

import asyncio

import pytest

from layers.city import CityCard, store_card
from layers.database import admin_connection
from layers.definitions import Words
from layers.definitions.loading import read_catalog
from layers.indicators.known import views_of

pytestmark = pytest.mark.postgis

VIEWS = views_of(read_catalog())


@pytest.fixture(scope="module")
def dated_city(city):
    """Return the small city with its card: "today" is the last day of 2020."""
    card = CityCard(name=Words(zh="叶集区", en="Yeji"), region="341504", sample=True, as_of="2020-12-31")
    with admin_connection(city) as connection:
        store_card(connection, card)
        yield
        connection.execute("DELETE FROM onemap.setting WHERE key = 'city'")


@pytest.fixture
def of(client, dated_city):
    """Return a function that asks for a view of a region."""

    async def ask(name, region="341504", **query):
        return await client.get(f"/views/{name}/{region}", params=query)

    return ask


def check_figure(figure, per):
    """Hold that a figure is the quotient of its parts, or says in both languages why there is none."""
    if figure["value"] is None:
        assert figure["reason"]["code"]
        assert all(figure["reason"]["text"][language].strip() for language in ("zh", "en"))
        assert "{" not in figure["reason"]["text"]["zh"] + figure["reason"]["text"]["en"]
        return
    assert figure["reason"] is None
    parts = figure["numerator"]
    if figure["denominator"] is not None:
        parts = figure["numerator"] / figure["denominator"] * per
    assert figure["value"] == pytest.approx(parts)
    assert figure["missing_share"] is None or 0 <= figure["missing_share"] < 1


def check_document(document):
    """Hold what every view of every region must keep."""
    for indicator in document["indicators"] + document["more"]:
        check_figure(indicator, indicator["per"])
        assert sorted(indicator["ranking"]) == sorted(part["code"] for part in document["parts"])
        for part in document["parts"]:
            check_figure(part["figures"][indicator["name"]], indicator["per"])
        values = {part["code"]: part["figures"][indicator["name"]]["value"] for part in document["parts"]}
        known = [values[code] for code in indicator["ranking"] if values[code] is not None]
        assert known == sorted(known, reverse=indicator["better"] != "higher"), "the worst stands first"
    for target in document["targets"]:
        assert target["title"]["zh"] != target["title"]["en"]
        assert target["quote"]
        assert target["place"]
        assert target["standing"] in ("met", "missed", "reached", "not_reached", "without_value")


async def test_every_view_opens_and_each_number_has_its_parts_or_a_reason(of):
    for name, view in VIEWS.views.items():
        answer = await of(name)
        assert answer.status_code == 200, name
        document = answer.json()
        assert [one["name"] for one in document["indicators"]] == list(view.indicators)
        assert [one["name"] for one in document["more"]] == list(view.more)
        assert (document["as_of"], document["sample"]) == ("2020-12-31", True)
        assert [part["code"] for part in document["parts"]] == ["341504001", "341504002"]
        check_document(document)


async def test_the_share_of_cameras_online_is_that_of_the_cameras(of):
    figure = (await of("video")).json()["indicators"][1]
    assert figure["name"] == "cameras_online"
    assert (figure["numerator"], figure["denominator"]) == (167, 250)
    assert figure["parts"]["denominator"]["title"] == {"zh": "在用摄像机", "en": "Cameras in service"}


async def test_targets_of_both_plans_are_told_with_their_words(of):
    targets = (await of("video")).json()["targets"]
    places = {
        (one["plan"]["name"], one["year"]): one for one in targets if one["indicator"] == "key_places_covered"
    }
    assert places["yeji", 2023]["value"] == 90
    assert places["luan", 2023]["value"] == 98
    assert places["luan", 2023]["plan"]["title"]["zh"].startswith("六安市")
    assert places["yeji", 2023]["standing"] == "without_value", "no run has found the coverage yet"


async def test_parts_may_be_of_a_level_further_down(of):
    document = (await of("video", level="community")).json()
    assert [part["code"] for part in document["parts"]] == ["341504001001"]
    assert document["levels"] == ["town", "community", "governance_grid"]


async def test_an_answer_that_the_reader_has_is_not_sent_again(of, client):
    first = await of("overview")
    again = await client.get("/views/overview/341504", headers={"If-None-Match": first.headers["etag"]})
    assert again.status_code == 304
    assert (await client.get("/views")).headers["etag"]


async def test_the_list_of_views_is_in_the_order_of_the_screen(client):
    document = (await client.get("/views")).json()
    assert [view["name"] for view in document["views"]] == list(VIEWS.views)
    assert {"yeji", "luan"} <= {plan["name"] for plan in document["plans"]}
    one = (await client.get("/views/lifeline_pipes")).json()
    assert one["indicators"][0]["parts"]["numerator"]["measure"]["en"] == "length inside the region"


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/views/nowhere", 404, "no-view"),
        ("/views/nowhere/341504", 404, "no-view"),
        ("/views/video/999999", 404, "no-region"),
        ("/views/video/x' OR '1'='1", 404, "no-region"),
        ("/views/video/341504?at=2021-01-01", 400, "bad-parameter"),
        ("/views/video/341504?at=2020-02-30", 400, "bad-parameter"),
        ("/views/video/341504?at=yesterday", 400, "bad-parameter"),
        ("/views/video/341504?level=street", 400, "bad-parameter"),
        ("/views/video/341504?when=now", 400, "unknown-parameter"),
        ("/views/video/341504/series?to=2021-01-01", 400, "bad-parameter"),
        ("/views/video/341504/series?from=2021-01-01", 400, "bad-parameter"),
        ("/views/video/341504/series?step=hour", 400, "bad-parameter"),
        ("/views/video/341504/series?indicator=residents", 400, "bad-parameter"),
        ("/views/video/999999/series", 404, "no-region"),
        ("/views/overview/341504/series?from=2019-01-01", 400, "too-many-steps"),
        ("/views/overview/341504/trends?days=3", 400, "bad-parameter"),
        ("/views/nowhere/341504/trends", 404, "no-view"),
        ("/regions/999999/card", 404, "no-region"),
        ("/regions/341504/card?at=2021-01-01", 400, "bad-parameter"),
    ],
)
async def test_what_is_not_there_or_not_yet_is_a_problem_in_words(client, dated_city, path, status, code):
    for language in ("zh", "en"):
        answer = await client.get(path, headers={"Accept-Language": language})
        assert (answer.status_code, answer.json()["code"]) == (status, code)
        assert answer.headers["content-type"].startswith("application/problem+json")
        assert "–" not in answer.json()["detail"]


async def test_on_an_earlier_day_dated_numbers_are_told_and_present_ones_are_not(of):
    document = (await of("overview", at="2020-01-07")).json()
    figures = {one["name"]: one for one in document["indicators"]}
    assert figures["incidents_7_days"]["numerator"] == 7
    assert figures["cameras_online"]["reason"]["code"] == "not-kept"


async def test_playback_has_every_region_on_every_day_in_one_answer(of, client, dated_city):
    answer = await client.get(
        "/views/overview/341504/series?indicator=incidents_7_days&to=2020-01-12&from=2020-01-01"
    )
    assert answer.status_code == 200, answer.text
    document = answer.json()
    assert document["days"][0] == "2020-01-01"
    assert len(document["days"]) == len(document["values"]) == 12
    # seven days that begin before the first event would be fewer
    assert document["numerators"] == [*[None] * 6, 7, 7, 7, 7, 6, 5]
    assert set(document["reasons"][:6]) == {"window-before-data"}
    assert [len(part["values"]) for part in document["parts"]] == [12, 12]
    monthly = (await client.get("/views/video/341504/series?step=month&indicator=cameras_online")).json()
    assert monthly["days"][-2:] == ["2020-11-30", "2020-12-31"]
    assert monthly["reasons"][:-1] == ["not-kept"] * 11
    assert monthly["reason_texts"]["not-kept"]["en"]
    assert monthly["values"][-1] == pytest.approx(100 * 167 / 250)
    assert monthly["known_from"] == "2020-12-31"


async def test_trends_have_a_line_for_each_indicator_of_the_view(client, dated_city):
    document = (await client.get("/views/overview/341504/trends?days=90")).json()
    view = VIEWS.views["overview"]
    assert [one["name"] for one in document["indicators"]] == list(view.told)
    assert len(document["days"]) == 30
    assert all(len(one["values"]) == 30 for one in document["indicators"])


async def test_the_card_of_a_region_has_the_five_kinds_with_a_definition_each(client, dated_city):
    for code in ("341504", "341504001001"):
        document = (await client.get(f"/regions/{code}/card")).json()
        assert [group["title"]["zh"] for group in document["groups"]] == ["人", "地", "物", "事", "组织"]
        for line in (line for group in document["groups"] for line in group["lines"]):
            assert (line["value"] is None) == (line["reason"] is not None), line["name"]
            assert all(line["definition"][language] for language in ("zh", "en"))
    things = {line["name"]: line["value"] for line in document["groups"][2]["lines"]}
    assert things["cameras"] > 0


async def test_a_condition_is_told_in_words_with_its_threshold(client):
    indicators = (await client.get("/views/emergency")).json()["indicators"]
    reached = next(one for one in indicators if one["name"] == "residents_team_15")
    assert reached["parts"]["numerator"]["tests"] == [
        {
            "zh": "在用救援队伍驾车 15 分钟以内",
            "en": "within 15 minutes by road of emergency teams in service",
        }
    ]
    assert reached["past"] is False


async def test_who_waits_for_sums_leaves_connections_to_all_others(client, city, dated_city):
    with admin_connection(city) as connection, connection.transaction():
        # none can add up cameras while this lasts
        connection.execute("LOCK TABLE city.cameras IN ACCESS EXCLUSIVE MODE")
        waiting = [asyncio.create_task(client.get("/views/video/341504")) for _ in range(20)]
        waiting += [asyncio.create_task(client.get("/regions/341504/card")) for _ in range(20)]
        await asyncio.sleep(1)
        async with asyncio.timeout(2):
            others = await asyncio.gather(*(client.get("/ogc/collections/buildings/items") for _ in range(8)))
        assert [one.status_code for one in others] == [200] * 8
        assert not any(one.done() for one in waiting)
    assert {one.status_code for one in await asyncio.gather(*waiting)} == {200}
