"""`python -m gep` is `gep`."""

from gep.cli.app import main

main()
