"""Judges pictures: preprocessing, backbones, runtimes, detectors and their statistics."""
