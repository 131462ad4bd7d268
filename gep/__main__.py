"""`python -m gep` is `gep`."""

from gep.cli import main

main()
