"""Evaluate: how right a model is, and on what."""
