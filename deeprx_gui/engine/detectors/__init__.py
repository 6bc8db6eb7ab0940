"""The rules that turn feature maps into score maps: a table; adding one is adding an entry."""
