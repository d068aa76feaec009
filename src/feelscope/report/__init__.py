"""A report on a file of predictions: shares of emotions with intervals, by group, over time and around an event."""
