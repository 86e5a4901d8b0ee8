"""What lies around a place: rings with counts and lists of several layers, ways by road, and stores."""
