"""Signing in by name, and the people of the centre."""
