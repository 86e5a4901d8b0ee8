"""Tidy the draft of a street network: join loose ends, take away stubs and slivers."""

from __future__ import annotations

import math
from collections import Counter
from typing import NamedTuple

import numpy as np
import shapely
from shapely import LineString, Point, STRtree
from shapely.ops import polygonize


class Piece(NamedTuple):
    """A line of the draft; a fixed one (a regional road) stays whatever happens."""

    line: LineString
    rank: int
    fixed: bool = False


def extended(pieces: list[Piece], reach: float) -> list[Piece]:
    """Add straight pieces that carry loose ends on to the next line, up to ``reach`` metres."""
    lines = [piece.line for piece in pieces]
    tree = STRtree(lines)
    added = []
    for number, (line, rank, fixed) in enumerate(pieces):
        if fixed:
            continue
        at = shapely.get_coordinates(line)
        for end, before in ((at[0], at[1]), (at[-1], at[-2])):
            ahead = (end - before) / max(float(np.hypot(*(end - before))), 1e-9)
            ray = LineString([end - ahead, end + ahead * reach])
            meets = [ray.intersection(lines[k]) for k in sorted(tree.query(ray)) if k != number]
            apart = [Point(end).distance(one) for one in meets if not one.is_empty]
            if apart and min(apart) > 2:
                added.append(Piece(LineString([end, end + ahead * (min(apart) + 0.5)]), rank))
    return pieces + added


def trimmed(pieces: list[Piece], *, rounds: int, shortest: float) -> list[Piece]:
    """Node the draft at 1 cm and take away loose ends shorter than ``shortest`` metres, round by round."""
    for _ in range(rounds):
        tree = STRtree([piece.line for piece in pieces])
        noded = shapely.get_parts(shapely.union_all([piece.line for piece in pieces], grid_size=0.01))
        middles = shapely.line_interpolate_point(noded, 0.5, normalized=True)
        origin = tree.query_nearest(middles, all_matches=False)[1]
        ends = np.array([shapely.get_coordinates(line)[[0, -1]] for line in noded]).round(2)
        degree = Counter(map(tuple, ends.reshape(-1, 2).tolist()))
        kept = []
        for line, source, (first, last) in zip(noded, origin, ends.tolist(), strict=True):
            _, rank, fixed = pieces[source]
            loose = (degree[tuple(first)] == 1) + (degree[tuple(last)] == 1)
            if fixed or not loose or (loose == 1 and line.length >= shortest):
                kept.append(Piece(line, rank, fixed))
        pieces = kept
    return pieces


def without_slivers(pieces: list[Piece]) -> list[Piece]:
    """Take the lowest edge of faces that are too small or too thin away, three times over."""
    for _ in range(3):
        tree = STRtree([piece.line for piece in pieces])
        gone: set[int] = set()
        for face in polygonize([piece.line for piece in pieces]):
            compact = 4 * math.pi * face.area / face.length**2
            if face.area >= 6500 and (compact >= 0.2 or face.area >= 3e4):
                continue
            around = [k for k in tree.query(face.buffer(1), predicate="contains") if not pieces[k].fixed]
            if around and not gone.intersection(around):
                gone.add(max(around, key=lambda k: (pieces[k].rank, round(pieces[k].line.length, 2), k)))
        if not gone:
            break
        kept = [piece for k, piece in enumerate(pieces) if k not in gone]
        pieces = trimmed(kept, rounds=1, shortest=130)
    return pieces
