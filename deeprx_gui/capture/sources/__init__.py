"""Where pictures of parts come from."""
