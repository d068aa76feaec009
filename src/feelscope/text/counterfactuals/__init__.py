"""Texts made by rule from texts: the same words said otherwise, or in a setting that says something else."""
