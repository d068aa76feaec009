"""Makes this folder's `small_training` and `small_comparison` known to the tests below it."""
