"""Going out to a source and keeping what it said, byte for byte."""
