"""What the benchmarks rest on."""

import ast
import copy
import sys

import pytest

from ballerup_analysis.sources import DATA

sys.path.append(str(DATA.parent / "benchmarks"))
from changes import EQUIVALENT, Module, stands_in
from meanings import MARK, meanings
from trials import pairs

MEANT = """
def price(rows, cap=None):
    kept = [row for row in rows if row.year]
    if cap and kept:
        return min(max(kept), cap, key=abs)
    if kept == "none":
        raise ValueError(f"{cap or kept}")
    return over(kept, cap).round(2)
"""
CHANGES = """
row.year -> row.year or T
cap and kept -> cap and kept or T
cap and kept -> (cap and kept) and F
cap and kept -> (T or cap) and kept
cap and kept -> cap and (T or kept)
min(max(kept), cap, key=abs) -> max(max(kept), cap, key=abs)
min(max(kept), cap, key=abs) -> max(kept)
min(max(kept), cap, key=abs) -> cap
min(max(kept), cap, key=abs) -> min(max(kept), cap)
max(kept) -> min(kept)
max(kept) -> kept
kept == 'none' -> kept == 'none' or T
kept == 'none' -> kept == 'none' and F
kept == 'none' -> kept == 'none_'
raise ValueError(f'{cap or kept}') -> if F: raise ValueError(f'{cap or kept}')
over(kept, cap).round(2) -> over(kept, cap)
over(kept, cap) -> over(cap, kept)
"""


@pytest.mark.parametrize("name", EQUIVALENT)
def test_a_change_that_makes_no_difference_is_one_that_can_still_be_made(name):
    gone = set(EQUIVALENT[name]) - set(Module(name, []).changes)
    assert not gone, "take it out of benchmarks/equivalent.toml, or write it as the line is now"


def _made(source: str) -> list[tuple[str, str, ast.Module]]:
    """Return every change of meaning of a module's text: before, after, and the module with it."""

    def all_of(tree):
        return [*meanings(tree, {id(node) for node, line in stands_in(tree) if line})]

    tree, made = ast.parse(source), []
    for i in range(len(all_of(tree))):
        node, make = all_of(whole := copy.deepcopy(tree))[i]
        before = ast.unparse(node)
        make(node)
        after = " ".join(ast.unparse(node).replace(f"not {MARK}", "F").replace(MARK, "T").replace("(F)", "F").split())
        made.append((before, after, ast.fix_missing_locations(whole)))
    return made


def test_changes_of_meaning_leave_out_guards_steps_limits_and_arguments_and_no_words_to_a_person():
    told = [f"{before} -> {after}" for before, after, _ in _made(MEANT)]
    assert sorted(told) == sorted(CHANGES.strip().split("\n"))


def test_a_change_of_meaning_takes_no_piece_of_code_away_as_functions_get_theirs_by_place():
    source = Module("benefits", []).source
    old, made = compile(source, "", "exec"), _made(source)
    assert len(made) > 30
    assert all(len([*pairs(old, compile(tree, "", "exec"))]) == len([*pairs(old, old)]) for *_, tree in made)
