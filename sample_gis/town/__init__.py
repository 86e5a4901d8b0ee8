"""Towns: built-up area, streets, what each face of the street network is used for, and blocks."""
