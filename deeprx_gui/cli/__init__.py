"""The command line: the verbs of the window without a window."""
