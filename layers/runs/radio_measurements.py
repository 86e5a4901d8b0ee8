"""Measurements of radio against the prediction of the city's own sectors."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.cells import index
from geo.crs import metric_crs
from geo.radio import built_share, calibrate, error_statistics, predict_at
from layers.runs.kinds import Inputs
from layers.runs.parameters import bad
from layers.runs.radio_inputs import RadioParameters, antennas_in, ground_of, sectors_of

#: Share of ground that buildings take within this distance makes the clutter class where a file names none.
CLUTTER_M = 100.0
#: Least share of each class, from the densest. Ours.
CLUTTER = (("dense", 0.20), ("built_up", 0.05), ("open", 0.0))
#: Measurements in one cell of this resolution stay together in the cross-validation: about 460 m across.
GROUP_RESOLUTION = 9


def clutter_of(points: gpd.GeoSeries, buildings: gpd.GeoDataFrame) -> pd.Series:
    """Return the clutter class of points by the share of ground that buildings take around them.

    A building counts whole where its middle is within 100 m.
    """
    share = built_share(points, buildings.geometry, CLUTTER_M)
    names = np.select([share >= least for _, least in CLUTTER], [name for name, _ in CLUTTER], "open")
    return pd.Series(names.astype(object), index=points.index)


def compare(
    parameters: RadioParameters, inputs: Inputs, measured: gpd.GeoDataFrame, *, folds: int = 5
) -> dict[str, Any]:
    """Compare measurements with the prediction, and fit a correction.

    Parameters
    ----------
    inputs : Inputs
        As the analyses of radio read them, for a region around the measurements.
    measured : GeoDataFrame
        Of `layers.importing.measurements.read_measurements`.
    folds : int
        Of the cross-validation.

    Returns
    -------
    dict
        ``level`` and ``sinr``: statistics of the error; ``classes``: of each clutter class, its statistics
        and its correction; ``calibration``: that of all, whether it helps points that were not fitted;
        ``out_of_reach``: measurements without any sector within the cut-off.

    Raises
    ------
    BadRunParameter
        Where no sector of the technology and operator is in service.
    """
    sectors = sectors_of(parameters, inputs, operator=parameters.operator)
    working = sectors[sectors["in_service"]]
    if not len(working):
        raise bad("technology", parameters.technology.value, "one-of", known="one with sectors in service")
    outline = shapely.box(*measured.total_bounds)
    surface, terrain = ground_of(parameters, inputs, outline, metric_crs(working))
    found = predict_at(
        working, measured.geometry, model=parameters.usual_model, settings=parameters.settings(),
        patterns=antennas_in(inputs), surface=surface, terrain=terrain,
    )  # fmt: skip
    clutter = measured["clutter"].where(
        measured["clutter"].notna(), clutter_of(measured.geometry, inputs.frames["buildings"])
    )
    groups = index(measured.geometry.x.to_numpy(), measured.geometry.y.to_numpy(), GROUP_RESOLUTION)
    fit = calibrate(
        measured["rsrp_dbm"], found["rsrp_dbm"], found["distance_m"], clutter, groups=groups, folds=folds
    )
    classes = {
        str(kind): {
            **error_statistics(measured["rsrp_dbm"][of], found["rsrp_dbm"][of]),
            **{name: fit.classes.loc[kind, name] for name in fit.classes.columns if name != "count"},
        }
        for kind in fit.classes.index
        for of in [(clutter == kind).to_numpy()]
    }
    return {
        "measurements": len(measured),
        "out_of_reach": int(found["rsrp_dbm"].isna().sum()),
        "level": error_statistics(measured["rsrp_dbm"], found["rsrp_dbm"]),
        "sinr": error_statistics(measured["sinr_db"], found["sinr_db"]),
        "classes": classes,
        "calibration": {
            "offset_db": fit.offset_db,
            "slope_db": fit.slope_db,
            "folds": fit.folds,
            "rmse_before_db": fit.rmse_before_db,
            "rmse_unseen_db": fit.rmse_unseen_db,
            "helps": fit.helps,
        },
    }
