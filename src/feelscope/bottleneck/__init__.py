"""The semantic bottleneck: a picture read as a caption and the answers to a quiz, and judged by that text alone."""
