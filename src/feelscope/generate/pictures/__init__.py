"""Pictures that nobody took: a DCGAN trained on a table's pictures, saved, and what it draws."""
