"""A saved model for other programs: its networks, what prepares their input, and proof that they answer alike."""
