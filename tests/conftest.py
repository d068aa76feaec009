"""What all tests share: one thread for each, and no hurry."""

import os

from hypothesis import settings

# Tests run side by side, and a small training gives the same on every machine only with the same number of threads.
os.environ["OMP_NUM_THREADS"] = "1"

# A busy machine is no fault of the code.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")
