"""Charts: the histogram of scores, the ROC curve, counts and scores over time."""
