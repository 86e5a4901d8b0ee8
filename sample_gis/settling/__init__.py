"""Where people settle: town seats, hamlets, communities and their synthetic outlines."""
