"""What a density is called: which layer and weight against what, and where numbers are sums of shares."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from geo.density import Against
from layers.definitions import GeometryFamily
from layers.definitions.loading import Catalog
from layers.definitions.words import Words
from layers.runs.kinds import Wording
from layers.runs.subjects import SubjectPart

SUBJECT = (
    SubjectPart("layer"),
    SubjectPart("weight"),
    SubjectPart(
        "against",
        prefix="per",
        usual="area",
        words={
            "people": Words(zh="每千人", en="per 1,000 residents"),
            "road_length": Words(zh="每公里道路", en="per km of road"),
        },
    ),
)

#: How features that may lie in several cells are shared out.
_SHARED = {
    GeometryFamily.LINE: Words(zh="按长度分摊", en="shared out by length"),
    GeometryFamily.POLYGON: Words(zh="按面积分摊", en="shared out by area"),
    GeometryFamily.ANY: Words(zh="按份额分摊", en="shared out by their parts"),
}
_DENOMINATORS = {
    Against.AREA: Words(zh="面积", en="Area"),
    Against.PEOPLE: Words(zh="常住人口（人口单元）", en="Residents (population cells)"),
    Against.ROAD_LENGTH: Words(zh="道路长度", en="Length of roads"),
}


def wording(parameters: Mapping[str, Any], catalog: Catalog) -> Wording:
    """Name the columns after what is counted: shares are called shares, and a sum after its field."""
    layer = catalog.layers.get(parameters["layer"])
    shared = _SHARED.get(layer.geometry) if layer else None
    columns: dict[str, Words | None] = {"against": _DENOMINATORS[Against(parameters["against"])]}
    if shared is not None:
        columns["n"] = Words(zh=f"要素数（{shared.zh}）", en=f"Features ({shared.en})")
    if parameters.get("weight") is None:
        columns["value"] = None  # it is the number of features
    elif layer is not None:
        title = next((one.title for one in layer.fields if one.name == parameters["weight"]), None)
        if title is not None:
            zh, en = (f"，{shared.zh}", f", {shared.en}") if shared else ("", "")
            columns["value"] = Words(zh=f"合计（{title.zh}{zh}）", en=f"Sum ({title.en}{en})")
    return Wording(columns, shared)
