"""Definitions as data: the models of data/catalog and its loader."""
