"""The region: drawn in the picture, shown over it."""
