"""The writer: posts that express an emotion, one word after another."""
