"""Makes the sample cities, every figure labelled synthetic or with its source."""
