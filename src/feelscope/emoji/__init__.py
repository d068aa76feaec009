"""Emoji: draw them, answer with them, read emotions from them."""
