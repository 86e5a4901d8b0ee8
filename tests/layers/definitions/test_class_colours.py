"""Classes that are read by colour alone are told apart as they are drawn, also by who sees no green."""

from itertools import pairwise

import numpy as np
import pytest

GROUND = {"dark": "#121D2F", "light": "#F3F5F8"}
TO_XYZ = np.array([[0.4125, 0.3576, 0.1804], [0.2127, 0.7152, 0.0722], [0.0193, 0.1192, 0.9503]])
WHITE = np.array([0.95047, 1.0, 1.08883])
#: Machado, Oliveira and Fernandes 2009, full severity, on linear RGB.
SIGHTS = {
    "usual": np.eye(3),
    "deuteranopia": np.array(
        [[0.3673, 0.8606, -0.2280], [0.2801, 0.6725, 0.0474], [-0.0118, 0.0429, 0.9689]]
    ),
}  # fmt: skip
ENOUGH = 10


def drawn(colour: str, ground: str, opacity: float) -> np.ndarray:
    """Return linear RGB of a colour over the ground."""
    upper, lower = (
        np.array([int(one[at : at + 2], 16) for at in (1, 3, 5)]) / 255 for one in (colour, ground)
    )
    mixed = opacity * upper + (1 - opacity) * lower
    return np.where(mixed <= 0.04045, mixed / 12.92, ((mixed + 0.055) / 1.055) ** 2.4)


def lab(linear: np.ndarray) -> np.ndarray:
    part = TO_XYZ @ np.clip(linear, 0, 1) / WHITE
    x, y, z = np.where(part > (6 / 29) ** 3, np.cbrt(part), part / (3 * (6 / 29) ** 2) + 4 / 29)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def difference(one: np.ndarray, other: np.ndarray) -> float:
    """Return CIEDE2000 of two colours in CIELAB (Sharma, Wu and Dalal 2005)."""
    light, a, b = np.array([one, other]).T
    chroma = np.hypot(a, b).mean()
    a = a * (1.5 - 0.5 * np.sqrt(chroma**7 / (chroma**7 + 25**7)))
    chromas, hues = np.hypot(a, b), np.degrees(np.arctan2(b, a)) % 360
    turn = (hues[1] - hues[0] + 180) % 360 - 180
    hue = (hues[0] + turn / 2) % 360
    chroma, middle = chromas.mean(), (light.mean() - 50) ** 2
    weights = (-0.17, 1, -30), (0.24, 2, 0), (0.32, 3, 6), (-0.2, 4, -63)
    shape = 1 + sum(weight * np.cos(np.radians(times * hue + off)) for weight, times, off in weights)
    by_light = np.diff(light)[0] / (1 + 0.015 * middle / np.sqrt(20 + middle))
    by_chroma = np.diff(chromas)[0] / (1 + 0.045 * chroma)
    by_hue = 2 * np.sqrt(chromas.prod()) * np.sin(np.radians(turn / 2)) / (1 + 0.015 * chroma * shape)
    bend = 2 * np.sqrt(chroma**7 / (chroma**7 + 25**7))
    bend *= -np.sin(np.radians(60 * np.exp(-(((hue - 275) / 25) ** 2))))
    return float(np.sqrt(by_light**2 + by_chroma**2 + by_hue**2 + bend * by_chroma * by_hue))


def test_the_difference_is_that_of_the_published_pairs():
    for one, other, told in (
        ((50, 2.6772, -79.7751), (50, 0, -82.7485), 2.0425),
        ((50, 2.5, 0), (61, -5, 29), 22.8977),
        ((2.0776, 0.0795, -1.1350), (0.9033, -0.0636, -0.5514), 0.9082),
    ):
        assert difference(np.array(one), np.array(other)) == pytest.approx(told, abs=1e-4)


def classes(catalog, layer: str, theme: str) -> list[np.ndarray]:
    style = catalog.layer(layer).style
    colours = [getattr(one.symbol.colour, theme) for one in style.classes]
    return [drawn(one, GROUND[theme], style.symbol.opacity) for one in colours]


@pytest.mark.parametrize("sight", SIGHTS)
@pytest.mark.parametrize("theme", GROUND)
@pytest.mark.parametrize("layer", ["hazard_areas", "population"])
def test_neighbouring_classes_differ_as_they_are_drawn(catalog, layer, theme, sight):
    seen = [lab(SIGHTS[sight] @ one) for one in classes(catalog, layer, theme)]
    assert min(difference(*pair) for pair in pairwise(seen)) >= ENOUGH


@pytest.mark.parametrize("sight", SIGHTS)
@pytest.mark.parametrize("theme", GROUND)
def test_no_density_of_people_looks_like_low_risk(catalog, theme, sight):
    low = lab(SIGHTS[sight] @ classes(catalog, "hazard_areas", theme)[-1])
    people = classes(catalog, "population", theme)
    assert min(difference(low, lab(SIGHTS[sight] @ one)) for one in people) >= ENOUGH
