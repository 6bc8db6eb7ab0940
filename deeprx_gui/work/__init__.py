"""Work is a generator: it yields progress, returns a result, and can be stopped at any yield."""
