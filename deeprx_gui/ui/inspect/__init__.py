"""The page Inspect and operator mode."""
