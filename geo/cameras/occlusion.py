"""Visibility polygons of many eyes among walls: one compiled pass a camera.

Every corner of a wall and of the view's own outline is an event. Between two events in angle the same walls
stand in every ray, and the nearest one bounds the view; where walls cross in between, the lower envelope of
their lines is followed from crossing to crossing. The result is exact up to rounding.
"""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor
from os import cpu_count
from typing import Any

import numba
import numpy as np
import shapely
from numpy.typing import NDArray

from geo.cameras.sector import Sectors, outline
from geo.cameras.walls import Walls

Numbers = NDArray[np.float64]
Positions = NDArray[np.int64]

#: Cameras that one thread takes at a time.
_CHUNK = 512
#: Angles closer than this (radians) are one.
_SAME = 1e-12


def visible(sectors: Sectors, walls: Walls, camera: Positions, building: Positions) -> NDArray[np.object_]:
    """Return what each camera sees among buildings that it cannot look over.

    Parameters
    ----------
    sectors : Sectors
        Views to draw; all must be drawable (`Sectors.sees`).
    walls : Walls
        In the same system.
    camera, building : ndarray of int64
        Pairs in the way, sorted by camera; a building that does not meet the view costs a little time only.

    Returns
    -------
    ndarray of polygons
        One a camera; empty where nothing is left of it.
    """
    count = len(sectors.x)
    first = np.searchsorted(camera, np.arange(count + 1)).astype(np.int64)
    panoramic = sectors.panoramic
    starts = range(0, count, _CHUNK)

    def part(start: int) -> tuple[Numbers, Positions, NDArray[np.bool_]]:
        stop = min(start + _CHUNK, count)
        found: tuple[Numbers, Positions, NDArray[np.bool_]] = _isovists(
            start, stop, sectors.x, sectors.y, sectors.axis, sectors.half, sectors.reach, sectors.cap,
            sectors.near, panoramic, first, building, walls.first, walls.edges,
        )  # fmt: skip
        return found

    with ThreadPoolExecutor(min(cpu_count() or 1, max(len(starts), 1))) as threads:
        parts = list(threads.map(part, starts))
    if not parts:
        return np.empty(0, dtype=object)
    shapes = np.concatenate([_polygons(at, sizes) for at, sizes, _ in parts])
    cut = np.flatnonzero(np.concatenate([cuts for _, _, cuts in parts]))
    if len(cut):
        shapes[cut] = shapely.difference(shapes[cut], _dead_zones(sectors.take(cut)))
    wrong = ~shapely.is_valid(shapes)
    shapes[wrong] = [areal(one) for one in shapely.make_valid(shapes[wrong])]
    return shapes


def areal(shape: Any) -> Any:
    """Return the areas of a shape, without the lines and points that cutting may leave."""
    if shape.geom_type in {"Polygon", "MultiPolygon"}:
        return shape
    parts = shapely.get_parts(shape)
    flat = [areal(one) for one in parts if shapely.get_dimensions(one) == 2]
    return shapely.union_all(flat) if flat else shapely.Polygon()


def _polygons(at: Numbers, sizes: Positions) -> NDArray[np.object_]:
    shapes = np.full(len(sizes), None, dtype=object)
    full = sizes > 0
    if full.any():
        ring = np.repeat(np.arange(int(full.sum())), sizes[full])
        shapes[full] = shapely.polygons(shapely.linearrings(at, indices=ring))
    shapes[~full] = shapely.Polygon()
    return shapes


def _dead_zones(sectors: Sectors) -> NDArray[np.object_]:
    """Return what lies under the pictures: a disc, or everything up to a line across the axis."""
    found = np.empty(len(sectors.x), dtype=object)
    round_view = sectors.panoramic
    centres: Any = shapely.points(sectors.x, sectors.y)
    found[round_view] = shapely.buffer(centres[round_view], sectors.near[round_view], quad_segs=90)
    rest = np.flatnonzero(~round_view)
    some = sectors.take(rest)
    wide = 2 * some.farthest + 1
    along = np.column_stack([np.cos(some.axis), np.sin(some.axis)])
    across = np.column_stack([-along[:, 1], along[:, 0]])
    eye = np.column_stack([some.x, some.y])
    corners = [
        eye + along * a[:, None] + across * b[:, None]
        for a, b in ((-wide, -wide), (some.near, -wide), (some.near, wide), (-wide, wide))
    ]
    found[rest] = shapely.polygons(np.stack(corners, axis=1))
    return found


@numba.njit(cache=True, nogil=True)
def _isovists(  # noqa: PLR0912, PLR0915, PLR0917  # pragma: no cover - compiled
    start: int, stop: int, x: Numbers, y: Numbers, axis: Numbers, half: Numbers, reach: Numbers, cap: Numbers,
    near: Numbers, panoramic: NDArray[np.bool_], first: Positions, building: Positions,
    wall_first: Positions, edges: Numbers,
) -> tuple[Numbers, Positions, NDArray[np.bool_]]:  # fmt: skip
    capacity = 4096
    out = np.empty((capacity, 2))
    used = 0
    sizes = np.zeros(stop - start, dtype=np.int64)
    cuts = np.zeros(stop - start, dtype=np.bool_)
    for camera in range(start, stop):
        h, c, s = half[camera], math.cos(axis[camera]), math.sin(axis[camera])
        bound_angle, bound_distance = outline(h, reach[camera], cap[camera], panoramic[camera])
        farthest = bound_distance.max()
        most = len(bound_angle) + 1
        for pair in range(first[camera], first[camera + 1]):
            most += 2 * (wall_first[building[pair] + 1] - wall_first[building[pair]])
        # Pieces: line from (ax, ay) along (dx, dy), seen from lo to hi; cross is twice the area to the eye.
        ax, ay, dx, dy, cross, lo, hi = (
            np.empty(most), np.empty(most), np.empty(most), np.empty(most), np.empty(most), np.empty(most),
            np.empty(most),
        )  # fmt: skip
        count = 0
        for pair in range(first[camera], first[camera + 1]):
            house = building[pair]
            for edge in range(wall_first[house], wall_first[house + 1]):
                ex, ey = edges[edge, 0] - x[camera], edges[edge, 1] - y[camera]
                fx, fy = edges[edge, 2] - x[camera], edges[edge, 3] - y[camera]
                area = ex * fy - ey * fx
                if area >= -1e-12:
                    continue  # seen from behind, or edge-on: another wall of the same house hides it
                px, py, qx, qy = c * ex + s * ey, c * ey - s * ex, c * fx + s * fy, c * fy - s * fx
                if min(px, qx) > farthest or max(px, qx) < -farthest:
                    continue
                if min(py, qy) > farthest or max(py, qy) < -farthest:
                    continue
                length = math.hypot(qx - px, qy - py)
                if -area > farthest * length:
                    continue
                # The front of a wall is passed clockwise from its start to its end.
                begin, end = math.atan2(qy, qx), math.atan2(py, px)
                pieces = 1
                if end < begin:
                    pieces = 2  # over the ray that points backwards
                for piece in range(pieces):
                    low, high = begin, end
                    if pieces == 2 and piece == 0:
                        high = math.pi
                    elif pieces == 2:
                        low = -math.pi
                    low, high = max(low, -h), min(high, h)
                    if high - low <= _SAME:
                        continue
                    ax[count], ay[count], dx[count], dy[count] = px, py, qx - px, qy - py
                    cross[count], lo[count], hi[count] = area, low, high
                    count += 1
        fronts = count
        for corner in range(len(bound_angle) - 1):
            one, two = bound_angle[corner], bound_angle[corner + 1]
            px, py = bound_distance[corner + 1] * math.cos(two), bound_distance[corner + 1] * math.sin(two)
            qx, qy = bound_distance[corner] * math.cos(one), bound_distance[corner] * math.sin(one)
            ax[count], ay[count], dx[count], dy[count] = px, py, qx - px, qy - py
            cross[count], lo[count], hi[count] = px * qy - py * qx, one, two
            count += 1

        # The outline's angles ascend as they come: only those of the walls are sorted, and the two merged.
        angles = np.empty(2 * fronts)
        angles[:fronts], angles[fronts:] = lo[:fronts], hi[:fronts]
        order = np.argsort(angles)
        place = np.empty(2 * count, dtype=np.int64)
        event = np.empty(len(angles) + len(bound_angle))
        events, wall, corner = 0, 0, 0
        while wall < len(angles) or corner < len(bound_angle):
            of_wall = corner == len(bound_angle)
            if not of_wall and wall < len(angles):
                of_wall = angles[order[wall]] < bound_angle[corner]
            angle = angles[order[wall]] if of_wall else bound_angle[corner]
            if events == 0 or angle - event[events - 1] > _SAME:
                event[events] = angle
                events += 1
            if of_wall:
                which = order[wall]
                place[which if which < fronts else count + which - fronts] = events - 1
                wall += 1
            else:
                if corner > 0:
                    place[count + fronts + corner - 1] = events - 1
                if corner < len(bound_angle) - 1:
                    place[fronts + corner] = events - 1
                corner += 1
        ux, uy = np.empty(events), np.empty(events)
        for at in range(events):
            ux[at], uy[at] = math.cos(event[at]), math.sin(event[at])

        # The nearest piece just after each event and just before the next one.
        left, right = np.full(events, np.inf), np.full(events, np.inf)
        left_end, right_start = np.full(events, np.inf), np.full(events, np.inf)
        at_left, at_right = np.full(events, -1), np.full(events, -1)
        for piece in range(count):
            begins = place[piece]
            t_right = cross[piece] / (ux[begins] * dy[piece] - uy[begins] * dx[piece])
            for at in range(begins, place[count + piece]):
                t_left = t_right
                t_right = cross[piece] / (ux[at + 1] * dy[piece] - uy[at + 1] * dx[piece])
                tie = 1e-9 * (1.0 + abs(t_left))
                if t_left < left[at] - tie or (t_left <= left[at] + tie and t_right < left_end[at]):
                    left[at], left_end[at], at_left[at] = min(t_left, left[at]), t_right, piece
                tie = 1e-9 * (1.0 + abs(t_right))
                if t_right < right[at] - tie or (t_right <= right[at] + tie and t_left < right_start[at]):
                    right[at], right_start[at], at_right[at] = min(t_right, right[at]), t_left, piece

        begin_vertex = used
        previous = -1
        nearest_axial = np.inf
        for at in range(events - 1):
            piece = at_left[at]
            vx, vy = ux[at], uy[at]
            for _ in range(count + 1):
                goal = at_right[at]
                wx, wy = ux[at + 1], uy[at + 1]
                following = goal
                if piece != goal:
                    # Which line comes under this one first?
                    best = np.inf
                    own_end = cross[piece] / (wx * dy[piece] - wy * dx[piece])
                    for other in range(count):
                        if other == piece or place[other] > at or place[count + other] <= at:
                            continue
                        if cross[other] / (wx * dy[other] - wy * dx[other]) > own_end + 1e-9:
                            continue
                        zx = cross[piece] * dx[other] - cross[other] * dx[piece]
                        zy = cross[piece] * dy[other] - cross[other] * dy[piece]
                        if zx * vx + zy * vy < 0:
                            zx, zy = -zx, -zy
                        turn = math.atan2(vx * zy - vy * zx, vx * zx + vy * zy)
                        if turn < 1e-13 or turn >= best:
                            continue
                        if turn > event[at + 1] - event[at]:
                            continue
                        best, following = turn, other
                        size = math.hypot(zx, zy)
                        wx, wy = zx / size, zy / size
                    if best == np.inf:
                        wx, wy = ux[at + 1], uy[at + 1]
                        following = piece
                if used + 4 > capacity:
                    grown = np.empty((2 * capacity, 2))
                    grown[:used] = out[:used]
                    out, capacity = grown, 2 * capacity
                t_begin = cross[piece] / (vx * dy[piece] - vy * dx[piece])
                t_end = cross[piece] / (wx * dy[piece] - wy * dx[piece])
                bx, by = t_begin * vx, t_begin * vy
                if previous != piece:
                    apart = 1.0
                    if used > begin_vertex:
                        apart = abs(out[used - 1, 0] - bx) + abs(out[used - 1, 1] - by)
                    if apart > 1e-9:
                        out[used, 0], out[used, 1] = bx, by
                        used += 1
                    out[used, 0], out[used, 1] = t_end * wx, t_end * wy
                    used += 1
                else:
                    out[used - 1, 0], out[used - 1, 1] = t_end * wx, t_end * wy
                nearest_axial = min(nearest_axial, bx, t_end * wx)
                previous = piece
                if following == piece:
                    break
                piece, vx, vy = following, wx, wy

        if h < math.pi:
            if near[camera] > 0.0 and not panoramic[camera] and nearest_axial > near[camera]:
                edge_y = near[camera] * math.tan(h)
                out[used, 0], out[used, 1] = near[camera], edge_y
                out[used + 1, 0], out[used + 1, 1] = near[camera], -edge_y
                used += 2
            else:
                out[used, 0], out[used, 1] = 0.0, 0.0
                used += 1
                cuts[camera - start] = near[camera] > 0.0
        else:
            cuts[camera - start] = near[camera] > 0.0
        if used - begin_vertex < 3:
            used = begin_vertex
        sizes[camera - start] = used - begin_vertex
        for at in range(begin_vertex, used):
            px, py = out[at, 0], out[at, 1]
            out[at, 0] = x[camera] + c * px - s * py
            out[at, 1] = y[camera] + s * px + c * py
    return out[:used].copy(), sizes, cuts
