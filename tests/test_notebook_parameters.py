"""What each parameter of a notebook takes, and what is said of another value."""

import ast
from pathlib import Path

import nbformat
import pytest

from ballerup_analysis.notebook_parameters import PARAMETERS, fault

NOTEBOOKS = sorted((Path(__file__).parents[1] / "notebooks").glob("*.ipynb"))


def test_every_parameter_has_a_kind_and_is_of_it_as_saved_and_in_its_example():
    found = {}
    for path in NOTEBOOKS:
        cells = nbformat.read(path, as_version=4).cells
        (source,) = [cell.source for cell in cells if "parameters" in cell.metadata.get("tags", [])]
        exec(source, {}, saved := {})
        found |= dict.fromkeys(saved)
        assert [fault(name, value) for name, value in saved.items()] == [""] * len(saved), path.stem
    assert found.keys() == PARAMETERS.keys()
    assert not [name for name, told in PARAMETERS.items() if fault(name, ast.literal_eval(told["example"]))]


@pytest.mark.parametrize(("name", "right", "wrong"), [
    ("AREA", ["151", 151], [None, 1.5, True, ["151"], (1, 5, 1)]),
    ("FRAME", ["20.02"], [20.02, None, ["20.02"]]),
    ("COUNTED", [["a"], ("a", "b")], [[], "a", None, ["a", 1], {"a"}]),
    ("YEAR", [2014, 1900, 2100], ["2014", 2014.0, 1899, 2101, None, True, float("nan"), (2, 14)]),
    ("WEEK", [0, 520], [-1, 521, 2.5, 10**9]),
    ("DRAWS", [200_000], [200_001, 1e4]),
    ("TARGET", [7.6, 7, -1, 1e12, -1e12], [(7, 6), "7.6", None, True, float("nan"), float("inf"), 1e300, -1.1e12, 10**40]),
    ("CITIZENS", [None, 2000, 2000.5], ["2000", (2, 0), False]),
    ("TAKE_UP", [(0, 0.5, 1), [0, 0, 1]], [(0, 5, 1, 0, 1, 2), (0.5, 1.0), 1.0, None, (0, "1", 2), (0, float("nan"), 1)]),
    ("INTO_WORK", [True, False], [0, 1, "ja", None]),
])  # fmt: skip
def test_a_parameter_is_of_its_kind_and_of_a_size_that_can_be_run(name, right, wrong):
    assert [fault(name, value) for value in right] == [""] * len(right)
    for value in wrong:
        says = fault(name, value)
        assert says.startswith(f"{name} is {value!r}; write ") and says.endswith(
            f", such as {PARAMETERS[name]['example']}"
        )


def test_a_long_value_is_cut_where_it_is_told():
    says = '{} is {}; write a code or a name in quotation marks, such as "151"'.format
    assert fault("AREA", ["x" * 56]) == says("AREA", f"['{'x' * 56}']")  # 60 characters
    assert fault("AREA", ["x" * 57]) == says("AREA", f"['{'x' * 57}'…")
