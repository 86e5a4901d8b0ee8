"""PostGIS: what the city is, read and written under a Scope."""
