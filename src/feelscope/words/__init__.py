"""Word vectors: the words of a text, and a vector for each, from files that others trained."""
