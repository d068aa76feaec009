"""Embed: the vectors that a model reads of each post of a table."""
