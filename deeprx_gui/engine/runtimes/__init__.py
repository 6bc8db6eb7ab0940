"""What computes feature maps: a table of runtimes; adding one is adding an entry."""
