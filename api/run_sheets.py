"""What a workbook tells of a run beside its features: regions, what was found, how it was made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from api.notes import told_note
from api.problems import message_file
from api.workbook import Sheet
from layers.definitions.loading import Catalog
from layers.runs.showing import area_columns


def sheets_of(run: Mapping[str, Any], catalog: Catalog) -> list[Sheet]:
    """Return a sheet of the regions, one for each sort of finding, and one of the method.

    Parameters
    ----------
    run : mapping
        As `layers.runs.reading.read_run` gives one with results.
    """
    columns = area_columns(run, catalog)
    heading = ["layer", "code", "name"]
    heading += [
        f"{one['title']['zh']} {one['title']['en']}" + (f" [{one['unit']}]" if one["unit"] else "")
        for one in columns
    ]
    names = ["layer", "code", "name", *(one["name"] for one in columns)]
    areas = [[area.get(name) for name in names] for area in run["areas"]]
    found = [Sheet(_named("sheets", "areas"), [*map(_heading, heading[:3]), *heading[3:]], areas)]
    by_sort: dict[str, list[dict[str, Any]]] = {}
    for finding in run["summary"].get("findings", ()):
        by_sort.setdefault(str(finding.get("what", "finding")), []).extend(_rows(finding))
    return [*found, *(_table(name, rows) for name, rows in by_sort.items()), _note(run)]


def _rows(finding: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the rows of a finding that has some, else its plain facts; lists of numbers become rows."""
    if isinstance(finding.get("rows"), list):
        return [_flat(row) for row in finding["rows"]]
    lists = {key: value for key, value in finding.items() if isinstance(value, list) and value}
    plain = {key: value for key, value in finding.items() if key not in lists and key != "what"}
    numbers = {key: value for key, value in lists.items() if not isinstance(value[0], Mapping | list)}
    if numbers and len({len(value) for value in numbers.values()}) == 1:
        return [dict(zip(numbers, row, strict=True)) for row in zip(*numbers.values(), strict=True)]
    several = next((value for value in lists.values() if isinstance(value[0], Mapping)), None)
    return [_flat(row) for row in several] if several is not None else [_flat(plain)]


def _flat(row: Mapping[str, Any], before: str = "") -> dict[str, Any]:
    """Return a row without rows in it: what lies deeper has both names."""
    found: dict[str, Any] = {}
    for key, value in row.items():
        name = f"{before}{key}"
        if isinstance(value, Mapping):
            found |= _flat(value, f"{name}.")
        elif isinstance(value, list):
            found[name] = ", ".join(str(one) for one in value if not isinstance(one, Mapping | list)) or None
        else:
            found[name] = value
    return found


def _table(name: str, rows: Sequence[Mapping[str, Any]]) -> Sheet:
    keys = list(dict.fromkeys(key for row in rows for key in row))
    return Sheet(
        _named("sheets", name), list(map(_heading, keys)), [[row.get(key) for key in keys] for row in rows]
    )


def _heading(key: str) -> str:
    return _named("headings", key)


def _named(part: str, key: str) -> str:
    """Return a key with its Chinese name before it, where it has one."""
    return " ".join(filter(None, (message_file("sheets")[part].get(key), key)))


def _note(run: Mapping[str, Any]) -> Sheet:
    note = told_note(run["note"])
    rows: list[list[Any]] = []
    for language in ("zh", "en"):
        words = note["words"][language]
        rows += [["method", words["method"]], ["source", words["source"]]]
        rows += [["limit", limit] for limit in words["limits"]]
    rows += [["parameter", f"{name} = {value}"] for name, value in note["parameters"].items()]
    rows += [[note["words"]["facts"][name]["zh"], value] for name, value in note["facts"].items()]
    told = [[name, value if isinstance(value, int | float) else str(value)] for name, value in rows]
    return Sheet(_named("sheets", "method"), ["", ""], told)
