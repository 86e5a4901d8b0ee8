"""The making of a city in a process of its own: ``python -m sample_gis.child``.

It takes a pickled profile on standard input and tells on standard output, pickled too, each step, each layer
that is complete, and at the end the rest; see `sample_gis.apart`, which is the other side. It ends itself
when standard input closes: then nobody wants the city any more.
"""

from __future__ import annotations

import logging
import os
import pickle
import signal
import sys
import threading
from functools import partial
from typing import TYPE_CHECKING

import structlog

from geo.errors import OneMapError
from sample_gis.city import City
from sample_gis.making import make_city
from sample_gis.telling import Completed, Ended, Failed, Told

if TYPE_CHECKING:
    from typing import BinaryIO


def main() -> None:
    """Make one city and tell it; the exit code is 0 also where an error was told."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    profile = pickle.load(sys.stdin.buffer)  # noqa: S301 - from the process that has started this one
    threading.Thread(target=_end_with_parent, daemon=True).start()
    with os.fdopen(os.dup(1), "wb") as out:
        # Whatever a library prints must not stand between what is told.
        os.dup2(2, 1)
        try:
            city = make_city(
                profile,
                progress=lambda step, share: _tell(out, Told(step, share)),
                complete=lambda layer, frame: _tell(out, Completed(layer, frame)),
                forks=True,
            )
        except OneMapError as error:
            _tell(out, Failed(error))
        else:
            _tell(out, Ended(_rest(city)))


def _rest(city: City) -> City:
    """Return what a city is beside its layers, as far as it is stored."""
    rest = City(city.profile)
    rest.outline, rest.terrain, rest.files, rest.truth = city.outline, city.terrain, city.files, city.truth
    return rest


def _tell(out: BinaryIO, fact: Told | Completed | Ended | Failed) -> None:
    pickle.dump(fact, out, protocol=pickle.HIGHEST_PROTOCOL)
    out.flush()


def _end_with_parent() -> None:
    """End this process and its forks when the other end of standard input closes."""
    for _ in iter(partial(os.read, 0, 1024), b""):
        pass
    os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    # Under its importable name, so that the other side can read what is told.
    from sample_gis.child import main as run

    run()
