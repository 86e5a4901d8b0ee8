"""Names of estates, schools, offices, parks and factories: plain words, each once in a town."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import yaml

from sample_gis.layout import LAYOUTS

if TYPE_CHECKING:
    from sample_gis.city import City

_WORDS: dict[str, Any] = yaml.safe_load((LAYOUTS / "names.yaml").read_text(encoding="utf-8"))


def _pairs(first: list[str], last: list[str]) -> Iterator[str]:
    """Give all pairs of words, in an order in which neither part repeats soon."""
    for turn in range(len(last)):
        for k, word in enumerate(first):
            yield word + last[(k + turn) % len(last)]


def _pools(city: City, code: str) -> dict[str, Iterator[str]]:
    town, first = city.towns.loc[code], code == city.towns.index[0]
    stem = town["name"].removesuffix("街道").removesuffix("镇").removesuffix("乡")
    place = "叶集" if first else stem
    if first:
        offices = [f"{place}{word}" if word.startswith("区") else word for word in _WORDS["county_offices"]]
        parks, markets = _WORDS["county_parks"], ["商城", "广场", "家居城"]
    else:
        seat = _WORDS["town_seat"][town["kind"]]
        offices = [stem + word.format(seat=seat) for word in _WORDS["town_offices"]]
        parks, markets = [f"{place}公园", f"{place}文化广场"], ["商城", "广场"]
    firms = [place + firm for firm in _WORDS["firm"]]
    return {
        "estate": _pairs(_WORDS["estate_first"], _WORDS["estate_last"]),
        "industry": _pairs(firms, _WORDS["trade"]),
        "school": (place + word for word in _WORDS["schools"]),
        "civic": iter(offices),
        "park": iter(parks),
        "mixed": (place + word for word in markets),
    }


def name_blocks(city: City) -> None:
    """Fill ``city.blocks["name"]``: estates, factories, schools, offices, parks and markets by centrality.

    Where the words of a kind run out in a town, the rest of its blocks stay without a name.
    """
    blocks = city.blocks
    pools = {code: _pools(city, code) for code in city.towns.index}
    smallest = {"estate": 9000, "industry": 6000, "school": 4000, "civic": 2500, "park": 2500, "mixed": 5000}
    names = np.full(len(blocks), "", dtype=object)
    area = blocks.geometry.area.round(1).to_numpy()
    uses, towns = blocks["use"].to_numpy(), blocks["town"].to_numpy()
    for k in np.lexsort((np.arange(len(blocks)), blocks["centrality"].to_numpy())):
        if area[k] >= smallest.get(uses[k], np.inf):
            names[k] = next(pools[towns[k]][uses[k]], "")
    blocks["name"] = names
