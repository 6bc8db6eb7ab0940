"""What the tables of results and of the history share."""
