"""Planted defects: flaws drawn into pictures of good parts, to compare settings by."""
