"""Product profiles on disk: immutable revisions, one current pointer, a log of who changed what."""
