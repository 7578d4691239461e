"""The formulas of the workbook, from inputs and figures to the result: those of :mod:`ballerup_analysis.costing`.

A formula is a template: ``{name}`` is the cell of that name for the same line, else the one for all lines, ``{name:line}``
that of another line, both in the same year; ``{before}`` is the year before.
"""

from __future__ import annotations

import functools
import re

import numpy as np
import openpyxl
from openpyxl.workbook.defined_name import DefinedName

from ballerup_analysis.costing import PARAMETERS, WEEKS
from ballerup_analysis.frame import Frame
from ballerup_analysis.paper.sheets import COLUMNS, EXIT, WHOLE, Formula, Page, figure
from ballerup_analysis.refusion import STEPS
from ballerup_analysis.sources import HOME

TENTH, FINE, SIGNED = "#,##0.0", "0.0000", "+#,##0;-#,##0;0"


def resolve(template: str, at: dict, row: str = "", column: str = "") -> Formula:
    """Return a template as a formula.

    Examples
    --------
    >>> resolve("{net}*{rate}+{before}", {("net", "Fleksjob"): "§7", ("rate", ""): "Satser!$C$9"}, "Fleksjob", "D")
    'D7*Satser!$C$9+C{n}'
    """

    def cell(found):
        name, key = found[1], row if found[2] is None else found[2][1:]
        if name == "before":
            return f"{chr(ord(column) - 1)}{{n}}"
        return at[name, key] if (name, key) in at else at[name, ""]

    return Formula(re.sub(r"\{([a-z][\w.]*)(:[^}]*)?\}", cell, template).replace("§", column))


def block(page: Page, at: dict, years, name: str, title: str, unit: str, rows, template, form: str = WHOLE) -> None:
    """Write a formula by line and year, and note the cells under a name; ``rows`` may hold a label for each."""
    here = f"{page.sheet.title}!"
    page.head(title, unit, *years)
    for row, label in (rows if isinstance(rows, dict) else {row: row for row in rows}).items():
        told = template if isinstance(template, str) else template(row)
        n = page.add(label, "", *(Formula(resolve(told, at, row, c).replace(here, "")) for c in COLUMNS), form=form)
        at[name, row] = f"{here}§{n}"
    at[name, "*"] = f"{here}§{n - len(rows) + 1}:§{n}"


def _paid_by_municipality(reached, share) -> str:
    # those who have reached a step but not the next × the municipality's share on it, over the steps
    reached = [reached.replace("#", str(k)) for k in range(len(STEPS))]
    steps = zip(reached, [*reached[1:], "0"], range(len(STEPS)), strict=True)
    return "+".join(f"({a}-{b})*{share.replace('#', str(k))}/100" for a, b, k in steps)


def write_exit_rate(book: openpyxl.Workbook, page: Page, told: Page, frame: Frame, at: dict) -> None:
    """Write how many leave the count of weeks each week, line by line, and the weeks of a year."""
    page.head("Linje", "Enhed", "Afgang pr. uge", "", "", "", "", "Status", "Kilde", freeze=True)
    for i in np.flatnonzero(frame.exit_rate):
        figure(
            page, told, at, "exit", frame.rows[i], [frame.exit_rate[i]], "andel", "parameters", frame.lines[i].benefit
        )
    page.head("Uger i et år")
    weeks = [page.add("", "", week) for week in range(1, WEEKS + 1)]
    book.defined_names["uger"] = DefinedName("uger", attr_text=f"{EXIT}!$C${weeks[0]}:$C${weeks[-1]}")


def write_calculation(page: Page, frame: Frame, rules: str, at: dict) -> None:
    """Write what :func:`ballerup_analysis.costing.cost` computes."""
    at["year", ""] = f"§${page.head('År', 'Enhed', *frame.years, freeze=True)}"
    ladder = [row for row, one in zip(frame.rows, frame.on_ladder, strict=True) if one]
    paid = [line.row for line in frame.lines if line.kind == "benefit"]
    cyclical = [frame.rows[i] for i in np.flatnonzero(frame.cyclical)]
    there = [row for row, persons in zip(frame.rows, frame.persons, strict=True) if persons.any()]
    kind = {line.row: line.kind for line in frame.lines}
    benefit = {line.row: line.benefit for line in frame.lines}
    names = {name: p.words[0] for name, p in PARAMETERS.items() if (f"{name}.value", "") in at}
    own_or_all = 'IF({exit_rate_pct.value}="",{exit_rate_pct.PART:},{exit_rate_pct.PART})'
    faster, since = (own_or_all.replace("PART", part) for part in ("value", "start"))
    among = "+".join(f"{{persons0:{row}}}" for row in ladder if row in there)

    def entrants(start):  # as costing.entrants
        reached = f"(1-{{exit0}})^{{spell#}}*MAX(0,MIN({WEEKS},{WEEKS}*({{year}}-{{{start}:}}+1)-{{spell#}}))/{WEEKS}"
        return _paid_by_municipality(reached, "IF({new:}=1,{other#},{today#})")

    def stock(k):  # those who came since the change and those from before, as costing.stock
        t, s, q = "(MAX({weeks},0)+uger)", f"{{spell{k}}}", "(1-{left})"
        before = f"{q}^{t}*(1-{{exit0}})^(({s}>{t})*({s}-{t}))"
        came = f"({q}^(({s}<={t})*{s}+({s}>{t})*{t})-{q}^{t})*{{exit0}}/{{left}}"
        none = f"({t}>{s})*({t}-{s})*{{exit0}}"
        return f"IF({{left}}=0,SUMPRODUCT({none}+{before}),SUMPRODUCT({came}+{before}))/{WEEKS}"

    def dearer(row):
        everyone, index = ("{p:price_pct}", "*{above}") if row in paid else ("0", "")
        own = "IF({year}>={price_pct.start},{price_pct.value},0)"
        return f'(1+IF({{price_pct.value}}="",{everyone},{own})/100){index}'

    def more_persons(row):
        told = 'IF({persons.value}="",0,IF({year}>={persons.start},{persons.value},0))'
        if row in there:
            told += f"-{{p:activation_effect}}*{{h:more}}*{{persons0}}/({among})"
        return told + "-{h:reached}*{promised0}" * (benefit[row] == "sygedagpenge" and bool(frame.promised))

    def municipality(row):
        if row in ladder:
            moved = "*{own}/{share}" if row in there else ""  # a line whose persons are not counted stays
            newly = "+{came_own}" if row in cyclical else ""
            return f"({{net0}}{moved}+({{extra}}*{{own}}/{{reached0}}{newly})*{{gross}}/1000)*{{price}}"
        bought = "*(1+{p:activation_points}/100/{activated0})" if kind[row] == "activation" else ""
        return "{net0}" + bought + "*{price}"

    def state(row):
        newly = "+{came}-{came_own}" if row in cyclical else ""
        stay = "{persons0}*({reached0}-{own})+" if row in there else ""
        return f"({stay}{{extra}}*(1-{{own}}/{{reached0}}){newly})*{{gross}}/1000*{{price}}"

    helpers = {"more": "{p:activation_points}/100*SUM({persons0:*})"}
    said = {"more": "Flere aktiverede"}
    if frame.promised:
        helpers["reached"] = "{p:sickness_take_up}*MAX(0,MIN(1,({year}-{p:sickness_delay_years}-2018)/3))"
        said["reached"] = "Nået af sygedagpengecasen"
    points = "{p:country_points}*{p:pass_through}PART1+{p:gap_points}PART2"
    newly = f"{{force0}}*{{cyclical0}}/100*({points})"
    add = functools.partial(block, page, at, frame.years)
    # fmt: off
    add("p", "Forudsætningerne år for år", "", names,
        lambda name: f"IF({{year}}>={{{name}.start:}},{{{name}.value:}},{{{name}.base:}})", "0.0##")
    add("new", "Gælder de andre refusionsregler?", "1: ja", {"": f"regler pr. {rules}"},
        f'IF(AND({{refund_rules_of.value:}}="regler pr. {rules}",{{year}}>={{refund_rules_of.start:}}),1,0)', "0")
    add("weeks", "Uger siden afgangen ændrede sig, 1. januar", "uger", ladder, f"{WEEKS}*({{year}}-{since})")
    add("left", "Afgang pr. uge", "andel", ladder, f"IF({{weeks}}<0,{{exit0}},MIN({{exit0}}*(1+{faster}/100),1))", "0.000000")
    for k, step in enumerate(STEPS):
        add(f"reached{k}", f"Bestand nået til uge {step.rstrip('+').split('-')[0]}", "af 1", ladder, stock(k), FINE)
    add("own", "Heraf betaler kommunen", "af 1", ladder,
        _paid_by_municipality("{reached#}", "IF({new:}=1,{other#},{today#})"), FINE)
    add("share", "Kommunens andel før ændringer", "af 1", ladder, _paid_by_municipality("(1-{exit0})^{spell#}", "{today#}"), FINE)
    for name, title in (("country", "landet"), ("gap", "kommunen alene")):
        add(f"newly_{name}", f"Kommunens andel af nye ledige, {title}", "af 1", cyclical, entrants(f"{name}_points.start"), FINE)
    add("came", "Flere ledige", "helårspersoner", cyclical, newly.replace("PART1", "").replace("PART2", ""), TENTH)
    add("came_own", "Heraf betaler kommunen", "helårspersoner", cyclical,
        newly.replace("PART1", "*{newly_country}").replace("PART2", "*{newly_gap}"), TENTH)
    add("h", "Mellemregninger", "", said, helpers.get, TENTH)
    add("above", "Regulering ud over satsen", "faktor", {"": "Alle ydelser"},
        "IF({year}=" + str(frame.years[0]) + ",1,{before})*(1+{p:uprating_points}/100)", FINE)
    add("price", "Prisfaktor", "faktor", frame.rows, dearer, FINE)
    add("extra", "Andre personer flere", "helårspersoner", ladder, more_persons, TENTH)
    add("each", "Nettopris pr. helårsperson i scenariet", "kr.", ladder, "{gross}*{own}/{reached0}*{price}")
    add("net", "Kommunens udgift i scenariet", "1.000 kr.", frame.rows, municipality, TENTH)
    add("state0", "Statens udgift før ændringer", "1.000 kr.", ladder,
        lambda row: "{persons0}*(1-{share})*{gross}/1000" if row in there else "0*{gross}", TENTH)
    add("state", "Statens udgift i scenariet", "1.000 kr.", ladder, state, TENTH)
    # fmt: on


def write_results(page: Page, frame: Frame, at: dict) -> None:
    """Write the totals against the baseline, and the gap of 2014 with its value."""
    add = functools.partial(block, page, at, frame.years)
    for name, payer in (("net", "Kommunen"), ("state", "Staten")):
        both = {name: f"{payer} i scenariet", name + "0": f"{payer} før ændringer"}
        add("sum", payer, "1.000 kr.", both, lambda one: f"SUM({{{one}:*}})")
        told = f"{{sum:{name}}}-{{sum:{name}0}}"
        add("more", "Forskel", "1.000 kr.", [f"{payer}, scenariet minus før"], told, SIGNED)
    title = "Kommunen linje for linje, scenariet minus før"
    add("more", title, "1.000 kr.", frame.rows, "{net}-{net0}", SIGNED)
    page.head("Nettoledige på kontanthjælp i 2014", "Enhed", "Tal")
    last = page.row + 1
    then, now, country_then, country_now = (
        f"{{net_unemployed4:{where} {year}}}" for where in ("Området", "Hele landet") for year in (2013, 2014)
    )
    price, persons = "{gross2:2014}", "fuldtidspersoner"
    rows = [
        ("Området 2013", persons, then, TENTH),
        ("Området 2014", persons, now, TENTH),
        ("Hele landet 2013", persons, country_then, TENTH),
        ("Hele landet 2014", persons, country_now, TENTH),
        ("Området 2014, hvis det havde fulgt landet", persons, f"{then}*{country_now}/{country_then}", TENTH),
        ("Færre end det", persons, f"C{last + 4}-{now}", TENTH),
        ("Kontanthjælp, fyldt 30 år, ikke forsørger, et år", "kr.", price, WHOLE),
        ("Værdi til den pris, før refusion", "mio. kr.", f"C{last + 5}*C{last + 6}/1000000", "0.00"),
    ]
    if frame.area == HOME:
        rows.append(("Offentliggjort besparelse, uden formel", "mio. kr.", "{gain0}", "0.0"))
        rows.append(("Pris pr. person, der giver den", "kr.", f"C{last + 8}*1000000/C{last + 5}", WHOLE))
    for label, unit, told, form in rows:
        page.add(label, unit, resolve(told, at), form=form)
    if frame.area != HOME:
        page.add("En besparelse er kun offentliggjort for Ballerup, så den pris, der giver den, findes ikke her.")
