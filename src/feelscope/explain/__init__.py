"""Explain: what a model's answers rest on, and how the emotions it reads relate."""
