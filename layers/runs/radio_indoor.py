"""Coverage indoors: in one class of building everywhere, or in the classes that the buildings' uses give."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.cells import index
from geo.crs import metric_crs
from geo.radio.indoor import HIGH_LOSS_USES
from layers.runs.radio_inputs import Indoor, RadioParameters

#: Class of dwellings: residents are at home. Way inside their building in metres.
HOMES, DEPTH_M = "low_loss", 5.0
#: Height of a storey where a building does not tell how many it has.
STOREY_M = 3.0

_LIMITS_OF_INDOOR = {
    Indoor.BY_USE: "Indoors follows the use of each building: coated glass (high loss) in offices, shops, "
    "hotels, hospitals and stations, plain windows (low loss) in dwellings and all others; a cell has the "
    "mean over the floor area that stands in it, and residents are at home. Which use has which glass is "
    "ours; halls clad in metal have no class in the report.",
    Indoor.LOW_LOSS: "Indoors is a building of low loss everywhere, with plain windows.",
    Indoor.HIGH_LOSS: "Indoors is a building of high loss everywhere, with coated glass.",
}


@dataclass(frozen=True)
class Inside:
    """A prediction indoors, in the order of its cells.

    Attributes
    ----------
    probability : Series
        Mean over the floor area of each cell; of dwellings where nothing stands.
    homes : DataFrame
        Of `geo.radio.predict`, where residents are.
    """

    probability: pd.Series
    homes: pd.DataFrame


def indoor_limit(parameters: RadioParameters) -> str:
    """Return which buildings are meant, for the method note."""
    return _LIMITS_OF_INDOOR[parameters.indoor]


def predicted_indoors(
    parameters: RadioParameters,
    cells: NDArray[np.uint64],
    buildings: gpd.GeoDataFrame,
    predict_in: Callable[[str, NDArray[np.uint64]], pd.DataFrame],
) -> Inside:
    """Predict indoors.

    Parameters
    ----------
    buildings : GeoDataFrame
        ``use``, ``floors``, ``floor_area_m2`` and ``height_m``.
    predict_in : callable
        (class of building, cells) to the prediction inside such buildings.
    """
    homes = predict_in(class_in(parameters, None), cells)
    probability = homes["covered_probability"]
    if parameters.indoor is not Indoor.BY_USE:
        return Inside(probability, homes)
    share = high_loss_share(buildings, parameters.resolution).reindex(homes.index, fill_value=0.0)
    some = (share > 0).to_numpy()
    if some.any():
        behind_coated = predict_in("high_loss", cells[some])["covered_probability"].to_numpy()
        probability = probability.copy()
        part = share.to_numpy()[some]
        probability[some] = (1 - part) * probability.to_numpy()[some] + part * behind_coated
    return Inside(probability, homes)


def class_in(parameters: RadioParameters, use: str | None) -> str:
    """Return the class of one building, by its use where that decides; of a dwelling where nothing is known.

    Examples
    --------
    >>> class_in(RadioParameters(), "office"), class_in(RadioParameters(), None)
    ('high_loss', 'low_loss')
    """
    if parameters.indoor is not Indoor.BY_USE:
        return parameters.indoor.value
    return "high_loss" if use in HIGH_LOSS_USES else HOMES


def high_loss_share(buildings: gpd.GeoDataFrame, resolution: int) -> pd.Series:
    """Return the share of the floor area of each cell that stands in buildings of high loss.

    A building counts in the cell of its middle.

    Examples
    --------
    >>> import shapely
    >>> houses = gpd.GeoDataFrame({"use": ["office", "house"], "floors": [3.0, 1.0], "floor_area_m2": np.nan,
    ...     "height_m": np.nan}, geometry=[shapely.box(115.88, 31.74, 115.8801, 31.7401)] * 2, crs=4326)
    >>> high_loss_share(houses, 10).tolist()
    [0.75]
    """
    if not len(buildings):
        return pd.Series([], index=pd.Index([], dtype=np.uint64, name="cell"), dtype=float)
    metres = buildings.geometry.to_crs(metric_crs(buildings))
    middle = metres.centroid.to_crs(4326)
    storeys = (
        buildings["floors"].fillna((buildings["height_m"] / STOREY_M).round()).fillna(1.0).clip(lower=1.0)
    )
    floor = buildings["floor_area_m2"].fillna(metres.area * storeys)
    frame = pd.DataFrame(
        {"all": floor, "high": floor.where(buildings["use"].isin(HIGH_LOSS_USES), 0.0)}
    ).astype(float)
    cells = pd.Index(index(middle.x.to_numpy(), middle.y.to_numpy(), resolution), name="cell")
    sums = frame.groupby(cells).sum()
    return sums["high"] / sums["all"].where(sums["all"] > 0)
