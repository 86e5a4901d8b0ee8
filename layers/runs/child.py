"""The computation of one run, in a process of its own that can be ended: see `layers.runs.template`.

It takes one line of JSON on standard input (addresses, run, attempt, memory) and tells its progress as lines
of JSON on standard output. More on standard input asks it to end with the best answer so far. It ends itself
when standard input closes: then the worker is gone.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import threading
from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any, TextIO

import psycopg
from psycopg import errors

from geo.errors import OneMapError
from layers.database import Addresses, admin_connection, connect_application
from layers.definitions.loading import read_catalog
from layers.runs.errors import ResultDiskFull, RunTooLarge, as_json
from layers.runs.feature_results import read_previous, write_features
from layers.runs.groups import read_previous_groups
from layers.runs.inputs import read_inputs
from layers.runs.kinds import as_worded, kind_named, kinds
from layers.runs.legend import summary
from layers.runs.parameters import parse
from layers.runs.parts import write_parts
from layers.runs.publishing import Finished, area_rows
from layers.runs.record import read
from layers.runs.reporter import Reporter
from layers.runs.results import write
from layers.runs.subjects import subject_of
from layers.schema.runtime import with_runtime_layers

#: Steps in their order, as the record shows them.
STEPS = ("read", "compute", "write")


class Teller:
    """Writes lines of JSON to the worker."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self.enough = threading.Event()

    def tell(self, **fact: Any) -> None:
        """Write one line at once."""
        self._out.write(json.dumps(fact) + "\n")
        self._out.flush()

    def step(self, name: str, share: float) -> None:
        """Tell how far a step is."""
        self.tell(step=name, share=round(share, 4))

    def stand(self, now: Mapping[str, Any]) -> bool:
        """Tell the best answer so far; False where that is enough."""
        self.tell(standing=dict(now))
        return not self.enough.is_set()


def prepare() -> None:
    """Load what every run needs."""
    kinds()
    read_catalog()


def main() -> None:
    """Compute one run; the exit code is 0 also where an error was told."""
    order = json.loads(sys.stdin.readline())
    teller = Teller(os.fdopen(os.dup(1), "w"))
    threading.Thread(target=_heed_worker, args=(teller.enough,), daemon=True).start()
    # Whatever a library prints must not stand between the lines.
    os.dup2(2, 1)
    megabytes = int(order["megabytes"])
    resource.setrlimit(resource.RLIMIT_AS, (megabytes << 20, megabytes << 20))
    try:
        finished = _compute(order, teller)
    except OneMapError as error:
        teller.tell(error=as_json(error))
    except MemoryError:
        teller.tell(error=_too_large(megabytes))
    except errors.DiskFull:
        full = "the database's disk has no room for the result; make room and start the run again"
        teller.tell(error=as_json(ResultDiskFull(full)))
    else:
        teller.tell(done=finished)


def _compute(order: dict[str, Any], teller: Teller) -> dict[str, Any] | None:
    addresses = Addresses(order["application"], order["admin"])
    with admin_connection(addresses) as own:
        run = read(own, int(order["run"]), int(order["attempt"]))
        if run is None:
            return None
        reach = _reach(own, run.id)
        catalog = with_runtime_layers(own, read_catalog())
    kind = kind_named(run.kind)
    parameters = parse(kind, run.parameters, catalog)
    teller.step("read", 0.0)
    with connect_application(addresses) as connection:
        seen = read_inputs(
            connection, run.scope, catalog, kind.wanted(parameters),
            region=run.region, progress=lambda share: teller.step("read", share), documents=kind.documents,
            scenario=run.parameters.get("scenario"),
        )  # fmt: skip
    inputs = seen.inputs
    if kind.follows:
        with admin_connection(addresses) as own:
            # What stays in a scenario keeps the id that it has in reality.
            real = subject_of(kind, {**run.parameters, "scenario": None})
            if kind.result == "features":
                inputs = replace(inputs, previous=read_previous(own, kind, run.region, real))
            else:
                before = read_previous_groups(own, kind, run.region, real)
                inputs = replace(inputs, previous_groups=before)
    teller.step("compute", 0.0)
    progress = Reporter(lambda share: teller.step("compute", share), teller.stand)
    outcome = kind.compute(parameters, inputs, progress)
    teller.step("write", 0.0)
    with admin_connection(addresses) as own:
        rows = (write_features if kind.result == "features" else write)(
            own, kind, run.id, outcome.cells,
            attempt=run.attempt, reach=reach, progress=lambda share: teller.step("write", share),
        )  # fmt: skip
        write_parts(own, run.id, outcome.parts, attempt=run.attempt)
    told = {"findings": list(outcome.findings)} if outcome.findings else {}
    legend = summary(as_worded(kind, run.parameters, catalog), outcome.cells)
    finished = Finished(
        rows=rows,
        note=outcome.note.as_json(),
        summary={**legend, "units": dict(outcome.units), **told},
        inputs=seen.versions,
        snapshot=seen.snapshot,
        areas=area_rows(kind, outcome.areas),
    )
    return asdict(finished)


def _reach(connection: psycopg.Connection[Any], run: int) -> list[str] | None:
    row = connection.execute("SELECT reach FROM onemap.run WHERE id = %s", [run]).fetchone()
    return None if row is None else row[0]


def _too_large(megabytes: int) -> dict[str, Any]:
    message = f"the run needs more than {megabytes} MB: choose a coarser resolution or a region"
    return as_json(RunTooLarge(message, megabytes=megabytes))


def _heed_worker(enough: threading.Event) -> None:
    """Note that the worker has enough; end this process when its end of standard input closes."""
    # Not through sys.stdin: its lock would be held when the interpreter ends.
    while os.read(0, 1024):
        enough.set()
    os._exit(3)
