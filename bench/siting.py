"""Maximal covering of 10,000 candidates and 100,000 demand cells by 200 sites; spopt on 500 and 5,000.

Run: ``python bench/siting.py [seconds] [--spopt PYTHON]``. spopt is no dependency of ours: name the Python of
an environment that has spopt and pulp; it is timed there, in the same run, on the same instance.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import scipy.sparse
from numpy.typing import NDArray

from geo.siting import Standing, max_coverage, within

REPEATS = 5

PEER = """
import sys, time, warnings
warnings.filterwarnings("ignore")
import numpy, pulp, spopt
from spopt.locate import MCLP
given = numpy.load(sys.argv[1])
apart = numpy.hypot(*(given["demand"][:, None, :] - given["sites"][None]).transpose(2, 0, 1))
start, used = time.perf_counter(), time.process_time()
model = MCLP.from_cost_matrix(apart, given["weights"], float(given["radius"]), int(given["budget"]))
model.solve(pulp.HiGHS(msg=False))
took = time.perf_counter() - start, time.process_time() - used
print("PEER", spopt.__version__, model.problem.objective.value(), *took)
"""


def instance(count: int, size: int, radius: float) -> tuple[NDArray[np.float64], ...]:
    draw = np.random.default_rng(0)
    sites, demand = draw.uniform(0, 40_000, (count, 2)), draw.uniform(0, 40_000, (size, 2))
    return sites, demand, draw.gamma(0.5, 100, size), np.array(radius)


def large(seconds: float) -> None:
    sites, demand, weights, radius = instance(10_000, 100_000, 500.0)
    covers = within(sites, demand, float(radius))
    max_coverage(covers[:50], weights, 2)  # compile
    clock, used, heard = [], [], []

    def first(now: Standing) -> bool:
        heard.append((time.perf_counter() - begun, time.process_time() - before, now))
        return False

    for _ in range(REPEATS):
        begun, before = time.perf_counter(), time.process_time()
        plan = max_coverage(covers, weights, 200, watch=first)
        clock.append(time.perf_counter() - begun)
        used.append(time.process_time() - before)
    wall, cpu, now = min(heard, key=lambda one: one[1])
    print(
        f"{covers.nnz} pairs: first answer {wall * 1e3:.1f} ms by the clock, {cpu * 1e3:.1f} ms of processors"
    )
    print(f"  its gap {(now.bound - now.covered) / now.bound:.2%}")
    print(f"  whole {min(clock) * 1e3:.0f} ms, {min(used) * 1e3:.0f} of processors; {plan.proof}")
    steps: list[Standing] = []
    better = max_coverage(
        covers, weights, 200, exact_seconds=seconds, watch=lambda now: steps.append(now) is None
    )
    at = next((one.seconds for one in steps if (one.bound - one.covered) <= 0.005 * one.bound), None)
    quick = "never" if at is None else f"{at:.2f} s"
    print(f"  gap of 0.5 % after {quick}; after {better.seconds:.1f} s: {better.proof}")


def against_spopt(python: str) -> None:
    sites, demand, weights, radius = instance(500, 5_000, 1500.0)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "instance.npz"
        np.savez(file, sites=sites, demand=demand, weights=weights, radius=radius, budget=20)
        told = subprocess.run(
            [python, "-c", PEER, str(file)], check=True, capture_output=True, text=True
        ).stdout.split("PEER")[1].split()  # fmt: skip
    value, wall, cpu = (float(one) for one in told[1:])
    covers = within(sites, demand, float(radius))

    def exact() -> float:
        plan = max_coverage(scipy.sparse.csr_array(covers), weights, 20, exact_seconds=60)
        if not plan.proven or abs(plan.covered - value) > 1e-6 * value:
            raise SystemExit(f"ours covers {plan.covered}, spopt {value}")
        return plan.covered

    exact()
    clock, used = [], []
    for _ in range(REPEATS):
        begun, before = time.perf_counter(), time.process_time()
        exact()
        clock.append(time.perf_counter() - begun)
        used.append(time.process_time() - before)
    print(f"500 x 5,000, both proven {value:.4f}: spopt {told[0]} {wall:.1f} s, {cpu:.1f} of processors")
    print(f"  ours {min(clock):.3f} s and {min(used):.3f}")
    print(f"ratio {wall / min(clock):.0f}, of processors {cpu / min(used):.0f}")


def main() -> None:
    arguments = sys.argv[1:]
    python = arguments[arguments.index("--spopt") + 1] if "--spopt" in arguments else None
    numbers = [one for one in arguments if one.replace(".", "").isdigit()]
    large(float(numbers[0]) if numbers else 60.0)
    if python is not None:
        against_spopt(python)


if __name__ == "__main__":
    main()
