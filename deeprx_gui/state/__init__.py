"""What is open: Qt models and undo over plain data, no widgets."""
