"""What the benchmarks rest on."""

import sys

import pytest

from ballerup_analysis.sources import DATA

sys.path.append(str(DATA.parent / "benchmarks"))
from changes import EQUIVALENT, Module


@pytest.mark.parametrize("name", EQUIVALENT)
def test_a_change_that_makes_no_difference_is_one_that_can_still_be_made(name):
    gone = set(EQUIVALENT[name]) - set(Module(name, []).changes)
    assert not gone, "take it out of benchmarks/equivalent.toml, or write it as the line is now"
