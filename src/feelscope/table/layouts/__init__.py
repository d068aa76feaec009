"""Exports of platforms and of programs for labelling, read as posts tables; one file a platform, parse pure."""
