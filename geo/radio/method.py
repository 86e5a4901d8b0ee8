"""The method note of a prediction of radio: what was assumed, from where, and what it cannot tell."""

from __future__ import annotations

from typing import Any

import numpy as np

from geo.notes import MethodNote
from geo.radio.hata import HATA_MODELS
from geo.radio.path_loss import MODELS
from geo.radio.sectors import (
    ASSUMED_BANDWIDTH_MHZ,
    ASSUMED_FREQUENCY_MHZ,
    ASSUMED_HEIGHT_M,
    ASSUMED_PATTERN,
    ASSUMED_POWER_DBM,
    ASSUMED_TILT_DEG,
    Prepared,
)
from geo.radio.settings import Settings
from geo.radio.states import sources_of
from geo.radio.surface import Surface
from geo.radio.technologies import technology_of
from geo.radio.terrain import SOURCE as TERRAIN_SOURCE
from geo.radio.terrain import Heights

#: The models of TR 38.901 are for distances to here.
_FARTHEST_M = 5000.0
#: What a prediction past buildings takes as hiding, and where a point and its cell may still differ.
PAST_BUILDINGS = (
    "Line of sight passes over or beside the buildings as they stand, each a prism of its height; one that "
    "holds an antenna or the user hides nothing. Trees, walls and what is not in the layer hide nothing "
    "either: in the open this finds more covered than the model's probability, and is an upper bound there. "
    "A point is judged by the same lines as a cell, which has the median of its points."
)
#: What a probability of sight holds, and when the buildings are the better judge.
BY_CHANCE = (
    "Line of sight is a probability of the model, not of the buildings that stand there. It holds trees and "
    "all else that no layer knows, and suits shares of areas and gaps; past the buildings suits single "
    "streets and houses where heights are known. The two give different figures: never set one against the "
    "other."
)

#: What Hata's model is and is not.
WITHOUT_SIGHT = (
    "Hata's model is a median over what stands around users, with a deviation of 9 dB; it knows no line of "
    "sight, and buildings decide nothing there. Villages with their trees count as suburbs: open land is "
    "received better."
)


def without_sectors(settings: Settings, model: str) -> MethodNote:
    """Return the note of a prediction without any sector."""
    return MethodNote(
        "No sector was given: nothing is covered.",
        sources_of([model]),
        {"model": model, **_parameters(settings)},
    )


def _parameters(settings: Settings) -> dict[str, Any]:
    return {
        **{name: getattr(settings, name) for name in Settings.__dataclass_fields__},
        "min_dbm": settings.rsrp_threshold,
        "min_sinr_db": settings.sinr_threshold,
    }


def note_of(
    prepared: Prepared,
    settings: Settings,
    model: str,
    points: int,
    *,
    surface: Surface | None,
    terrain: Heights | None,
) -> MethodNote:
    """Return the note of a prediction.

    Parameters
    ----------
    model : str
        Of sectors that name none.
    points : int
        How many were predicted.
    surface, terrain : Surface, Heights, optional
        What lay between.
    """
    technology = technology_of(settings.technology)
    usual: dict[str, Any] = {
        "height_m": ASSUMED_HEIGHT_M,
        "frequency_mhz": ASSUMED_FREQUENCY_MHZ[technology.code],
        "bandwidth_mhz": ASSUMED_BANDWIDTH_MHZ[technology.code],
        "power_dbm": ASSUMED_POWER_DBM[technology.code],
        "azimuth_deg": "mean of the pattern over all directions",
        "downtilt_deg": ASSUMED_TILT_DEG,
        "pattern": ASSUMED_PATTERN,
    }
    limits = [
        "A prediction, not a measurement: shadowing alone has a standard deviation of 4 to 8 dB.",
        "The models hold an average clutter; no other clutter loss is added.",
        "An array's synchronisation signal is taken as one beam as wide as the sector.",
        f"One sector beyond {settings.cutoff_m:g} m is received at {prepared.beyond_dbm:.0f} dBm at most, in "
        "line of sight along its beam; neither its signal nor its interference is counted.",
        "On several carriers the surest one counts.",
    ]
    hata = [one for one in prepared.models if one in HATA_MODELS]
    by_sight = [one for one in prepared.models if one in MODELS]
    if by_sight or not hata:
        limits.append(BY_CHANCE if surface is None else PAST_BUILDINGS)
    if hata:
        limits.append(WITHOUT_SIGHT)
    if terrain is None:
        limits.append("Flat ground: hills neither block nor raise antennas.")
    if prepared.assumed:
        limits.append("What a sector does not tell is assumed: which values and how often is in the facts.")
    if prepared.out_of_range:
        limits.append(
            f"{prepared.out_of_range} sectors have a carrier that their model was not made for (TR 38.901 "
            "from 500 MHz, Hata 150 to 1500 MHz)."
        )
    if by_sight and settings.cutoff_m > _FARTHEST_M:
        limits.append("Beyond 5 km the formulas of TR 38.901 go on unchanged; they were made for less.")
    source = sources_of(prepared.models)
    source = source if terrain is None else f"{source}; {TERRAIN_SOURCE}"
    return MethodNote(
        method=(
            "Level of each sector in one resource element from its power, its antenna pattern and the path "
            "loss in or out of sight, or the median over both where sight is a probability; the strongest "
            "serves, the others on its carrier interfere at the given load. The probability integrates "
            "shadow fading of the strongest sites, common in part, and tests level and ratio together. A "
            "cell has the median of its points."
        ),
        source=source,
        parameters={"model": model, **_parameters(settings), "thresholds": technology.source},
        facts={
            "sectors": len(prepared.order),
            "carriers": len(np.unique(prepared.carrier)),
            "points": points,
            "assumed": dict(prepared.assumed),
            "assumed_values": {name: usual[name] for name in prepared.assumed},
            "beyond_cutoff_dbm": round(prepared.beyond_dbm, 1),
            "line_of_sight": "probability" if surface is None else "buildings",
            "models": dict(prepared.models),
        },
        limits=tuple(limits),
    )
