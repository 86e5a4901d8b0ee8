"""The private PostGIS of one machine: its packages, its processes, its cluster."""
