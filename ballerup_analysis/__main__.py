"""``python -m ballerup_analysis``: the ``ballerup`` command."""

import sys

from ballerup_analysis.cli import main

sys.exit(main())
