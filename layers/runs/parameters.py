"""Parameters of an analysis: their base, how they are checked, and what is said of a wrong one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic import Field as Limited

from layers.runs.errors import BadRunParameter
from layers.scenarios.naming import REFERENCE_PATTERN

if TYPE_CHECKING:
    from layers.definitions.loading import Catalog
    from layers.runs.kinds import Kind

#: Name, or name and version, of the scenario over which a run is made; reality where left out.
ScenarioReference = Annotated[str | None, Limited(pattern=REFERENCE_PATTERN, max_length=60)]


class Parameters(BaseModel):
    """Parameters of a kind; unknown ones are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


def parse(kind: Kind, given: Mapping[str, Any], catalog: Catalog) -> Parameters:
    """Return checked parameters.

    Raises
    ------
    BadRunParameter
        For the first that is unknown, missing or unusable.
    """
    try:
        parameters = kind.parameters.model_validate(dict(given), strict=False)
    except ValidationError as error:
        raise _first(kind, error) from None
    kind.check(parameters, catalog)
    return parameters


def bad(parameter: str, value: Any, expected: str, **facts: Any) -> BadRunParameter:
    """Return the error for a parameter of an analysis."""
    shown = value if isinstance(value, int | float | bool | None) else str(value)[:120]
    stated = "; ".join(f"{name}: {fact}" for name, fact in facts.items())
    message = f"{parameter} cannot be {shown!r}: expected {expected.replace('-', ' ')}"
    return BadRunParameter(
        f"{message} ({stated})" if stated else message,
        parameter=parameter, value=shown, expected=expected, **facts,
    )  # fmt: skip


def _first(kind: Kind, error: ValidationError) -> BadRunParameter:
    first = error.errors(include_url=False)[0]
    name = str(first["loc"][0]) if first["loc"] else "parameters"
    known = sorted(kind.parameters.model_fields)
    value = first.get("input")
    facts = first.get("ctx", {})
    match first["type"]:
        case "extra_forbidden":
            return bad(name, value, "known-parameter", known=known)
        case "missing":
            return bad(name, None, "given", known=known)
        case "greater_than_equal" | "less_than_equal" | "int_parsing" | "int_type" | "int_from_float":
            low, high = _bounds(kind, name)
            return bad(name, value, "whole-number", low=low, high=high)
        case "enum":
            return bad(name, value, "one-of", known=str(facts.get("expected", "")).replace("'", ""))
        case _:
            return bad(name, value, "declared")


def _bounds(kind: Kind, name: str) -> tuple[Any, Any]:
    field_info = kind.parameters.model_fields[name]
    low = next((rule.ge for rule in field_info.metadata if hasattr(rule, "ge")), None)
    high = next((rule.le for rule in field_info.metadata if hasattr(rule, "le")), None)
    return low, high
