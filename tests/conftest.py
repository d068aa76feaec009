"""Makes this folder's `small_training` known to the tests below it."""
