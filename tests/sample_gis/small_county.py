"""A small county of another seed: three towns in 90 km², made by the same steps as the whole city."""

from __future__ import annotations

from itertools import takewhile
from typing import TYPE_CHECKING

import pyproj
import shapely

from sample_gis import boundary, pipes
from sample_gis.city import City
from sample_gis.devices import cameras
from sample_gis.layout import Canal, Layout, Line, TownLayout, read_layout
from sample_gis.making import STEPS
from sample_gis.people import dwellings
from sample_gis.shapes.raster import Grid
from tests.sample_gis.small_town import small_profile

if TYPE_CHECKING:
    from sample_gis.making import Theme

WEST, SOUTH, WIDE, HIGH = 410_000.0, 3_510_000.0, 10_000.0, 9_000.0
CAMERAS = 240
_DEVICES = ("Pipes", "Poles", "Traffic signals", "Towers", "Cameras")


def _layout() -> Layout:
    """Return a river in the west, a canal, a railway, two trunk roads and three towns, in kilometres."""
    to_degrees = pyproj.Transformer.from_crs(4548, 4490, always_xy=True)

    def at(*kilometres: tuple[float, float]) -> list[tuple[float, float]]:
        return [to_degrees.transform(WEST + 1000 * x, SOUTH + 1000 * y) for x, y in kilometres]

    def town(x: float, y: float, kind: str, size: float, bearing: float) -> TownLayout:
        return TownLayout.model_validate(
            {"seat": at((x, y))[0], "kind": kind, "built_up_km2": size, "bearing": bearing, "schools": 2}
        )

    return Layout(
        base_stage_m=56.0,
        river=Line(name="西河", points=at((0.5, -3), (0.2, 1), (0.6, 4), (0.1, 7), (0.5, 12))),
        canal=Canal(name="干渠", start=at((2.0, 0.6))[0], end=at((9.5, 8.8))[0], level_m=70.0),
        railway=Line(name="铁路", points=at((12, 2), (7, 2.3), (3, 2.0), (-3, 2.6))),
        trunks={
            "G105": at((4.2, -1), (4.0, 4.6), (4.6, 10)),
            "S310": at((4.0, 5.2), (8.0, 6.4), (11.2, 6.2)),
        },
        towns={
            "341504002": town(3.6, 5.0, "street", 1.6, -25),
            "341504103": town(7.6, 6.6, "town", 0.8, -14),
            "341504200": town(7.2, 3.6, "township", 0.7, 40),
        },
        rural_schools=3,
        street_names=read_layout("yeji").street_names,
    )


def small_county(seed: int) -> City:
    """Return the county of a seed, with its base map, pipes and cameras."""
    profile = small_profile(cameras=CAMERAS, lamp_posts=400, multi_use_poles=20)
    city = City(profile.model_copy(update={"seed": seed}))
    city.layout = _layout()
    city.outline = shapely.box(WEST, SOUTH, WEST + WIDE, SOUTH + HIGH)
    city.grid = Grid.around(city.outline.bounds, step=50.0, margin=1500.0)
    for theme in _themes():
        theme.make(city)
    return city


def _themes() -> list[Theme]:
    """Return the steps up to the base map, then the pipes and what cameras need."""
    ground = [*takewhile(lambda step: step.theme is not dwellings, STEPS)]
    devices = [step for step in STEPS if step.title_en in _DEVICES]
    assert [devices[0].theme, devices[-1].theme] == [pipes, cameras]
    return [step.theme for step in [*ground, *devices] if step.theme is not boundary]
