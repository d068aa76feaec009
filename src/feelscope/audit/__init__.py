"""Audit: what moves a model's answers that should not, and for which posts its answers are less right."""
