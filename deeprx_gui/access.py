"""Who may do what: the engineer's PIN."""
