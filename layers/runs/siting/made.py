"""What a computed plan consists of, before it is told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import numpy as np
from numpy.typing import ArrayLike

from geo.crs import metric_crs
from geo.siting import Plan, Rules, Spacing, Watch, phased
from layers.runs.kinds import Progress
from layers.runs.siting.parameters import SitingParameters


@dataclass(frozen=True, slots=True)
class Made:
    """A plan and what stands at each chosen place.

    Attributes
    ----------
    plan : Plan
    sites : GeoDataFrame
        One row a chosen one, in the plan's order, EPSG:4326: the columns of the candidate and of its setting.
    unit : str
        Of what is gained.
    facts : mapping
    findings : list of dict
    limits : tuple of str
    parts : mapping of str to bytes
        Documents of the run: `layers.runs.siting.model`.
    """

    plan: Plan
    sites: gpd.GeoDataFrame
    unit: str
    facts: Mapping[str, Any] = field(default_factory=dict)
    findings: tuple[Mapping[str, Any], ...] = ()
    limits: tuple[str, ...] = ()
    parts: Mapping[str, bytes] = field(default_factory=dict)


def solved(
    parameters: SitingParameters,
    covers: Any,
    weights: ArrayLike,
    candidates: gpd.GeoDataFrame,
    *,
    fixed: int | None = None,
    groups: list[Any] | None = None,
    of_group: int = 1,
    progress: Progress,
    start: float,
    end: float,
) -> Plan:
    """Solve the model of a run.

    Parameters
    ----------
    candidates : GeoDataFrame
        One row a row of ``covers``; what has reasons against it is forbidden.
    fixed : int, optional
        Row of ``covers`` of what stands already.
    start, end : float
        Share of the run that this takes, told as time goes by.
    """
    metres = candidates.geometry.to_crs(metric_crs(candidates))
    forbidden = np.flatnonzero(candidates["reasons"].map(len).to_numpy() > 0)
    spacing = None
    if parameters.spacing_m > 0:
        spacing = Spacing(np.column_stack([metres.x, metres.y]), parameters.spacing_m)

    def watch(now: Any) -> bool:
        progress(start + (end - start) * min(now.seconds / max(parameters.seconds, 1.0), 1.0))
        return True

    told: Watch = watch
    return phased(
        covers,
        weights,
        parameters.phases,
        costs=candidates["cost"].to_numpy(dtype=float) if parameters.money is not None else None,
        fixed=None if fixed is None else [fixed],
        rules=Rules(forbidden=forbidden.tolist(), spacing=spacing, groups=groups, of_group=of_group),
        exact_seconds=parameters.seconds,
        watch=told,
    )
