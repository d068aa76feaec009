"""Compare models of the fusion family: all trained on the same posts, one table of how right they are."""
