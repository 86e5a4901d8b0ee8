"""People: counts by building and by cell, never a person."""
