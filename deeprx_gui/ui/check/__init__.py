"""The Check page: score folders, look at the pictures, move the limits and see what follows."""
