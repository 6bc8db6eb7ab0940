"""The HTML report, section by section."""
