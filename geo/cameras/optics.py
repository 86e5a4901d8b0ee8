"""How far a camera serves a task, and how near: pixel density, view angles, edges of the picture.

The density of a rectilinear lens depends on the distance along the axis: its limits are straight lines across
the view. From 180 degrees of view on the picture is taken as equidistant, and its limits are arcs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import ArrayLike, NDArray

from geo.errors import BadInput

Numbers = NDArray[np.float64]

#: Height over width of a picture where no vertical angle is on record.
USUAL_ASPECT = 9 / 16
#: A view this wide or wider is not rectilinear.
PANORAMIC_DEG = 180.0


@dataclass(frozen=True, slots=True)
class Levels:
    """The levels of one edition of a standard.

    Attributes
    ----------
    edition : str
        Number and year.
    pixels_per_m : mapping of str to float
        Least density at the target by level, coarsest first.
    seen : str
        Where the figures were read.
    """

    edition: str
    pixels_per_m: Mapping[str, float]
    seen: str


#: Levels by edition of IEC 62676-4 (GB/T has no level table of its own); the first is used unless told.
EDITIONS: Mapping[str, Levels] = MappingProxyType(
    {
        "2014": Levels(
            "IEC 62676-4:2014",
            MappingProxyType(
                {
                    "monitor": 12.5, "detect": 25.0, "observe": 62.0, "recognise": 125.0, "identify": 250.0,
                    "inspect": 1000.0,
                }
            ),
            "lens and camera makers' tables; the standard gives them in mm a pixel (80, 40, 16, 8, 4, 1)",
        ),
        "2025": Levels(
            "IEC 62676-4:2025",
            MappingProxyType(
                {
                    "overview": 20.0, "outline": 40.0, "discern": 80.0, "perceive": 125.0,
                    "characterise": 250.0, "validate": 500.0, "scrutinise": 1500.0,
                }
            ),
            "written down without sight of the standard; check against its text before quoting",
        ),
    }
)  # fmt: skip


def pixels_per_metre(task: str, edition: str | None = None) -> float:
    """Return the least pixel density of a task.

    Parameters
    ----------
    task : str
        A level of one edition of IEC 62676-4.
    edition : str, optional
        ``"2014"`` or ``"2025"``; found by the name of the level where left out.

    Raises
    ------
    BadInput
        For a level that the edition, or every edition, lacks.

    Examples
    --------
    >>> pixels_per_metre("detect"), pixels_per_metre("outline")
    (25.0, 40.0)
    """
    if edition is not None and edition not in EDITIONS:
        raise BadInput(
            f"there is no edition {edition!r} of the levels: use {', '.join(EDITIONS)}",
            edition=edition,
            known=list(EDITIONS),
        )
    chosen = EDITIONS.values() if edition is None else [EDITIONS[edition]]
    for levels in chosen:
        if task in levels.pixels_per_m:
            return levels.pixels_per_m[task]
    known = [name for levels in chosen for name in levels.pixels_per_m]
    raise BadInput(f"there is no video task {task!r}: use {', '.join(known)}", task=task, known=known)


def pixel_density_range(
    pixels_horizontal: ArrayLike, view_angle_deg: ArrayLike, task: str, *, edition: str | None = None
) -> Numbers:
    """Return how far a task is served, in metres.

    Parameters
    ----------
    pixels_horizontal : array_like of float
        Pixels over the whole horizontal view.
    view_angle_deg : array_like of float
        Horizontal view angle, above 0 to 360.
    task : str
        As in `pixels_per_metre`.

    Returns
    -------
    ndarray of float64
        Along the axis where the view is narrower than 180°, else all round. NaN where either is unknown.

    Raises
    ------
    BadInput
        For an unknown task.

    Notes
    -----
    ``N / (2 d tan(view / 2))`` pixels a metre at axial distance d of a rectilinear lens; ``N / (view r)`` at
    radius r of an equidistant one (view in radians).

    Examples
    --------
    >>> [round(float(pixel_density_range(1920, 90, task)), 2) for task in ("detect", "observe", "identify")]
    [38.4, 15.48, 3.84]
    """
    density = pixels_per_metre(task, edition)
    pixels = np.asarray(pixels_horizontal, dtype=float)
    angle = np.radians(np.asarray(view_angle_deg, dtype=float))
    panoramic = angle >= np.radians(PANORAMIC_DEG)
    with np.errstate(divide="ignore", invalid="ignore"):
        width = np.where(panoramic, angle, 2 * np.tan(np.where(panoramic, 0.0, angle) / 2))
        found = pixels / density / width
    return np.asarray(np.where(width > 0, found, np.nan), dtype=np.float64)


def density_at(pixels_horizontal: ArrayLike, view_angle_deg: ArrayLike, distance_m: ArrayLike) -> Numbers:
    """Return pixels a metre at a distance: along the axis, or all round from 180° of view on.

    Examples
    --------
    >>> round(float(density_at(1920, 90, 38.4)), 9)
    25.0
    """
    at_one_per_metre = pixel_density_range(pixels_horizontal, view_angle_deg, "detect") * 25.0
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(at_one_per_metre / np.asarray(distance_m, dtype=float), dtype=np.float64)


def view_angle(focal_length_mm: ArrayLike, sensor_width_mm: ArrayLike) -> Numbers:
    """Return the horizontal view angle of a lens in degrees, ``2 atan(w / 2f)``.

    Examples
    --------
    >>> round(float(view_angle(4.0, 5.37)), 1)  # 4 mm before a 1/2.8" sensor
    67.7
    """
    ratio = np.asarray(sensor_width_mm, dtype=float) / (2 * np.asarray(focal_length_mm, dtype=float))
    return np.asarray(np.degrees(2 * np.arctan(ratio)), dtype=np.float64)


def vertical_angle(view_angle_deg: ArrayLike, aspect: ArrayLike = USUAL_ASPECT) -> Numbers:
    """Return the vertical view angle of a rectilinear lens in degrees; NaN from 180° of view on.

    Parameters
    ----------
    aspect : array_like of float
        Height of the picture over its width.

    Examples
    --------
    >>> round(float(vertical_angle(90.0)), 2)
    58.72
    """
    angle = np.asarray(view_angle_deg, dtype=float)
    half = np.radians(np.where(angle < PANORAMIC_DEG, angle, np.nan)) / 2
    return np.asarray(np.degrees(2 * np.arctan(np.tan(half) * np.asarray(aspect, float))), dtype=np.float64)


def near_limit(
    height_m: ArrayLike, tilt_deg: ArrayLike, vertical_angle_deg: ArrayLike, target_height_m: float
) -> Numbers:
    """Return where the lower edge of the picture meets the target height, in metres along the axis.

    Nearer targets pass under the picture: the dead zone. 0 where there is none, also where tilt, height or
    vertical angle are unknown; infinite where the whole picture looks over the target height.

    Notes
    -----
    ``(h_camera - h_target) / tan(tilt + vertical angle / 2)``. The line runs across the axis: every point of
    it has the same axial distance.

    Examples
    --------
    >>> round(float(near_limit(6.0, 15.0, 30.0, 1.6)), 2)
    7.62
    """
    fall, lower = _edge(height_m, tilt_deg, vertical_angle_deg, target_height_m, +0.5)
    with np.errstate(divide="ignore", invalid="ignore"):
        found = fall / np.tan(np.radians(lower))
    found = np.where(lower >= 90, 0.0, np.where(lower <= 0, np.inf, found))
    return np.asarray(np.where((fall > 0) & np.isfinite(lower), found, 0.0), dtype=np.float64)


def far_limit(
    height_m: ArrayLike, tilt_deg: ArrayLike, vertical_angle_deg: ArrayLike, target_height_m: float
) -> Numbers:
    """Return where the upper edge of the picture meets the target height; infinite where it does not.

    Examples
    --------
    >>> float(far_limit(6.0, 15.0, 30.0, 1.6)), round(float(far_limit(6.0, 25.0, 30.0, 1.6)), 2)
    (inf, 24.95)
    """
    fall, upper = _edge(height_m, tilt_deg, vertical_angle_deg, target_height_m, -0.5)
    with np.errstate(divide="ignore", invalid="ignore"):
        found = fall / np.tan(np.radians(upper))
    found = np.where(upper >= 90, 0.0, np.where(upper <= 1e-9, np.inf, found))
    return np.asarray(np.where((fall > 0) & np.isfinite(upper), found, np.inf), dtype=np.float64)


def _edge(
    height_m: ArrayLike,
    tilt_deg: ArrayLike,
    vertical_angle_deg: ArrayLike,
    target_height_m: float,
    half: float,
) -> tuple[Numbers, Numbers]:
    """Return how far the target height lies below the camera, and the angle of an edge below the horizon."""
    fall = np.asarray(height_m, dtype=float) - target_height_m
    angle = np.asarray(tilt_deg, dtype=float) + half * np.asarray(vertical_angle_deg, dtype=float)
    return np.where(np.isfinite(fall), fall, 0.0), angle
