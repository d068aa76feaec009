"""Train: posts and a recipe in, a saved model out."""
