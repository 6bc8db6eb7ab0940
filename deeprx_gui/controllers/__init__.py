"""The verbs of the window: what a page asks for becomes work on a lane, and comes back to it."""
