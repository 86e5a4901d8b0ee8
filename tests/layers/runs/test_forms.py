"""Forms for the parameters of analyses: made from the model, in words where the kind has some."""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum
from typing import Annotated, Literal

import pytest
from pydantic import Field

from layers.definitions.words import Words
from layers.runs.density import DENSITY
from layers.runs.forms import form
from layers.runs.kinds import Asked, kinds
from layers.runs.parameters import Parameters


class Task(StrEnum):
    DETECT = "detect"
    IDENTIFY = "identify"


class Sample(Parameters):
    task: Task = Task.DETECT
    tasks: tuple[Task, ...] = ()
    model: Literal["uma", "umi"] = "uma"
    height: Annotated[float, Field(gt=0, le=50)] | None = None
    steps: Annotated[int, Field(ge=2)]
    terrain: bool = True
    label: str = ""


SAMPLE = replace(
    DENSITY,
    parameters=Sample,
    asks={
        "height": Asked(Words(zh="高度", en="Height"), Words(zh="离地", en="Above ground"), unit="m"),
        "task": Asked(Words(zh="任务", en="Task"), options={"detect": Words(zh="检测", en="Detect")}),
    },
)


def test_every_type_of_parameter_has_its_field():
    fields = {one["name"]: one for one in form(SAMPLE)}
    assert {name: one["type"] for name, one in fields.items()} == {
        "task": "choice",
        "tasks": "choices",
        "model": "choice",
        "height": "number",
        "steps": "integer",
        "terrain": "boolean",
        "label": "text",
    }
    assert [name for name, one in fields.items() if one["required"]] == ["steps"]
    assert (fields["height"]["above"], fields["height"]["maximum"], fields["height"]["unit"]) == (0, 50, "m")
    assert fields["steps"]["minimum"] == 2
    assert fields["terrain"]["default"] is True
    assert fields["height"]["default"] is None


def test_words_come_from_the_kind_and_names_stand_in_where_there_are_none():
    fields = {one["name"]: one for one in form(SAMPLE)}
    assert fields["height"]["title"] == {"zh": "高度", "en": "Height"}
    assert fields["height"]["note"] == {"zh": "离地", "en": "Above ground"}
    assert fields["steps"]["title"] == {"zh": "steps", "en": "steps"}
    options = {one["value"]: one["title"]["zh"] for one in fields["task"]["options"]}
    assert options == {"detect": "检测", "identify": "identify"}


@pytest.mark.parametrize("kind", kinds().values(), ids=lambda kind: kind.name)
def test_a_kind_has_words_for_its_own_parameters_only(kind):
    assert set(kind.asks) <= set(kind.parameters.model_fields)
    for name, asked in kind.asks.items():
        values = {str(one["value"]) for one in _field(kind, name).get("options", [])}
        assert not asked.options or set(asked.options) == values
        assert asked.of is None or asked.of in kind.parameters.model_fields


def test_what_density_asks_for_can_be_chosen_without_knowing_its_names():
    fields = {one["name"]: one for one in form(DENSITY)}
    assert fields["weight"]["of"] == "layer"
    assert [one["value"] for one in fields["against"]["options"]] == ["area", "people", "road_length"]
    assert (fields["resolution"]["minimum"], fields["resolution"]["maximum"]) == (5, 12)
    assert fields["resolution"]["default"] == 8


def _field(kind, name):
    return next(one for one in form(kind) if one["name"] == name)
