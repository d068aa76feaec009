"""Models: vectors to emotions, one idea a file."""
