"""Names of estates, schools, offices, parks and factories: plain words, each once in a town."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count, product
from typing import TYPE_CHECKING, Any

import numpy as np
import yaml

from sample_gis.layout import LAYOUTS

if TYPE_CHECKING:
    from sample_gis.city import City

_WORDS: dict[str, Any] = yaml.safe_load((LAYOUTS / "names.yaml").read_text(encoding="utf-8"))


def _numbered(words: list[str], more: str) -> Iterator[str]:
    """Give the words, then ``more`` with a number, so that a name never comes twice."""
    yield from words
    for number in count(2):
        yield f"{more}{number}号"


def _mixed(first: list[str], last: list[str], more: str) -> Iterator[str]:
    """Give pairs of words so that neither part repeats soon, then numbered ones."""
    pairs = {}
    for a, b in product(range(len(first)), range(len(last))):
        pairs[(a * 7 + b * 5) % len(first), b, a] = first[a] + last[b]
    order = sorted(pairs, key=lambda key: (key[1] * 37 + key[0] * 101 + key[2] * 13) % 211)
    yield from _numbered([pairs[key] for key in order], more)


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
    firms = [place[:1] + firm for firm in _WORDS["firm"]]
    return {
        "estate": _mixed(_WORDS["estate_first"], _WORDS["estate_last"], f"{place}新村"),
        "industry": _mixed(firms, _WORDS["trade"], f"{place}标准化厂房"),
        "school": (place + word for word in _numbered(_WORDS["schools"], "小学分校")),
        "civic": _numbered(offices, f"{place}便民服务站"),
        "park": _numbered(parks, f"{place}游园"),
        "mixed": _numbered([place + word for word in markets], f"{place}商业街"),
    }


def name_blocks(city: City) -> None:
    """Fill ``city.blocks["name"]``: estates, factories, schools, offices, parks and markets by centrality."""
    blocks = city.blocks
    pools = {code: _pools(city, code) for code in city.towns.index}
    smallest = {"estate": 9000, "industry": 6000, "school": 4000, "civic": 2500, "park": 2500, "mixed": 5000}
    names = np.full(len(blocks), "", dtype=object)
    area = blocks.geometry.area.round(1).to_numpy()
    uses, towns = blocks["use"].to_numpy(), blocks["town"].to_numpy()
    for k in np.lexsort((np.arange(len(blocks)), blocks["centrality"].to_numpy())):
        if area[k] >= smallest.get(uses[k], np.inf):
            names[k] = next(pools[towns[k]][uses[k]])
    blocks["name"] = names
