"""The railway, the roads between places, and the one noded network of roads and streets."""
