"""Buildings on their parcels, in towns and in the country."""
