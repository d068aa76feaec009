"""Calibrate: how sure a model may be on posts of one's own."""
