"""Answer a text with emoji: training, the saved model, and answers without torch."""
