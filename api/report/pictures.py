"""The map of a report: the parts of a region in five classes of one indicator, as an SVG drawing."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from html import escape

#: From the lowest fifth to the highest.
SHADES = ("#E3ECF7", "#BCD3EC", "#8DB4DC", "#5A8FC4", "#2B65A3")
#: From this class on names are white.
DARK_FROM = 3
_NOTHING = "#FFFFFF"
_LINE = "#5B6B82"
#: Places over regions, in units of the drawing; so many are numbered, more are dots.
_MARK, _DOT, _NUMBERED = "#C2410C", 4.5, 9.0
MOST_NUMBERED = 40
WIDTH = 720.0
MOST_NAMED = 24


@dataclass(frozen=True, slots=True)
class Shape:
    """An outline as an SVG path in degrees, y downwards, and where its name stands."""

    code: str
    name: str
    path: str
    at: tuple[float, float]


def fifths(values: Sequence[float]) -> list[float]:
    """Return the four limits between five classes of equal size.

    Examples
    --------
    >>> fifths([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
    [3, 5, 7, 9]
    >>> fifths([])
    []
    """
    ranked = sorted(values)
    return [ranked[len(ranked) * step // 5] for step in range(1, 5)] if ranked else []


def drawing(
    shapes: Sequence[Shape],
    values: Mapping[str, float | None],
    box: Sequence[float],
    *,
    title: str,
    named: Collection[str] = (),
    dots: Sequence[tuple[float, float, str]] = (),
) -> str:
    """Return the map.

    Parameters
    ----------
    values : mapping
        By region code; None is hatched.
    box : (west, south, east, north)
        Degrees.
    named : collection of str
        Codes of the regions whose names stand on a map of too many for all of them.
    dots : sequence of (longitude, latitude, what it is called)
        Places over the regions, numbered from 1 where they are few.
    """
    west, south, east, north = box
    narrow = math.cos(math.radians((south + north) / 2))
    scale = WIDTH / ((east - west) * narrow)
    height = (north - south) * scale
    limits = fifths([value for value in values.values() if value is not None])
    paths, names = [], []
    for shape in shapes:
        value = values.get(shape.code)
        fill = "url(#none)" if value is None else SHADES[_class_of(value, limits)]
        paths.append(f'<path d="{shape.path}" fill="{fill}"><title>{escape(shape.name)}</title></path>')
        if len(shapes) <= MOST_NAMED or shape.code in named:
            x, y = (shape.at[0] - west) * narrow * scale, (north - shape.at[1]) * scale
            dark = ' class="on-dark"' if value is not None and _class_of(value, limits) >= DARK_FROM else ""
            names.append(f'<text{dark} x="{x:.1f}" y="{y:.1f}">{escape(shape.name)}</text>')
    marks = [
        _mark((lon - west) * narrow * scale, (north - lat) * scale, name, number if few else None)
        for few in (len(dots) <= MOST_NUMBERED,)
        for number, (lon, lat, name) in reversed(list(enumerate(dots, 1)))
    ]
    places = f'<g fill="{_MARK}" stroke="#FFFFFF" stroke-width="1">{"".join(marks)}</g>' if marks else ""
    turn = f"scale({narrow * scale:.4f} {scale:.4f}) translate({-west:.7f} {north:.7f})"
    return (
        f'<svg class="map" viewBox="0 0 {WIDTH:.0f} {height:.0f}" role="img" aria-label="{escape(title)}">'
        '<defs><pattern id="none" width="6" height="6" patternUnits="userSpaceOnUse"'
        f' patternTransform="scale({1 / (narrow * scale):.8f})">'
        f'<rect width="6" height="6" fill="{_NOTHING}"/>'
        f'<path d="M0 6L6 0" stroke="#B8C2D0"/></pattern></defs><g transform="{turn}" stroke="{_LINE}"'
        f' stroke-width="1" vector-effect="non-scaling-stroke">{"".join(paths)}</g>{places}'
        f"{''.join(names)}</svg>"
    )


def _mark(x: float, y: float, name: str, number: int | None) -> str:
    size = _DOT if number is None else _NUMBERED
    circle = f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{size}"><title>{escape(name)}</title></circle>'
    if number is None:
        return circle
    return f'{circle}<text class="number" x="{x:.1f}" y="{y + 3.5:.1f}">{number}</text>'


def _class_of(value: float, limits: Sequence[float]) -> int:
    return sum(value >= limit for limit in limits)


def legend(values: Mapping[str, float | None], decimals: int) -> str:
    """Return what the colours mean: of each class that there is, the least and the greatest value.

    Examples
    --------
    >>> legend({"a": 1.0, "b": 1.0, "c": 7.0, "d": None}, 0)
    '<p class="legend"><span><i style="background:#5A8FC4"></i>1</span>\
<span><i style="background:#2B65A3"></i>7</span></p>'
    """
    known = sorted(value for value in values.values() if value is not None)
    limits = fifths(known)
    parts = []
    for number, shade in enumerate(SHADES):
        held = [value for value in known if _class_of(value, limits) == number]
        if held:
            ends = dict.fromkeys(f"{end:,.{decimals}f}" for end in (held[0], held[-1]))
            parts.append(f'<span><i style="background:{shade}"></i>{"–".join(ends)}</span>')
    return f'<p class="legend">{"".join(parts)}</p>' if parts else ""


def line_chart(
    values: Sequence[float], *, title: str, first: float = 0.0, marked: int = 0, marked_as: str = ""
) -> str:
    """Return a cumulative curve from its values, with both axes and the bend marked.

    Parameters
    ----------
    first : float
        What there is before the first value: the curve begins there.
    marked : int
        Number of the value, from 1, at which a line stands; 0 for none.
    marked_as : str
        Words beside that line.

    Examples
    --------
    >>> chart = line_chart([1.0, 2.0], title="so far", marked=1, marked_as="bend 1")
    >>> chart.count("<line"), "bend 1" in chart
    (4, True)
    """
    points = [first, *values]
    low, high = min(points), max(points)
    if high <= low:
        high = low + 1.0
    left, right, top, bottom = 72.0, WIDTH - 12.0, 22.0, 176.0
    step = (right - left) / max(len(values), 1)
    decimals = 0 if high - low >= 10 else 2

    def up(value: float) -> float:
        return bottom - (bottom - top) * (value - low) / (high - low)

    levels = "".join(
        f'<line x1="{left:.0f}" y1="{up(value):.1f}" x2="{right:.0f}" y2="{up(value):.1f}" stroke="#E4E8EF"/>'
        f'<text x="{left - 8:.0f}" y="{up(value) + 4:.1f}" text-anchor="end">{value:,.{decimals}f}</text>'
        for value in (low, (low + high) / 2, high)
    )
    line = " ".join(f"{left + place * step:.1f},{up(value):.1f}" for place, value in enumerate(points))
    ends = "".join(
        f'<text x="{left + place * step:.1f}" y="{bottom + 16:.0f}" text-anchor="middle">{place}</text>'
        for place in (0, len(values))
    )
    bend = ""
    if marked:
        x = left + marked * step
        turned = x > (left + right) / 2
        bend = (
            f'<line x1="{x:.1f}" y1="{top - 14:.0f}" x2="{x:.1f}" y2="{bottom:.0f}" stroke="{_MARK}"/>'
            f'<text x="{x + (-6 if turned else 6):.1f}" y="{top - 6:.0f}" fill="{_MARK}"'
            f' text-anchor="{"end" if turned else "start"}">{escape(marked_as)}</text>'
        )
    return (
        f'<svg class="chart" viewBox="0 0 {WIDTH:.0f} {bottom + 22:.0f}" role="img"'
        f' aria-label="{escape(title)}">{levels}'
        f'<polyline points="{line}" fill="none" stroke="{SHADES[-1]}" stroke-width="2"/>{bend}{ends}</svg>'
    )
