"""What indicators were on each day: a record that is kept day by day and read for days that are over."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

import psycopg

from layers.definitions.indicator import Indicator
from layers.definitions.loading import Catalog
from layers.indicators.figures import Figure, Part, figure
from layers.indicators.run_figures import RunFigures
from layers.scope import Classification, Scope
from layers.scoped_reading import scoped_reading

#: Figures by day, indicator and region code.
Days = Mapping[date, Mapping[str, Mapping[str, Figure]]]

_WRITE = """
    INSERT INTO onemap.indicator_day AS d
        (indicator, day, digest, classification, regions, numerators, denominators, missing)
    VALUES (%s, %s, %s, %s, %s, %s, %s, %s)
    ON CONFLICT (indicator, day) DO UPDATE SET
        digest = excluded.digest, classification = excluded.classification, regions = excluded.regions,
        numerators = excluded.numerators, denominators = excluded.denominators, missing = excluded.missing,
        taken_at = excluded.taken_at
    WHERE (d.digest, d.classification, d.regions, d.numerators, d.denominators, d.missing)
        IS DISTINCT FROM (excluded.digest, excluded.classification, excluded.regions, excluded.numerators,
                          excluded.denominators, excluded.missing)
"""
_READ = """
    SELECT d.indicator, d.day, u.code, u.numerator, u.denominator, u.missing
    FROM onemap.indicator_day AS d
    CROSS JOIN LATERAL unnest(d.regions, d.numerators, d.denominators, d.missing)
        AS u (code, numerator, denominator, missing)
    WHERE (d.indicator, d.digest) IN (SELECT * FROM unnest($1::text[], $2::text[]))
      AND d.day = ANY ($3::date[]) AND u.code = ANY ($4::text[])
"""


def digest_of(indicator: Indicator) -> str:
    """Return 16 hex digits that are equal for equal ways of computing, however they are worded."""
    text = indicator.model_dump_json(
        include={"numerator", "denominator", "per", "missing"},
        exclude={"numerator": {"title"}, "denominator": {"title"}},
    )
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()


def classification_of(indicator: Indicator, catalog: Catalog, runs: Iterable[RunFigures]) -> str:
    """Return the highest classification among all that an indicator comes from."""
    classes = list(Classification)
    found = [Classification.PUBLIC]
    for _, amount in indicator.amounts:
        named = [amount.layer] if amount.layer else []
        named += [others.layer for _, others in amount.conditions()]
        found += [catalog.layer(name).classification for name in named]
        if amount.run is not None:
            fitting = (run for run in runs if run.fits(amount.run, amount.parameters))
            found += [Classification(run.classification) for run in [next(fitting, None)] if run]
    return str(max(found, key=classes.index))


def write_days(
    connection: psycopg.Connection[Any],
    day: date,
    indicators: Iterable[Indicator],
    figures: Mapping[str, Mapping[str, Figure]],
    classes: Mapping[str, str],
) -> int:
    """Put a day's figures in place of what was kept of it.

    Parameters
    ----------
    connection : psycopg.Connection
        Of `layers.database.admin_connection`.
    figures : mapping
        By region code and indicator.
    classes : mapping
        Classification of each indicator.

    Returns
    -------
    int
        Indicators of which something was new. One that is known of no region is not kept.
    """
    written = 0
    with connection.transaction():
        for one in indicators:
            rows = [(code, found[one.name]) for code, found in figures.items() if one.name in found]
            rows = [(code, found) for code, found in rows if found.numerator.value is not None]
            if not rows:
                continue
            written += connection.execute(
                _WRITE.encode(),
                [
                    one.name, day, digest_of(one), classes[one.name],
                    [code for code, _ in rows],
                    [found.numerator.value for _, found in rows],
                    [None if found.denominator is None else found.denominator.value for _, found in rows],
                    [found.missing_share for _, found in rows],
                ],
            ).rowcount  # fmt: skip
    return written


async def read_days(
    connection: Any,
    scope: Scope,
    indicators: Sequence[Indicator],
    days: Sequence[date],
    codes: Sequence[str],
) -> Days:
    """Return what was kept of some days, of those indicators whose definition is still the same.

    Parameters
    ----------
    connection : asyncpg.Connection
        Of the reading pool.
    """
    by_name = {one.name: one for one in indicators}
    names, digests = list(by_name), [digest_of(one) for one in indicators]
    async with scoped_reading(connection, scope):
        rows = await connection.fetch(_READ, names, digests, list(days), list(codes))
    found: dict[date, dict[str, dict[str, Figure]]] = defaultdict(lambda: defaultdict(dict))
    for row in rows:
        one = by_name[row["indicator"]]
        whole = None if one.denominator is None else Part(row["denominator"])
        told = figure(one, Part(row["numerator"]), whole, counted=1.0, unknown=row["missing"])
        found[row["day"]][one.name][row["code"]] = told
    return found
