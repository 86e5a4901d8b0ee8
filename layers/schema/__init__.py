"""The tables, roles, policies and functions of the city in PostGIS."""
