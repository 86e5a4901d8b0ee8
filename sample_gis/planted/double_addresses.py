"""Doors with two addresses: the number in words beside it, or the same words at another place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from sample_gis.planted.truth import entry, read_causes

if TYPE_CHECKING:
    from sample_gis.city import City

THEME = "duplicates"
_ADDRESSES_APART_M = {"address_other_words": 5.0, "address_same_words": 35.0}
_APART_M = 600.0
_DIGITS = "〇一二三四五六七八九"


def make(city: City) -> None:
    """Plant the addresses; whatever else reads addresses has read them before."""
    causes = read_causes()[THEME]
    city.truth[THEME] = [
        one for cause in _ADDRESSES_APART_M for one in _addresses(city, cause, causes[cause].count)
    ]


def _addresses(city: City, cause: str, count: int) -> list[dict[str, Any]]:
    addresses = city.layers["addresses"]
    xy = shapely.get_coordinates(addresses.geometry.to_numpy())
    plain = addresses["number"].str.fullmatch(r"[1-9]\d?号").fillna(value=False)
    usable = (
        plain & (addresses["precision_class"] == "number") & ~addresses["full_text"].duplicated(keep=False)
    )
    rows = city.random(f"duplicates: {cause}").permutation(np.flatnonzero(usable.to_numpy(bool)))
    chosen = apart(xy, rows, count)
    more = addresses.iloc[chosen].copy()
    if cause == "address_other_words":
        words = [f"{_in_words(int(number[:-1]))}号" for number in more["number"]]
        more["full_text"] = [
            text.removesuffix(number) + word
            for text, number, word in zip(more["full_text"], more["number"], words, strict=True)
        ]
        more["number"] = words
    distance = _ADDRESSES_APART_M[cause]
    append(city, "addresses", more, distance)
    made = city.layers["addresses"].iloc[-len(more) :] if len(more) else more
    return [
        entry(
            city, THEME, cause, at=(float(xy[row][0]), float(xy[row][1])), radius_m=distance, changed={},
            address=addresses["code"].iloc[row], other=code, text=addresses["full_text"].iloc[row],
            other_text=text, distance_m=distance,
        )
        for row, code, text in zip(chosen, made["code"], made["full_text"], strict=True)
    ]  # fmt: skip


def append(city: City, layer: str, more: gpd.GeoDataFrame, east_m: float) -> None:
    """Add rows to a layer, moved to the east and numbered on."""
    own = city.layers[layer]
    stem, last = (
        own["code"].iloc[0].rstrip("0123456789"),
        int(own["code"].str.extract(r"(\d+)$")[0].astype(int).max()),
    )
    width = len(own["code"].iloc[0]) - len(stem)
    more["code"] = [f"{stem}{last + number:0{width}d}" for number in range(1, len(more) + 1)]
    more = more.set_geometry(more.geometry.translate(east_m), crs=city.crs)
    joined = pd.concat([own, more], ignore_index=True)
    city.layers[layer] = gpd.GeoDataFrame(joined, geometry="geometry", crs=city.crs)


def apart(xy: NDArray[np.float64], rows: NDArray[np.int64], count: int) -> list[int]:
    """Return the first rows that lie apart."""
    chosen: list[int] = []
    for row in rows.tolist():
        if len(chosen) == count:
            break
        if all(np.hypot(*(xy[row] - xy[other])) > _APART_M for other in chosen):
            chosen.append(row)
    return chosen


def _in_words(number: int) -> str:
    """Return a number under 100 in Chinese words.

    Examples
    --------
    >>> [_in_words(number) for number in (7, 10, 15, 40, 51)]
    ['七', '十', '十五', '四十', '五十一']
    """
    tens, ones = divmod(number, 10)
    if tens == 0:
        return _DIGITS[ones]
    return ("" if tens == 1 else _DIGITS[tens]) + "十" + (_DIGITS[ones] if ones else "")
