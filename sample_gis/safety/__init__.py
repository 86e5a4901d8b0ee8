"""Emergency: resources, supplies, shelters, hazards and the areas that they threaten."""
