"""The frozen networks: a catalogue, their weights on this PC, and the torch modules."""
