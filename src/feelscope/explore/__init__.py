"""Explore: what an archive of posts says of a matter, when, and with what emotions."""
