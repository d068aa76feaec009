"""Posts and pictures that express an emotion."""
