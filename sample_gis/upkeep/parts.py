"""Components (部件) along the streets: covers of the pipes' wells, lamps of the poles, trees, bins."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely
import yaml

from sample_gis.finishing import finished, numbered_within
from sample_gis.shapes.locating import containing, nearest

if TYPE_CHECKING:
    from typing import Any

    from numpy.typing import NDArray

    from sample_gis.city import City

KINDS = Path(__file__).with_name("parts.yaml")

# Class, name, unit by medium and kind of pipe node; other nodes have nothing at the surface.
COVERS = {
    ("water", "valve"): ("0101", "上水井盖", "自来水公司"),
    ("water", "hydrant"): ("0113", "消火栓", "区消防救援大队"),
    ("sewage", "manhole"): ("0102", "污水井盖", "市政管理所"),
    ("rain", "manhole"): ("0103", "雨水井盖", "市政管理所"),
    ("rain", "inlet"): ("0104", "雨水箅子", "市政管理所"),
    ("gas", "valve"): ("0111", "燃气井盖", "燃气公司"),
    ("heat", "valve"): ("0110", "热力井盖", "供热公司"),
    ("power", "manhole"): ("0105", "电力井盖", "供电公司"),
    ("comms", "manhole"): ("0107", "通信井盖", "通信运营商"),
}
POLES = {"lamp": ("0118", "路灯", "市政管理所"), "signal": ("0210", "交通信号灯", "区公安局交警大队")}
CONDITIONS = ("good", "damaged", "missing", "abandoned")
CONDITION_SHARES = (0.962, 0.028, 0.006, 0.004)


def make(city: City) -> None:
    """Add the layer ``parts``: what stands in the area of urban management."""
    parts = pd.concat([_along_streets(city), _from_pipes(city), _from_poles(city)], ignore_index=True)
    points = np.round(parts[["x", "y"]].to_numpy(dtype=float), 2)
    regions = city.layers["regions"]
    units = regions[regions["system"] == "unit_grid"]
    unit = containing(units.geometry.to_numpy(), points)
    kept = unit >= 0
    parts, points, unit = parts[kept].reset_index(drop=True), points[kept], unit[kept]
    random = city.random("parts")
    division = city.profile.county
    serial = numbered_within(parts["class_code"], 6)
    surveyed = np.datetime64(city.as_of) - random.integers(30, 700, len(parts))
    city.layers["parts"] = finished(
        city,
        {
            "code": [f"{division}{kind}{k}" for kind, k in zip(parts["class_code"], serial, strict=True)],
            "class_code": parts["class_code"],
            "name": parts["name"],
            "condition": random.choice(CONDITIONS, len(parts), p=CONDITION_SHARES),
            "unit_grid_code": units["code"].to_numpy()[unit],
            "accuracy_class": random.choice(["A", "B", "C"], len(parts), p=[0.82, 0.15, 0.03]),
            "surveyed_on": surveyed.astype(object),
            "managing_unit": parts["managing_unit"],
            "owner": parts["owner"],
            "maintaining_unit": parts["managing_unit"],
            "place": _places(city, points),
        },
        shapely.points(points),
    )


def _along_streets(city: City) -> pd.DataFrame:
    roads = city.roads[city.roads["town"] != ""]
    lines = roads.geometry.to_numpy()
    length, own_class = shapely.length(lines), roads["class"].to_numpy()
    half = roads["width_m"].to_numpy(dtype=float) / 2
    frames = []
    for kind in yaml.safe_load(KINDS.read_text(encoding="utf-8")):
        spacing = np.array(kind["spacing_m"], dtype=float)[own_class]
        for side in {"both": (1, -1), "one": (1,), "middle": (0,)}[kind["side"]]:
            # The two sides are half a step apart.
            edge, measure = _steps(length, spacing, phase=0.25 if side >= 0 else 0.75)
            at = _beside(lines[edge], measure, side * (half[edge] + kind["edge_m"]))
            frames.append(
                pd.DataFrame(
                    {
                        "x": at[:, 0],
                        "y": at[:, 1],
                        "class_code": kind["class"],
                        "name": kind["name"],
                        "managing_unit": kind["unit"],
                        "owner": kind["owner"],
                    }
                )
            )
    return pd.concat(frames, ignore_index=True)


def _steps(
    length: NDArray[np.float64], spacing: NDArray[np.float64], phase: float
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return edge and measure of points that lie a spacing apart, counted on from edge to edge.

    Counting on lets sparse things stand on short edges too.
    """
    wanted = np.where(spacing > 0, length / np.maximum(spacing, 1e-9), 0.0)
    before = np.concatenate([[0.0], np.cumsum(wanted)])
    count = np.floor(before[1:] + phase).astype(np.int64) - np.floor(before[:-1] + phase).astype(np.int64)
    edge = np.repeat(np.arange(len(length)), count)
    nth = np.arange(len(edge)) - np.repeat(np.cumsum(count) - count, count) + 1
    due = np.floor(before[:-1] + phase)[edge] + nth - phase
    return edge, np.clip((due - before[:-1][edge]) * spacing[edge], 0, length[edge])


def _beside(
    lines: NDArray[np.object_], measure: NDArray[np.float64], offset: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return points along lines, moved to the left by an offset."""
    at = shapely.get_coordinates(shapely.line_interpolate_point(lines, measure))
    ahead = shapely.get_coordinates(
        shapely.line_interpolate_point(lines, np.minimum(measure + 1, shapely.length(lines)))
    )
    behind = shapely.get_coordinates(shapely.line_interpolate_point(lines, np.maximum(measure - 1, 0)))
    way = ahead - behind
    way /= np.maximum(np.hypot(*way.T), 1e-9)[:, None]
    return at + np.column_stack([-way[:, 1], way[:, 0]]) * offset[:, None]


def _from_pipes(city: City) -> pd.DataFrame:
    nodes = city.layers.get("pipe_nodes")
    if nodes is None:
        return _none()
    pairs = list(zip(nodes["medium"], nodes["kind"], strict=True))
    return _taken(nodes, [COVERS.get(pair) for pair in pairs])


def _from_poles(city: City) -> pd.DataFrame:
    poles = city.layers.get("poles")
    if poles is None:
        return _none()
    return _taken(poles, [POLES.get(kind) for kind in poles["kind"]])


def _taken(frame: Any, kinds: list[tuple[str, str, str] | None]) -> pd.DataFrame:
    rows = np.flatnonzero([kind is not None for kind in kinds])
    own = [kind for kind in kinds if kind is not None]
    owner = frame["owner"] if "owner" in frame else pd.Series([None] * len(frame))
    return pd.DataFrame(
        {
            "x": frame.geometry.x.to_numpy()[rows],
            "y": frame.geometry.y.to_numpy()[rows],
            "class_code": [kind[0] for kind in own],
            "name": [kind[1] for kind in own],
            "managing_unit": [kind[2] for kind in own],
            "owner": owner.to_numpy(dtype=object)[rows],
        }
    )


def _none() -> pd.DataFrame:
    columns = ("x", "y", "class_code", "name", "managing_unit", "owner")
    return pd.DataFrame({name: pd.Series(dtype="float64" if name in "xy" else "object") for name in columns})


def _places(city: City, points: NDArray[np.float64]) -> list[str | None]:
    roads = city.roads[city.roads["town"] != ""]
    row, _ = nearest(roads.geometry.to_numpy(), points)
    names = roads["name"].fillna("").to_numpy(dtype=object)[row]
    return [name or None for name in names]
