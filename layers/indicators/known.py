"""The views, indicators and plans that come with the product, checked against a catalogue of layers."""

from __future__ import annotations

from functools import lru_cache

from layers.definitions.condition_flaws import Known
from layers.definitions.layer import LayerDefinition
from layers.definitions.loading import Catalog
from layers.definitions.view_loading import Views, read_views
from layers.features.cql2_filters import BadFilter, Bound, compile_filter
from layers.runs.kinds import kinds


def known_to(catalog: Catalog) -> Known:
    """Return what view and indicator documents may name.

    Examples
    --------
    >>> from layers.definitions.loading import read_catalog
    >>> catalog = read_catalog()
    >>> known_to(catalog).check_filter("online = 3", catalog.layer("cameras"))
    '3.0 is no value of type boolean'
    """

    def check(text: str, layer: LayerDefinition) -> str | None:
        try:
            compile_filter(text, layer, catalog.code_lists, Bound())
        except BadFilter as error:
            return error.reason
        return None

    columns = {name: tuple(column.name for column in kind.of_areas) for name, kind in kinds().items()}
    return Known(catalog, columns, check)


@lru_cache(maxsize=4)
def views_of(catalog: Catalog) -> Views:
    """Return all views of the product's files, read once for a catalogue.

    Raises
    ------
    BadDefinition
        Where a file cannot be used; names file, line and key.
    """
    return read_views(known_to(catalog))
