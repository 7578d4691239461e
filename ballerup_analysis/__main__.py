"""``python -m ballerup_analysis``: the ``ballerup`` command."""

from ballerup_analysis.cli import main

main()
