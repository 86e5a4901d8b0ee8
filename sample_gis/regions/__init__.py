"""Regions: the administrative tree, the grids below it, and named extents."""
