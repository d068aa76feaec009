"""The web: a client that retries, public addresses, downloads."""
