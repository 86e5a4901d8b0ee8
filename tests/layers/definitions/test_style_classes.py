"""Classes of a style by value or by range."""

from __future__ import annotations

import pytest
import yaml

from layers.definitions.loading import CATALOG, BadDefinition, Catalog, parse_layer


def with_classes(classes: list[dict], by: str = "residents") -> str:
    document = yaml.safe_load((CATALOG / "population.yaml").read_text(encoding="utf-8"))
    document["style"] |= {"by": by, "classes": classes}
    return yaml.safe_dump(document, allow_unicode=True)


def one(**keys: object) -> dict:
    return {"title": {"zh": "类", "en": "Class"}, "symbol": {}, **keys}


def test_a_number_may_be_drawn_in_ranges_that_go_upwards(catalog: Catalog) -> None:
    text = with_classes([one(range=[None, 10]), one(range=[10, 100]), one(range=[100, None])])
    layer = parse_layer(text, "population.yaml", catalog.code_lists)
    assert layer.style is not None
    assert [c.range for c in layer.style.classes] == [(None, 10), (10, 100), (100, None)]


@pytest.mark.parametrize(
    ("classes", "by", "words"),
    [
        ([one(range=[10, 100]), one(range=[50, 200])], "residents", "do not overlap"),
        ([one(range=[None, None]), one(range=[1, 2])], "residents", "do not overlap"),
        ([one(range=[5, 5])], "residents", "empty"),
        ([one(range=[0, 5], values=[1])], "residents", "one of the two"),
        ([one()], "residents", "one of the two"),
        ([one(range=[0, 5])], "status", "needs a number"),
        ([one(values=["many"])], "residents", "by names a field of type"),
    ],
)
def test_classes_that_do_not_fit_are_refused(
    catalog: Catalog, classes: list[dict], by: str, words: str
) -> None:
    with pytest.raises(BadDefinition, match=words):
        parse_layer(with_classes(classes, by), "population.yaml", catalog.code_lists)
