"""What can go wrong with a scenario, as members of the one exception tree."""

from __future__ import annotations

from typing import Any

from geo.errors import BadInput, Conflict, NotFound, Refused
from layers.importing.refusals import shortened


class NoScenario(NotFound):
    """There is no such scenario or version, or not for this reader; details: ``scenario``."""

    code = "no-scenario"


class ScenarioExists(Conflict):
    """The name is taken; details: ``scenario``."""

    code = "scenario-exists"


class ScenarioChanged(Conflict):
    """It was changed since it was read; details: ``scenario``, ``version`` (the present one)."""

    code = "scenario-changed"


class ScenarioFixed(Refused):
    """Its state does not allow this; details: ``scenario``, ``state``."""

    code = "scenario-fixed"


class ScenarioApplied(Refused):
    """Its planned features were written before; details: ``scenario``."""

    code = "scenario-applied"


class ChangeRefused(BadInput):
    """A change does not fit; details: ``number`` (from 1), ``layer``, ``field``, ``value``, ``expected``."""

    code = "change-refused"


class NotCompared(NotFound):
    """One of two has no run to compare; details: ``side``, ``kind``."""

    code = "not-compared"


def refused(  # noqa: PLR0917 - one flaw
    number: int, layer: str, field: str | None, value: Any, reason: str, allowed: str | None = None
) -> ChangeRefused:
    """Return the error for one flaw of one change; reasons are those of single features, and a few more."""
    hint = f", allowed is {allowed}" if allowed else ""
    return ChangeRefused(
        f"change {number} does not fit layer {layer!r}: {field or 'the change'} is refused ({reason}{hint})",
        number=number, layer=layer, field=field, value=shortened(value), reason=reason, allowed=allowed,
        expected=f"refusal-{reason}",
    )  # fmt: skip
