"""Cells of a result written and published, second by second, against a bare COPY of the same rows.

Run: ``python bench/runs.py [cells]``. Uses a throw-away cluster with the settings of a city's own (everything
is forced to the disk).
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import shapely

from api.embedded.cluster import Cluster
from geo.cells import index, polygons
from layers.database import Addresses, admin_connection, connect_application, scoped
from layers.definitions.loading import read_catalog
from layers.runs.density import DENSITY
from layers.runs.legend import summary
from layers.runs.publishing import Finished, publish
from layers.runs.record import begin
from layers.runs.requesting import request
from layers.runs.results import binary_rows, write
from layers.schema.migrating import migrate
from layers.scope import Scope

ALL = Scope.everything("bench")
REPEATS = 3


@contextmanager
def cluster() -> Iterator[Addresses]:
    """Give a migrated database of its own."""
    with tempfile.TemporaryDirectory(prefix="onemap-bench-") as folder:
        home = Path(folder)
        home.chmod(0o711)
        server = Cluster(home)
        try:
            addresses = server.start()
            migrate(addresses)
            yield addresses
        finally:
            server.destroy()


def cells(size: int) -> pd.DataFrame:
    """Return so many different cells of one resolution with values, a few of them missing."""
    draw = np.random.default_rng(1)
    side = int(np.sqrt(size) * 1.3)
    x, y = np.meshgrid(np.linspace(115.0, 116.3, side), np.linspace(31.0, 32.3, side))
    found = np.unique(index(x.ravel(), y.ravel(), 11))[:size]
    if len(found) < size:
        raise SystemExit(f"only {len(found)} cells lie in the box; ask for fewer")
    values = draw.poisson(3.0, (size, 4)).astype(float)
    values[draw.random(size) < 0.02, 3] = np.nan
    return pd.DataFrame(values, columns=DENSITY.column_names, index=pd.Index(found, name="cell"))


def bare_copy(addresses: Addresses, frame: pd.DataFrame) -> tuple[float, float]:
    """Return seconds of making the rows and of COPY alone: no index, no reader, no record."""
    start = time.perf_counter()
    blocks = list(binary_rows(frame.index.to_numpy(), frame.to_numpy(float)))
    made = time.perf_counter() - start
    with admin_connection(addresses) as connection, connection.transaction():
        connection.execute(
            "CREATE TABLE results.bare (cell bigint, resolution smallint,"
            " geom_3857 ext.geometry(Polygon, 3857), n float8, value float8, against float8, density float8)"
        )
        start = time.perf_counter()
        copying = "COPY results.bare FROM STDIN (FORMAT BINARY)"
        with connection.cursor() as cursor, cursor.copy(copying) as copy:
            copy.write(b"PGCOPY\n\xff\r\n\x00" + bytes(8))
            for block in blocks:
                copy.write(block)
            copy.write(b"\xff\xff")
        copied = time.perf_counter() - start
        connection.execute("DROP TABLE results.bare")
    return made, copied


def whole(addresses: Addresses, frame: pd.DataFrame) -> dict[str, float]:
    """Return seconds of each step from the frame to the published result."""
    catalog = read_catalog()
    with connect_application(addresses) as connection, scoped(connection, ALL):
        number = request(connection, ALL, catalog, kind="density", parameters={"layer": "cameras"})
    with admin_connection(addresses) as connection:
        row = connection.execute("SELECT job FROM onemap.run WHERE id = %s", [number]).fetchone()
        run = None if row is None else begin(connection, number, row[0], "bench")
        if run is None:
            raise SystemExit("the run could not be begun")
        marks = [("", time.perf_counter())]
        names = iter(["copy", "index", "readers and analyse, commit"])

        def mark(share: float) -> None:
            if share in (0.6, 0.9, 1.0):
                marks.append((next(names), time.perf_counter()))

        write(connection, DENSITY, number, frame, attempt=run.attempt, reach=None, progress=mark)
        legend = summary(DENSITY, frame)
        marks.append(("legend", time.perf_counter()))
        publish(connection, run, Finished(len(frame), {}, legend, {}, "1:1:", []))
        marks.append(("publish", time.perf_counter()))
    return {name: at - before for (_, before), (name, at) in pairwise(marks)}


def main() -> None:
    size = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    frame = cells(size)
    start = time.perf_counter()
    shapely.get_num_coordinates(polygons(frame.index.to_numpy()).to_numpy())
    print(f"{size} cells; outlines alone {time.perf_counter() - start:.2f} s")
    with cluster() as addresses:
        limits = [bare_copy(addresses, frame) for _ in range(REPEATS)]
        runs = [whole(addresses, frame) for _ in range(REPEATS)]
    best = min(runs, key=lambda steps: sum(steps.values()))
    made, copied = (min(part) for part in zip(*limits, strict=True))
    for name, took in best.items():
        print(f"  {name:<30}{took:6.2f} s")
    total = sum(best.values())
    print(f"written and published           {total:6.2f} s")
    print(f"rows made {made:.2f} s + bare COPY {copied:.2f} s = {made + copied:.2f} s")
    print(f"ratio to the bare COPY          {total / (made + copied):6.2f}")


if __name__ == "__main__":
    main()
