"""Emoji: which there are, how they look, new ones, and those that answer a text."""
