"""Encoders: text to vectors, image to vectors, one encoder a file."""
