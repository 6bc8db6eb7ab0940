"""Telling the world what was found."""
