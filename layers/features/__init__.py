"""Features of a layer: reading, filtering and writing them under a scope."""
