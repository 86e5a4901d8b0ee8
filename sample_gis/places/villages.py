"""Names of the villages outside towns: surnames and landforms, each once in its town."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely
from scipy.spatial import cKDTree

from sample_gis.shapes.locating import containing

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sample_gis.city import City

# The commonest surnames of the country; a village name of the region is one of them and a word for the place.
SURNAMES = list(
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈"
)
PLACES = [
    *["庄", "大庄", "老庄", "小庄", "新庄", "郢", "大郢", "小郢", "老郢", "店", "岗", "大岗", "湾", "老湾"],
    *[
        "圩",
        "小圩",
        "冲",
        "大冲",
        "塘",
        "楼",
        "桥",
        "洼",
        "堰",
        "围子",
        "院",
        "坎",
        "畈",
        "老屋",
        "新屋",
        "拐",
    ],
]
SIDES = ["上", "下", "东", "西", "前", "后", "南", "北"]
HOUSES_AT_LEAST = 3


def villages(city: City) -> pd.DataFrame:
    """Return the villages that have a name.

    Returns
    -------
    DataFrame
        Index: row of ``city.hamlets``. ``name``, ``x``, ``y`` (metres), ``community`` (code), ``houses``.
        A hamlet of fewer than three houses belongs to the next village.
    """
    sites = np.asarray(city.hamlets, dtype=float)
    houses = shapely.get_coordinates(
        shapely.centroid(city.buildings.geometry[city.buildings["use"] == "village"].to_numpy())
    )
    counts = np.bincount(cKDTree(sites).query(houses)[1], minlength=len(sites))
    community = containing(city.communities.geometry.to_numpy(), sites)
    counts = np.where(community >= 0, counts, 0)
    # In a country of single farms every one of them has a name.
    kept = np.flatnonzero(counts >= min(HOUSES_AT_LEAST, int(counts.max())))
    codes = city.communities.index.to_numpy(dtype=object)[community[kept]]
    return pd.DataFrame(
        {
            "name": _names(city, city.communities["town"].to_numpy()[community[kept]]),
            "x": sites[kept, 0],
            "y": sites[kept, 1],
            "community": codes,
            "houses": counts[kept],
        },
        index=kept,
    )


def _names(city: City, towns: NDArray[np.object_]) -> list[str]:
    """Draw a name for each village, no name twice in a town; the plain ones are used up first."""
    plain = [f"{surname}{place}" for surname in SURNAMES for place in PLACES]
    names = np.empty(len(towns), dtype=object)
    random = city.random("village names")
    for town in sorted(set(towns)):
        rows = np.flatnonzero(towns == town)
        order = list(random.permutation(len(plain)))
        pool = [plain[k] for k in order]
        pool += [f"{side}{plain[k]}" for side in SIDES for k in order]
        names[rows] = pool[: len(rows)]
    return [str(name) for name in names]
