"""How this PC inspects: read and written whole, one small file."""
