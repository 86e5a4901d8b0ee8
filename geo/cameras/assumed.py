"""What is taken for the fields of cameras that are not on record, said openly and counted."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd


@dataclass(frozen=True, slots=True)
class Assumed:
    """What stands in where a camera's record is empty; None leaves it unknown.

    Attributes
    ----------
    view_angle_deg : float, optional
        Horizontal view angle.
    pixels_horizontal : int, optional
        Pixels over the view.
    online : bool
        Whether a camera of unknown state counts as online.
    """

    view_angle_deg: float | None = None
    pixels_horizontal: int | None = None
    online: bool = False


def with_assumed(cameras: gpd.GeoDataFrame, assumed: Assumed) -> gpd.GeoDataFrame:
    """Return the cameras with what is assumed in place of what is not on record.

    Parameters
    ----------
    cameras : GeoDataFrame
        As for `geo.cameras.viewsheds`; columns may be missing. Directions are never assumed.
    assumed : Assumed
        Nothing of it replaces a value on record.

    Returns
    -------
    GeoDataFrame
        A copy with a further column ``assumed``: the names of the fields of each camera that were filled in,
        with commas between them; empty where none was.

    Examples
    --------
    >>> from shapely import Point
    >>> cameras = gpd.GeoDataFrame({"view_angle_deg": [None, 60.0]}, geometry=[Point(7, 43), Point(7, 43)])
    >>> found = with_assumed(cameras, Assumed(view_angle_deg=90.0))
    >>> found["view_angle_deg"].tolist(), found["assumed"].tolist()
    ([90.0, 60.0], ['view_angle_deg', ''])
    """
    found = cameras.copy()
    filled = pd.DataFrame(index=cameras.index)
    for name, value in (
        ("view_angle_deg", assumed.view_angle_deg),
        ("pixels_horizontal", assumed.pixels_horizontal),
        ("online", True if assumed.online else None),
    ):
        if value is None:
            continue
        column = found[name] if name in found.columns else pd.Series(None, found.index, dtype=object)
        missing = column.isna()
        filled[name] = missing
        found[name] = column.astype(object).where(~missing, value)
        if name != "online":
            found[name] = pd.to_numeric(found[name])
    names = np.asarray(filled.columns, dtype=object)
    found["assumed"] = pd.Series(
        [",".join(names[row]) for row in filled.to_numpy(dtype=bool)], index=found.index, dtype=object
    )
    return found
