"""Tools that the themes of a sample city share: noise, rasters, least-cost routes, lines and polygons."""
