"""What is sensed in the sample: scenarios of the six domains, read from ``sensor_scenarios.csv``.

The plan names six domains and over twenty scenarios but no numbers for each: shares and readings are ours.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

TABLE = Path(__file__).with_name("sensor_scenarios.csv")


@dataclass(frozen=True)
class Scenario:
    """One scenario.

    Attributes
    ----------
    code, domain, department, connectivity : str
        Codes of the lists ``sensor_scenario``, ``sensor_domain``, ``departments`` and ``connectivity``.
    weight : int
        Share among all sensors.
    objects : str
        Where they stand, a name of `sensor_objects`.
    title, quantity, unit : str
        Words for the name, what is measured, and its unit.
    reading : (float, float)
        Usual range of values.
    digits : int
        Decimal places of a reading.
    interval_s : int
        Seconds between two reports.
    scatter_m : float
        How far from the place itself, metres.
    rare : float, optional
        For switches: how often they report 1.
    """

    code: str
    domain: str
    weight: int
    objects: str
    department: str
    connectivity: str
    title: str
    quantity: str
    unit: str
    reading: tuple[float, float]
    digits: int
    interval_s: int
    scatter_m: float
    rare: float | None


def read_scenarios(path: Path = TABLE) -> tuple[Scenario, ...]:
    """Read the table of scenarios.

    Examples
    --------
    >>> read_scenarios()[0].code
    'water_pressure'
    """
    with path.open(encoding="utf-8", newline="") as file:
        return tuple(
            Scenario(
                code=row["code"],
                domain=row["domain"],
                weight=int(row["weight"]),
                objects=row["objects"],
                department=row["department"],
                connectivity=row["connectivity"],
                title=row["title"],
                quantity=row["quantity"],
                unit=row["unit"],
                reading=(float(row["low"]), float(row["high"])),
                digits=int(row["digits"]),
                interval_s=int(row["interval_s"]),
                scatter_m=float(row["scatter_m"]),
                rare=float(row["rare"]) if row["rare"] else None,
            )
            for row in csv.DictReader(file)
        )
