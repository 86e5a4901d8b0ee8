"""A year of incidents: where, when, how they came in and how they were dealt with."""
