"""Truth planted into the finished city: known blind spots, gaps, defects, shifts and duplicates.

Each theme edits finished layers through the fields of the catalogue only and writes what it changed, and what
an analysis should find there, to ``city.truth``.
"""
