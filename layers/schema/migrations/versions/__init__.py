"""Revisions of the fixed tables, oldest first."""
