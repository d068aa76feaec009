"""Prepare: from raw posts to a clean dataset."""
