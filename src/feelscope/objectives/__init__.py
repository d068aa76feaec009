"""Objectives: losses and regularisers under one contract, one idea a file."""
