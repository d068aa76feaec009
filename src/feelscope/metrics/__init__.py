"""Metrics: scores, intervals and agreement, each checked against a plain loop."""
