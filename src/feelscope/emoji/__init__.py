"""Emoji as pictures: which there are, how they look, and an autoencoder that draws new ones."""
