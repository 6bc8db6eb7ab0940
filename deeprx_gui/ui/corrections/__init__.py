"""Saying which verdicts were wrong, and what a revision must pass before it is put in use."""
