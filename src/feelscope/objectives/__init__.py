"""Objectives: losses and regularisers, one idea a file."""
