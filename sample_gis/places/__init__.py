"""Places that have a name, a number or a duty: addresses, place names, key places, legal entities."""
