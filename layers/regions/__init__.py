"""Regions: the tree, the grid systems, and whether they fit together."""
