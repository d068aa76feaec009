"""Files: written whole or not at all, their digests, and one writer at a time."""
