"""What leaves the program: a table for Excel, overlay pictures, a report."""
