"""The fusion family: small models on frozen vectors, from posts to a saved model, one idea a file."""
