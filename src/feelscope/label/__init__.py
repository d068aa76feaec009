"""Label: people say what posts feel like and whether the model is right, and are compared with it."""
