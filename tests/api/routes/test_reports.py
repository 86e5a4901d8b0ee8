"""Reports of views: one file that asks for nothing, in both languages, and its print by a real Chromium."""

import re
from html.parser import HTMLParser

import pytest

from api.embedded.packages import find_browser
from geo.errors import Unavailable
from tests.api.routes.test_views import VIEWS, dated_city  # noqa: F401 - a fixture

pytestmark = [pytest.mark.postgis, pytest.mark.usefixtures("dated_city")]


class Asked(HTMLParser):
    """Collects what a page would ask for, and tags left open."""

    def __init__(self):
        super().__init__()
        self.addresses, self.tags = [], []

    def handle_starttag(self, tag, attributes):
        """Note addresses."""
        self.tags.append(tag)
        self.addresses += [value for name, value in attributes if name in {"src", "href", "srcset", "action"}]


@pytest.mark.parametrize("name", list(VIEWS.views))
async def test_every_view_has_a_report_that_asks_for_nothing_and_tells_each_indicator(client, name):
    for lang in ("zh", "en"):
        answer = await client.get(f"/views/{name}/341504/report.html", params={"lang": lang})
        assert answer.status_code == 200, answer.text
        found = Asked()
        found.feed(answer.text)
        assert found.addresses == []
        assert not {"script", "link", "iframe", "img"} & set(found.tags)
        assert not re.search(r"url\((?!#)|@import|https?://", answer.text)
        assert "2020-12-31" in answer.text
        for indicator in VIEWS.view(name).indicators:
            title = VIEWS.indicators[indicator].title.in_language(lang)
            assert title.replace("'", "&#x27;").replace("&", "&amp;").replace("&amp;#", "&#") in answer.text
        assert ("内部使用" if lang == "zh" else "For internal use") in answer.text
        assert not re.search(r"\{[a-z_]+\}", answer.text.split("</style>")[1])


async def test_names_from_the_data_are_escaped(client):
    answer = await client.get("/views/video/341504001001/report.html", params={"lang": "zh"})
    assert "<script>alert" not in answer.text
    assert answer.headers["content-type"].startswith("text/html")


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/views/nothing/341504/report.html", 404),
        ("/views/video/999999/report.html", 404),
        ("/views/video/341504/report.html?at=2999-01-01", 400),
        ("/views/video/341504/report.html?lang=fr", 400),
        ("/views/video/341504/report.pdf?paper=b5", 400),
    ],
)
async def test_an_unusable_question_is_refused(client, path, status):
    assert (await client.get(path)).status_code == status


async def test_the_print_is_a_pdf_where_a_browser_is_there_and_else_says_what_to_install(client):
    answer = await client.get("/views/video/341504/report.pdf", params={"paper": "a3"})
    try:
        find_browser()
    except Unavailable:
        assert (answer.status_code, answer.json()["code"]) == (503, "no-browser")
        assert "chromium" in answer.json()["detail"]
        return
    assert answer.status_code == 200, answer.text
    assert answer.content.startswith(b"%PDF-")
    # A3 is 842 × 1191 points
    boxes = re.findall(rb"/MediaBox\s*\[\s*0 0 ([\d.]+) ([\d.]+)", answer.content)
    assert boxes
    assert {(round(float(width)), round(float(height))) for width, height in boxes} == {(842, 1191)}
