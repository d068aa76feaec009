"""`python -m feelscope.cli`, where the console script is not on the path."""

from feelscope.cli import main

main()
