"""How work runs: one thread per lane, jobs in order."""
