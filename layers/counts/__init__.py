"""Incidents by H3 cell, hour and class: kept as they come, and read for a window of time."""
