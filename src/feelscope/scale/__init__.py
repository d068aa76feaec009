"""The same jobs on many machines, by Ray: predict, prepare, train and serve."""
