"""The explorer shows the library's numbers, keeps what it shows when a file is broken, and serves this machine alone."""

import csv
import itertools
import socket
import time
import urllib.parse
import urllib.request

import chromium
import pytest
from bokeh.document import Document

from ballerup_analysis import explorer
from ballerup_analysis.cli import main
from ballerup_analysis.costing import PARAMETERS, Change, cost
from ballerup_analysis.danish import number
from ballerup_analysis.scenarios import Scenario, read, shipped, simulate, write

GAP, EXIT = "Ændring i Ballerups ledighed over for landets", "Afgangen pr. uge"
BROKEN = {
    "not TOML": "name = ",
    "unknown parameter": "name = 'x'\nwhy = ''\n[[change]]\nparameter = 'gap_point'\nvalue = 1",
    "out of range": "name = 'x'\nwhy = ''\n[[change]]\nparameter = 'gap_points'\nvalue = 7",
    "no such data": "name = 'x'\nwhy = ''\ndata = '000000000000'",
    "no such baseline": "name = 'x'\nwhy = ''\nbaseline = 'nowhere'",
    "a name that is no text": "name = 5\nwhy = ''",
    "nested too deep": "x = " + "[" * 5000,
    "empty": "",
}
HOSTILE = "<img src=x onerror=\"document.title='broken in'\">{{ 7 * 7 }}"


class Uploaded:
    """What the browser hands over for a file."""

    def __init__(self, page, text, name="colleague.toml"):
        page.file.param.update(value=text if isinstance(text, bytes) else text.encode(), filename=name)


@pytest.mark.parametrize("text", BROKEN.values(), ids=BROKEN)
def test_a_broken_file_changes_nothing_and_is_told(text):
    page = explorer.Explorer()
    page.sliders["gap_points"].value = 0.5
    page._show()
    was = page.scenario, page.key, page.result.object, page.chosen.options
    Uploaded(page, text, "<b>.toml")
    assert (page.scenario, page.key, page.result.object, page.chosen.options) == was
    assert "Filen blev ikke indlæst" in page.message.object
    assert "<b>.toml" not in page.message.object
    Uploaded(page, write(shipped()["behind_by_1"]))
    assert (page.scenario, page.message.object) == (shipped()["behind_by_1"], "")


def test_a_file_saved_by_a_windows_editor_is_read():
    page = explorer.Explorer()
    Uploaded(page, b"\xef\xbb\xbf" + write(shipped()["behind_by_1"]).replace("\n", "\r\n").encode())
    assert page.scenario == shipped()["behind_by_1"]


def test_text_of_a_scenario_is_escaped():
    scenario = Scenario(HOSTILE, HOSTILE, changes=(Change("refund_rules_of", "2015-06-30"),))
    shown = explorer.page(scenario, explorer.answer(scenario))
    assert "<img" not in shown
    assert shown.count("&lt;img") == 2
    assert "{{ 7 * 7 }}" in shown


def test_a_slider_keeps_the_year_and_the_row_the_scenario_chose():
    page = explorer.Explorer()
    page.chosen.value = "shock_2009"
    page.sliders["country_points"].value = 1.0
    page.sliders["country_points"].value = 0.0  # no change left
    assert page.scenario.changes == ()
    page.sliders["country_points"].value = 2.0
    assert page.scenario.changes == (Change("country_points", 2.0, 2019),)

    page.chosen.value = "behind_and_slow"
    assert (page.line.value, page.sliders["exit_rate_pct"].value) == ("Ressourceforløb", -50)
    page.line.value = "Kontanthjælp"
    assert page.sliders["exit_rate_pct"].value == 0
    page.sliders["exit_rate_pct"].value = 10
    rows = [(c.row, c.value) for c in page.scenario.changes if c.parameter == "exit_rate_pct"]
    assert rows == [("Ressourceforløb", -50.0), ("Kontanthjælp", 10.0)]
    for row in ("Seniorjob", "Integration"):  # no exits of theirs to change
        page.line.value = row
        assert page.sliders["exit_rate_pct"].disabled

    page.chosen.value = "refund_before_2016"
    page.sliders["price_pct"].value = 1.0
    assert page.scenario.changes == (*shipped()["refund_before_2016"].changes, Change("price_pct", 1.0))
    page.reset.clicks += 1
    assert page.scenario.changes == shipped()["refund_before_2016"].changes


def test_the_page_can_be_shown_in_two_cells():
    page = explorer.Explorer()
    for _ in range(2):
        document = Document()
        document.add_root(page.__panel__().get_root(document))


def test_a_name_is_translated_until_it_is_ones_own():
    page = explorer.Explorer()
    page.language.value = "en"
    assert page.scenario.name == shipped()["budget_2017"].name
    page.sliders["gap_points"].value = 0.1
    page.sliders["gap_points"].value = 0.2
    assert page.scenario.name == shipped()["budget_2017"].name + " (changed)"
    page.called.value = "Mit"
    page.language.value = "da"
    assert (page.scenario.name, page.called.value) == ("Mit", "Mit")


def test_every_slider_spans_what_a_scenario_may_hold_and_every_word_has_two_languages():
    sliders = explorer.Explorer().sliders
    assert {n: (s.start, s.end, s.value) for n, s in sliders.items()} == {
        n: (p.low * p.widest, p.high * p.widest, p.base) for n, p in PARAMETERS.items()
    }
    assert explorer.TEXT["names"].keys() == shipped().keys()
    assert all(len(pair) == 2 and all(pair) for pair in explorer.TEXT["words"].values())


def test_a_taken_port_is_told_in_one_line(capsys):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        assert main(["explore", "--port", str(taken.getsockname()[1])]) == 1
    assert "without --port one is chosen" in capsys.readouterr().err


@pytest.fixture(scope="module")
def address():
    with chromium.served() as (address, process):
        yield address
    assert process.wait(5) is not None


def test_only_this_machine_is_served(address):
    port = urllib.parse.urlparse(address).port
    assert urllib.request.urlopen(address, timeout=5).status == 200
    with pytest.raises(ConnectionRefusedError):  # 127.0.0.2 is this machine too, by another address
        socket.create_connection(("127.0.0.2", port), timeout=5)


@pytest.fixture(scope="module")
def browser(address, tmp_path_factory):
    if None in chromium.PROGRAMS:
        pytest.skip("no Chromium here (Debian: apt-get install chromium chromium-driver), so the page was not opened")
    folder = tmp_path_factory.mktemp("downloads")
    with chromium.Browser(folder) as browser:
        browser.folder = folder
        start = time.perf_counter()
        browser.get(address)
        browser.until(lambda: browser.texts("#tornado td"))
        browser.load_s = time.perf_counter() - start
        yield browser


def cells(browser, year=2020):
    return next(row.split("\t")[1:] for row in browser.texts("#cost tbody tr") if row.startswith(str(year)))


def library(scenario, year=2020):
    """The cells of a year, from the library past the explorer."""
    own, was = (cost(one)[0][:, year - 2017].sum() / 1000 for one in (scenario.changes, ()))
    drawn = simulate(scenario, explorer.DRAWS).query("row == 'I alt' and year == @year").set_index("quantile")["tkr"]
    band = f"{number(drawn[0.1] / 1000, 1)} – {number(drawn[0.9] / 1000, 1)}"
    assert own > was
    return [number(was, 1), number(own, 1), "+" + number(own - was, 1), band]


def upload(browser, path):
    field = browser.find("input[type=file]")[0]
    browser.until(lambda: not field.get_property("value"))  # the last one was taken
    field.send_keys(str(path))


def saved(browser, name):
    path = browser.folder / name
    browser.find(f"a[download='{name}']")[0].send_keys(browser.ENTER)
    browser.until(path.exists)
    return path.read_text(encoding="utf-8-sig")


def test_in_the_browser_a_scenario_is_built_saved_and_loaded_with_the_same_numbers(browser, tmp_path, capsys):
    built = (Change("gap_points", 0.5), Change("exit_rate_pct", -50.0, row="Ressourceforløb"))
    for _ in range(5):  # of 0.1 pct. point
        browser.slider(GAP).send_keys(browser.RIGHT)
    browser.find("option[value='Ressourceforløb']")[0].click()
    for _ in range(10):
        browser.slider(EXIT).send_keys(browser.PAGE_DOWN)  # five steps of 1 pct.
    wanted = library(Scenario("", "", changes=built))
    browser.until(lambda: cells(browser) == wanted)
    assert f"{GAP} (pct.point): +0,5" in browser.texts(".caption")
    name = "Budget 2017 som trykt (ændret)"
    assert browser.texts("h2") == [name]

    text = saved(browser, "scenarie.toml")
    assert read(text) == Scenario(name, shipped()["budget_2017"].why, changes=built)
    rows = list(csv.DictReader(saved(browser, "scenarie.csv").splitlines(), delimiter=";"))
    value = next(r["value"] for r in rows if (r["item"], r["measure"]) == ("2020", "scenario"))
    assert number(float(value.replace(",", ".")), 1) == wanted[1]

    browser.find("button")[0].send_keys(browser.ENTER)
    browser.until(lambda: cells(browser)[2] == "0,0")
    (tmp_path / "colleague.toml").write_text(text, encoding="utf-8")
    upload(browser, tmp_path / "colleague.toml")
    browser.until(lambda: cells(browser) == wanted)

    (tmp_path / "broken.toml").write_text(BROKEN["out of range"])
    upload(browser, tmp_path / "broken.toml")
    told = browser.until(lambda: browser.texts("[role=alert]"))
    assert "gap_points is 7; it must lie between -1 and 1" in told[0]
    assert (cells(browser), browser.texts("h2")) == (wanted, [name])
    with capsys.disabled():
        print(f"\nthe explorer's page loaded in {browser.load_s:.2f} s")


def test_in_the_browser_hostile_text_stays_text(browser, tmp_path):
    (tmp_path / "hostile.toml").write_text(write(Scenario(HOSTILE, HOSTILE)), encoding="utf-8")
    upload(browser, tmp_path / "hostile.toml")
    browser.until(lambda: browser.texts("h2") == [HOSTILE])
    assert not browser.find("img")
    assert browser.driver.title == "Hvad nu hvis?"


def test_in_the_browser_the_language_switches(browser):
    select = browser.find("select")[0]
    select.send_keys("English")
    browser.until(lambda: browser.texts("h1") == ["What if?"])
    browser.until(lambda: browser.texts("#cost th")[0] == "Year")
    assert browser.texts(".caption")[0] == "Change in the country's unemployment (pct. points): 0,0"
    select.send_keys("Dansk")
    browser.until(lambda: (browser.texts("h1"), browser.texts("#cost th")[0]) == (["Hvad nu hvis?"], "År"))


def test_in_the_browser_every_control_is_reached_by_tab_and_has_a_visible_label(browser):
    controls = browser.find(".noUi-handle, select, input, button, a")
    reached = []
    for _ in itertools.repeat(None, len(controls) + 3):
        browser.driver.switch_to.active_element.send_keys(browser.TAB)
        reached.append(browser.driver.execute_script(
            "let e = document.activeElement; while (e.shadowRoot?.activeElement) e = e.shadowRoot.activeElement; return e"))  # fmt: skip
    assert {c.id for c in controls} <= {r.id for r in reached}
    labels = [text for text in browser.texts("label, .caption, button, a") if text.strip()]
    assert len(labels) == len(controls) - 1  # the file's label is a text above it
    assert any("Indlæs et scenarie" in text for text in browser.texts("div, :host > *"))


def test_in_the_browser_nothing_failed_and_nothing_came_from_elsewhere(browser, address):
    assert [line["message"] for line in browser.driver.get_log("browser") if line["level"] == "SEVERE"] == []
    asked = browser.driver.execute_script("return performance.getEntriesByType('resource').map(e => e.name)")
    assert len(asked) > 5
    assert all(name.startswith((address, "data:", "blob:")) for name in asked), asked
