"""What the city keeps in order along its streets: components and outdoor advertising."""
