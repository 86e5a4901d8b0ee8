"""The land of a sample city: river, relief, streams, standing water and what grows."""
