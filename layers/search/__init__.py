"""Finding features by name, code, pinyin and its initials."""

from layers.search.reading import Entry, find

__all__ = ["Entry", "find"]
