"""The door through which pictures come in: files and folders become frames."""
