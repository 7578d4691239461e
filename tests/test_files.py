"""A file is read within its limits and as text that can be printed, and written whole by one at a time or not at all."""

import os
import stat
import time

import pytest
import tomli_w

from ballerup_analysis import files, scenarios
from ballerup_analysis.files import DataError

DEEP = "x=" + "[" * 5000 + "]" * 5000
TOML = {
    "deep dotted keys": ("a." * 20_000 + "b=1", "nested more than 8 deep"),
    "deep heading": ("[" + "a." * 20_000 + "b]", "nested more than 8 deep"),
    "deep quoted keys": ('"a"."b" . ' * 9 + "c=1", "nested more than 8 deep"),
    "deep arrays": (DEEP, "nested more than 8 deep"),
    "long": ("x=[" + "1," * 60_000 + "1]", "has 120005 characters; at most 100000"),
    "not TOML": ("x = ", "is no TOML"),
    "a huge number": ("x = " + "9" * 400, "x must be a finite number"),
    "infinite": ("[a]\nx = inf", "a.x must be a finite number"),
    "not a number": ("[[a]]\nx = [1, nan]", "a.1.x.2 must be a finite number"),
    "a long text": (f'x = "{"a" * 4001}"', "x has 4001 characters"),
    "an escaped override": ('x = "a\\u202eb"', r"x holds U\+202E"),
    "a key nobody can see": ('"a\\u200bb" = 1', r"a key holds U\+200B"),
}


def test_toml_is_held_to_depth_length_finite_numbers_and_text_that_can_be_printed(tmp_path):
    for what, (text, says) in TOML.items():
        with pytest.raises(DataError, match=says):
            files.parse_toml(text, "x.toml")
            pytest.fail(what)
    path = tmp_path / "x.toml"
    path.write_text(
        'name = "å # [[["  # [[[[[[[[[[\nother = """\n[[[[[[[[[[ a.b.c.d.e.f.g.h.i.j\n"""\n', encoding="utf-8"
    )
    assert files.parse_toml(files.read_text(path), "x.toml")["name"] == "å # [[["
    for sign in ("202E", "2028", "0085", "000B"):
        path.write_text(f"# x\r\nname = 'a{chr(int(sign, 16))}b'", encoding="utf-8")
        with pytest.raises(DataError, match=rf"x.toml, line 2, character 10: U\+{sign}"):
            files.read_text(path)
    assert (files.foreign("\0"), files.foreign("\u2028")) == ("U+0000", "U+2028 (LINE SEPARATOR)")


# Each limit holds what lies on it, and no more.
ON_THE_LIMIT = {
    "as many characters": ("#" + "x" * 99_999, "#" + "x" * 100_000),
    "as deep": ("x = " + "[" * 8 + "]" * 8, "x = " + "[" * 9 + "]" * 9),
    "as deep after others": (f"x = [[], [], {'[' * 7}{']' * 7}]", f"x = [[], [], {'[' * 8}{']' * 8}]"),
    "many beside each other": (f"x = [{'[], ' * 100}]", f"x = [{'[], ' * 100}{'[' * 8}{']' * 8}]"),
    "as many parts of a key": ("a.b.c.d.e.f.g.h = 1", "a.b.c.d.e.f.g.h.i = 1"),
    "as long a text": (f"x = '{'x' * 4000}'", f"x = '{'x' * 4001}'"),
    "as great a number": (f"x = -{10**15}", f"x = -{10**15 + 1}"),
    "brackets in a comment": ("x = 1 #  [[[[[[[[[[", "x = 1 [[[[[[[[["),
}


@pytest.mark.parametrize("what", ON_THE_LIMIT)
def test_what_lies_on_a_limit_is_read_and_what_lies_beyond_refused(what):
    within, beyond = ON_THE_LIMIT[what]
    files.parse_toml(within, "x.toml")
    with pytest.raises(DataError):
        files.parse_toml(beyond, "x.toml")


# Each is no TOML, and each mark or letter in it could begin what is looked for to the end.
WITHOUT_END = {
    "texts of three marks": '\\"""\n',
    "texts of three marks and a stroke": '\\"""\n',
    "texts of one mark": '\\"',
    "a word": "a",
    "a word of hyphens": "-",
}  # fmt: skip


@pytest.mark.parametrize("what", WITHOUT_END)
def test_toml_that_is_never_closed_is_looked_through_once(what):
    part = WITHOUT_END[what]
    text = '"' * (part == '\\"') + part * (99_000 // len(part)) + "\\" * what.endswith("stroke")
    started = time.process_time()
    with pytest.raises(DataError, match="is no TOML"):
        files.parse_toml(text, "x.toml")
    assert time.process_time() - started < 3  # 0,05 on an idle machine


@pytest.mark.parametrize("mark", ["'", '"'])
def test_a_text_of_three_marks_ends_with_up_to_two_more_and_what_follows_counts(mark):
    for more in range(3):
        held = f"x = [{mark * 3}[[[[[[[[[{mark * (3 + more)}, "
        assert files.parse_toml(held + "1]", "x.toml")["x"][0] == "[" * 9 + mark * more
        with pytest.raises(DataError, match="nested more than 8 deep"):
            files.parse_toml(held + "[" * 8 + "]" * 9, "x.toml")


def test_a_file_of_the_greatest_size_is_read_and_one_byte_more_refused(tmp_path):
    path = tmp_path / "x"
    path.write_bytes(b"x" * 1000)
    assert len(files.read_bytes(path, 1000)) == 1000
    with pytest.raises(DataError, match=r"holds 0,0 MB; at most 0,0 MB are read"):
        files.read_bytes(path, 999)


def test_what_cannot_be_opened_says_why_and_no_more(tmp_path):
    with pytest.raises(DataError, match=r"cannot be read \(No such file or directory\)$"):
        files.read_bytes(tmp_path / "none")
    with pytest.raises(DataError) as error:
        files.read_bytes(tmp_path)
    assert str(error.value) == f"{tmp_path} is no file"


def test_a_zero_byte_makes_a_text_utf_16_where_it_stands_near_the_beginning():
    assert files.decode("Post;År".encode("utf-16-be")) == files.decode("Post;År".encode("utf-16-le")) == "Post;År"
    for mark, name in ((b"\xfe\xff", "utf-16-be"), (b"\xff\xfe", "utf-16-le")):
        assert files.decode(mark + "Post;År".encode(name)) == "Post;År"
    assert files.decode(b"A" * 200 + b"\0") == "A" * 200 + "\0"  # further on it is a fault of that place


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        (
            "Førtidspension\r\nFleksjob\r\n".encode() + b"H\xf8rsholm\r\n",
            "is UTF-8, but line 3 holds a byte that is not",
        ),
        ("Hjælp\rÅr\r".encode() + b"\xff", "is UTF-8, but line 3"),
        ("x\nKilde: Ærø".encode()[:-1], "is UTF-8, but line 2"),  # cut within a letter
        ("A – B\n".encode() + b"\xe5r", "is UTF-8, but line 2"),
        ("Førtidspension".encode("utf-7"), "is saved as UTF-7; save it as UTF-8"),
        (b"Linje;B2027\0\nDagpenge;5", r"holds bytes of nothing \(NUL\), which no text does"),
        ("Førtidspension".encode("utf-32"), "is saved as UTF-32; save it as UTF-8"),
    ],
)
def test_text_that_is_utf_8_in_part_is_not_read_as_other_letters(tmp_path, raw, says):
    with pytest.raises(DataError, match=f"^{says}"):
        files.decode(raw)
    (tmp_path / "x.toml").write_bytes(raw)
    with pytest.raises(DataError, match=f"x.toml {says}"):
        files.read_text(tmp_path / "x.toml")


SYSTEMS = {"unix": files.fcntl, "windows": None}


@pytest.mark.parametrize("system", SYSTEMS)
def test_a_lock_that_is_held_is_waited_for_and_then_told(system, tmp_path, monkeypatch):
    monkeypatch.setattr(files, "fcntl", SYSTEMS[system])
    with files.locked(tmp_path / "x"):
        (lock,) = tmp_path.iterdir()
        assert rights(lock) == 0o666 & ~current_umask()
        with (
            pytest.raises(DataError, match="is being written by another command"),
            files.locked(tmp_path / "x", seconds=0),
        ):
            pass
    with files.locked(tmp_path / "x", seconds=0):
        pass


@pytest.mark.parametrize(("step", "waits"), [(60.0, 2), (60.5, 1)])  # seconds that each wait takes
def test_a_minute_is_waited_for_a_lock_and_once_more_tried_at_its_end(step, waits, tmp_path, monkeypatch):
    clock = [0.0]
    monkeypatch.setattr(files.time, "monotonic", lambda: sum(clock))
    monkeypatch.setattr(files.time, "sleep", lambda _: clock.append(step))
    with (
        files.locked(tmp_path / "x"),
        pytest.raises(DataError, match="is being written by another command"),
        files.locked(tmp_path / "x"),
    ):
        pass
    assert len(clock) == 1 + waits


def rights(path):
    return stat.S_IMODE(path.stat().st_mode)


def test_a_file_is_written_whole_with_the_rights_it_had_or_not_at_all(tmp_path):
    path = tmp_path / "x.txt"
    files.write_aside(path, "one")
    assert rights(path) == 0o666 & ~current_umask()
    path.chmod(0o640)
    files.write_aside(path, "two")
    assert (path.read_text(), rights(path)) == ("two", 0o640)
    if os.name == "posix" and os.geteuid() == 0:  # nobody else may give a file to a group they are not in
        os.chown(path, -1, 65_534)
        files.write_aside(path, "two")
        assert (path.stat().st_uid, path.stat().st_gid) == (0, 65_534)
    stale, fresh = (tmp_path / f"x.txt.0000000{n}.new" for n in (1, 2))
    for left in (stale, fresh):
        left.touch()
    os.utime(stale, (1, 1))  # a writer that was killed long ago; the other may be at work
    files.write_aside(path, "three")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["x.txt", fresh.name]
    with pytest.raises(DataError, match="cannot be written"):
        files.write_aside(tmp_path / "none" / "x.txt", "x")


def current_umask():
    os.umask(mask := os.umask(0))
    return mask


def test_a_link_out_of_the_checkout_is_not_written_through(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "ROOT", tmp_path / "checkout")
    inside, outside = tmp_path / "checkout" / "data", tmp_path / "outside"
    inside.mkdir(parents=True)
    outside.mkdir()
    (outside / "kept.txt").write_text("kept")
    (inside / "link.txt").symlink_to(outside / "kept.txt")
    (inside / "folder").symlink_to(outside)
    (inside / "near.txt").symlink_to(inside / "target.txt")
    for path in (inside / "link.txt", inside / "folder" / "new.txt"):
        with pytest.raises(DataError, match="link out of the project"):
            files.write_aside(path, "x")
    assert [p.name for p in outside.iterdir()] == ["kept.txt"] and (outside / "kept.txt").read_text() == "kept"
    files.write_aside(inside / "near.txt", "x")
    assert (inside / "near.txt").is_symlink() and (inside / "target.txt").read_text() == "x"
    files.write_aside(outside / "folder.txt", "x")  # what lies elsewhere is the person's own


def test_a_writer_that_is_killed_leaves_a_file_that_the_next_takes_away_an_hour_later(tmp_path, monkeypatch):
    path, now = tmp_path / "x.txt", 1_000_000

    def killed(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(type(path), "replace", killed)
        patched.setattr(type(path), "unlink", lambda *_, **__: None)
        with pytest.raises(KeyboardInterrupt):
            files.write_aside(path, "one")
    (left,) = tmp_path.iterdir()
    others = {tmp_path / "x.txt.kept", left.with_name(f"{left.name}.kept")}
    for other in others:
        other.touch()
        os.utime(other, (1, 1))
    for seconds, there in ((3600, {left, *others}), (3600.5, others)):
        os.utime(left, (1, now - seconds))
        files._clear(path, now)
        assert {*tmp_path.iterdir()} == there


def test_an_interruption_before_the_swap_leaves_the_file_as_it_was_and_nothing_beside_it(tmp_path, monkeypatch):
    def interrupted(aside, place):
        raise KeyboardInterrupt

    files.write_aside(tmp_path / "x.txt", "one")
    monkeypatch.setattr(type(tmp_path), "replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        files.write_aside(tmp_path / "x.txt", "two")
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("x.txt", "one")]


def test_a_file_is_locked_by_itself_alone(tmp_path):
    with files.locked(tmp_path / "a.json"), files.locked(tmp_path / "b.json", seconds=0):
        pass


def test_a_letter_in_two_parts_is_one_and_a_text_without_danish_letters_is_of_windows():
    assert files.decode("a\u030arligt bela\u030ab".encode()) == "årligt belåb"
    assert files.decode(b"M\xfcller") == "Müller"


def test_an_interruption_after_the_swap_is_no_fault_of_the_file(tmp_path, monkeypatch):
    def swapped(aside, place):
        os.replace(aside, place)
        raise KeyboardInterrupt

    monkeypatch.setattr(type(tmp_path), "replace", swapped)
    with pytest.raises(KeyboardInterrupt):
        files.write_aside(tmp_path / "x.txt", "one")
    assert (tmp_path / "x.txt").read_text() == "one"


def test_no_folder_is_made_and_no_file_deleted_behind_a_link_out_of_the_checkout(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "ROOT", tmp_path / "checkout")
    for folder in ("checkout", "outside"):
        (tmp_path / folder).mkdir()
    (tmp_path / "outside" / "kept.txt").touch()
    (link := tmp_path / "checkout" / "folder").symlink_to(tmp_path / "outside")
    for change, path in ((files.make_folder, link / "new" / "deep"), (files.remove, link / "kept.txt")):
        with pytest.raises(DataError, match=r"link out of the project, to .*; nothing was written or deleted$"):
            change(path)
    assert [p.name for p in (tmp_path / "outside").iterdir()] == ["kept.txt"]
    files.make_folder(near := tmp_path / "checkout" / "new" / "deep")
    files.make_folder(near)  # it may be there
    with pytest.raises(DataError, match=r"kept.txt cannot be made"):
        files.make_folder(tmp_path / "outside" / "kept.txt")
    with pytest.raises(DataError, match="deep cannot be deleted"):
        files.remove(near)
    files.remove(near / "none.txt")


@pytest.mark.parametrize("long", ["1" * 3000, "a b " * 750, "it's " * 600, "æ\n" * 1500, "a \"b' " * 400])
def test_a_message_repeats_no_value_without_end_and_says_what_is_wrong_with_it(long, tmp_path):
    for told, says in (
        ({"baseline": long}, "there are accounts, accounts and a year, budget_2017, and own"),
        ({"change": [{"parameter": "gap_points", "value": long}]}, "it must be a number"),
        ({"change": [{"parameter": long, "value": 1}]}, "nearest: "),
        ({"change": [{"parameter": "gap_points", "value": 1, "row": long}]}, "it holds for the whole frame"),
        ({"hash": "1" * 3000}, "set hash to that"),
        ({"change": [1] * 3000}, "there must be parameter and value"),
        ({"change": {"a": list(range(9_000))}}, "each change must be a table headed [[change]]"),
    ):
        file = tmp_path / "long.toml"
        file.write_text(tomli_w.dumps({"name": "n", "why": "w"} | told), encoding="utf-8")
        with pytest.raises(DataError) as wrong:
            scenarios.frame_of(scenarios.load_file(file))
        message = str(wrong.value).replace(str(file), "")
        assert says in message and len(message) <= (4_003 if "a table headed" in says else 800), message


def test_a_message_keeps_its_paths_lists_and_apostrophes_whole():
    path = f"{'/folder' * 200}/{'x' * 150}.csv"
    for whole in (
        f"{path} is no file",
        f"the municipality's {'share of it, ' * 20} the country's",
        f"there are {', '.join(f'table_{n}' for n in range(250))}",
        f"no row {'x' * 100!r}",
    ):
        assert str(DataError(whole)) == whole
    started = time.process_time()
    assert len(str(DataError("'" * 1_000_000))) < 5_000 and len(str(DataError(" 'x" * 300_000))) < 5_000
    assert time.process_time() - started < 3  # 0,1 on an idle machine
    assert DataError().args == () and DataError(1).args == (1,)


def test_a_message_is_cut_where_a_word_has_256_letters_or_a_line_more_than_4000_of_which_the_last_1000_are_kept():
    assert str(DataError("x" * 255)) == "x" * 255 and str(DataError("x" * 256)) == "x" * 100 + "…"
    line = "ab " * 1334
    assert str(DataError(line[:4000])) == line[:4000]
    assert str(DataError(line[:4001])) == f"{line[:3000]} … {line[3001:4001]}"
