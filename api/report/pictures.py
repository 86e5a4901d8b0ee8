"""The map of a report: the parts of a region in five classes of one indicator, as an SVG drawing."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from html import escape

#: From the lowest fifth to the highest.
SHADES = ("#E3ECF7", "#BCD3EC", "#8DB4DC", "#5A8FC4", "#2B65A3")
_NOTHING = "#FFFFFF"
_LINE = "#5B6B82"
#: Places over regions, in units of the drawing.
_MARK, _DOT = "#C2410C", 4.5
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
        Places over the regions.
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
            names.append(f'<text x="{x:.1f}" y="{y:.1f}">{escape(shape.name)}</text>')
    marks = [
        f'<circle cx="{(lon - west) * narrow * scale:.1f}" cy="{(north - lat) * scale:.1f}" r="{_DOT}">'
        f"<title>{escape(name)}</title></circle>"
        for lon, lat, name in dots
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


def line_chart(values: Sequence[float], *, title: str, marked: int = 0) -> str:
    """Return a cumulative curve from its values, with the bend marked.

    Parameters
    ----------
    marked : int
        Number of the value, from 1, at which a line stands; 0 for none.

    Examples
    --------
    >>> line_chart([1.0, 2.0], title="so far", marked=1).count("<line")
    1
    """
    low, high = min(values, default=0.0), max(values, default=1.0)
    low = min(low, 0.9 * low if low > 0 else 0.0) if high <= low else low
    step = WIDTH / max(len(values) - 1, 1)
    height = 160.0

    def at(place: int) -> str:
        up = height * (values[place] - low) / (high - low or 1.0)
        return f"{place * step:.1f},{height - up:.1f}"

    points = " ".join(at(place) for place in range(len(values)))
    x = (marked - 1) * step
    bend = f'<line x1="{x:.1f}" y1="0" x2="{x:.1f}" y2="{height:.0f}" stroke="{_MARK}"/>' if marked else ""
    return (
        f'<svg class="chart" viewBox="0 0 {WIDTH:.0f} {height:.0f}" role="img" aria-label="{escape(title)}">'
        f'<polyline points="{points}" fill="none" stroke="{SHADES[-1]}" stroke-width="2"/>{bend}</svg>'
    )
