"""What every page is made of: theme, bindings, widgets, forms, sheets."""
