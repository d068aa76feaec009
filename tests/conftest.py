"""What all tests share: one thread for each."""

import os

# Tests run side by side, and a small training gives the same on every machine only with the same number of threads.
os.environ["OMP_NUM_THREADS"] = "1"
