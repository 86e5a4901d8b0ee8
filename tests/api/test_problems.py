"""Problem documents: complete in both languages, and silent about our inside."""

import importlib
import pkgutil
import string

import pytest
from starlette.requests import Request

import api
import geo
import layers
import sample_gis
import tilecache
from api.language import LANGUAGES
from api.problems import document_of, internal_problem, messages, status_of, words_of
from geo.errors import OneMapError


def every_error() -> list[type[OneMapError]]:
    """Return the whole exception tree, with every module of ours imported."""
    for room in (geo, layers, tilecache, sample_gis, api):
        for module in pkgutil.walk_packages(room.__path__, f"{room.__name__}."):
            if ".migrations" not in module.name and not module.name.endswith("__main__"):
                importlib.import_module(module.name)
    found = [OneMapError]
    for kind in found:
        found += [sub for sub in kind.__subclasses__() if sub not in found]
    return [kind for kind in found if kind.__module__.partition(".")[0] not in ("tests", "test_problems")]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_error_of_the_tree_has_words_of_its_own(language):
    known = messages(language)["problems"]
    missing = {kind.code: kind.__module__ for kind in every_error() if kind.code not in known}
    assert missing == {}


def test_both_languages_know_the_same_and_use_the_same_facts():
    zh, en = messages("zh"), messages("en")
    for section in ("problems", "expectations"):
        assert zh[section].keys() == en[section].keys()

    def facts(entry):
        return {name for _, name, _, _ in string.Formatter().parse(str(entry)) if name}

    for key, phrase in zh["expectations"].items():
        assert facts(phrase) == facts(en["expectations"][key]), key
    for code, entry in zh["problems"].items():
        assert facts(entry["detail"]) == facts(en["problems"][code]["detail"]), code


def test_every_word_is_in_its_language():
    for entry in messages("zh")["problems"].values():
        assert any("㐀" <= letter <= "鿿" for letter in entry["title"])
    for entry in [*messages("en")["problems"].values(), *messages("en")["expectations"].values()]:
        assert str(entry).isascii()


def test_every_expectation_that_the_code_names_exists():
    import re
    from pathlib import Path

    named = set()
    for path in Path(api.__file__).parent.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        named |= set(re.findall(r'expected="([a-z-]+)"', text))
        named |= set(re.findall(r'bad\(\s*"[^"]+", [a-z_]+, "([a-z-]+)"', text))
    assert named
    assert named <= messages("en")["expectations"].keys()


def test_a_fact_that_is_missing_shows_as_a_dash_instead_of_failing():
    from api.errors import NoFeature

    assert words_of(NoFeature("x"), "en")[1] == "Layer – has no feature –."


def test_an_error_of_another_room_without_words_takes_those_of_its_kind():
    from geo.errors import BadInput

    class Odd(BadInput):
        code = "odd-thing"

    document = document_of(Odd("inside story", row=3), "zh", "/x", "id")
    assert document["code"] == "odd-thing"
    assert document["title"] == "输入有误"
    assert document["details"] == {"row": 3}
    assert "inside story" not in str(document)
    assert status_of(Odd("x")) == 400


def test_a_crash_tells_the_reader_nothing_but_its_request_id():
    scope = {
        "type": "http",
        "method": "GET",
        "path": "/x",
        "query_string": b"",
        "headers": [(b"host", b"127.0.0.1"), (b"accept-language", b"en")],
        "request_id": "abc",
    }
    inside = 'relation "city.cameras" does not exist: SELECT geom FROM city.cameras'
    response = internal_problem(RuntimeError(inside), Request(scope))
    text = bytes(response.body).decode()
    assert response.status_code == 500
    assert "abc" in text
    for word in ("city.cameras", "SELECT", "RuntimeError", "Traceback"):
        assert word not in text
