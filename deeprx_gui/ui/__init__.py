"""The window: draws and asks, never decides."""
