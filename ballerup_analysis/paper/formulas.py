"""The formulas of the workbook, from inputs and figures to the result: those of :mod:`ballerup_analysis.costing`.

A formula is a template: ``{name}`` is the cell of that name for the same line, else the one for all lines, ``{name:line}``
that of another line, both in the same year; ``{before}`` is the year before.
"""

from __future__ import annotations

import functools
import itertools
import re

import openpyxl
from openpyxl.workbook.defined_name import DefinedName

from ballerup_analysis import frame
from ballerup_analysis.costing import CYCLICAL, INTEGRATION, PARAMETERS, SICKNESS, STAND_INS, YEARS, Base
from ballerup_analysis.paper.sheets import COLUMNS, EXIT, WHOLE, Formula, Page
from ballerup_analysis.refusion import STEPS
from ballerup_analysis.sources import HOME

TRIALS = "CDEFGHIJKL"  # columns of the trials of the exit rate
TENTH, FINE, FINEST, SIGNED = "#,##0.0", "0.0000", "0.0000000000", "+#,##0;-#,##0;0"


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


def block(page: Page, at: dict, name: str, title: str, unit: str, rows, template, form: str = WHOLE) -> None:
    """Write a formula by line and year, and note the cells under a name; ``rows`` may hold a label for each."""
    here = f"{page.sheet.title}!"
    page.head(title, unit, *YEARS)
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


def write_exit_rate(book: openpyxl.Workbook, page: Page, at: dict) -> None:
    """Write the exit rate at which the lines of 2017 hold the printed persons, by the secant method."""
    h = page.head("Prøve", "", *range(1, len(TRIALS) + 1), freeze=True) + 1
    first, off = h + 1, h + len(frame.LINES) + 2

    def add(label, unit, template, row="", form=WHOLE):
        return page.add(label, unit, *(resolve(template, at, row, c) for c in TRIALS), form=form)

    secant = [
        Formula(f"IF({b}{off}={a}{off},{b}{h},{b}{h}-{b}{off}*({b}{h}-{a}{h})/({b}{off}-{a}{off}))")
        for a, b in itertools.pairwise(TRIALS[:-1])
    ]
    page.add("Afgang pr. uge; de to første er gæt", "andel", 0.01, 0.02, *secant, form=FINEST)
    share = _paid_by_municipality(f"(1-§${h})^{{spell#}}", "{today#}")
    for line in frame.LINES:
        n = add(line.row, "nettopris, kr.", f"{{gross2}}*({share})" if line.ladder else "{unit_price0}*1000", line.row)
        at["net_kr", line.row] = f"{EXIT}!${TRIALS[-1]}${n}"
    persons = (f"{{frame0:{row}}}*1000/§{n}" for n, row in enumerate(frame.FORSOERGELSE, first))
    add("Personer i alt", "helårspersoner", "+".join(persons), form=TENTH)
    add("Forskel fra de trykte", "helårspersoner", f"§{off - 1}-{{counted0}}", form=FINEST)
    page.head("Uger i et år")
    weeks = [page.add("", "", week) for week in range(1, 53)]
    for name, cells in (("uger", f"$C${weeks[0]}:$C${weeks[-1]}"), ("afgang", f"${TRIALS[-1]}${h}")):
        book.defined_names[name] = DefinedName(name, attr_text=f"{EXIT}!{cells}")


def write_calculation(page: Page, b: Base, rules: str, area: str, at: dict) -> None:
    """Write what :func:`ballerup_analysis.costing.cost` computes."""
    at["year", ""] = f"§${page.head('År', 'Enhed', *YEARS, freeze=True)}"
    ladder = [row for row, one in zip(b.rows, b.ladders, strict=True) if one]
    paid = [row for row in b.rows if row in frame.FORSOERGELSE]
    names = {name: p.danish for name, p in PARAMETERS.items() if (f"{name}.value", "") in at}
    own_or_all = 'IF({exit_rate_pct.value}="",{exit_rate_pct.PART:},{exit_rate_pct.PART})'
    faster, since = (own_or_all.replace("PART", part) for part in ("value", "start"))
    among = "+".join(f"{{persons:{row}}}" for row in ladder if row != INTEGRATION)
    insured, ready = f"{{first_persons:{CYCLICAL[0]}}}", f"{{net_unemployed4:Området {YEARS[0] - 1}}}"

    def budget(row):
        if area == HOME:
            return "{frame}"
        account = "{account0}*{people0}/1000" if row in STAND_INS else "0"
        return f"{account}*{{share}}" if row in ladder and row != CYCLICAL[0] else account

    def dearer(row):
        everyone, index = ("{p:price_pct}", "*{above}") if row in paid else ("0", "")
        own = "IF({year}>={price_pct.start},{price_pct.value},0)"
        return f'(1+IF({{price_pct.value}}="",{everyone},{own})/100){index}'

    def more_persons(row):
        if row == INTEGRATION:
            return "{p:refugees_persons}"
        told = f"-{{p:activation_effect}}*{{h:more}}*{{persons}}/({among})"
        if row in CYCLICAL:
            told += f"+{{h:unemployed}}*{insured if row == CYCLICAL[0] else ready}/({insured}+{ready})"
        return told + "-{h:reached}*{promised0}" * (row == SICKNESS)

    def municipality(row):
        if row in ladder:
            moved = "" if row == INTEGRATION else "*{own}/{share}"  # of Integration the frame counts no persons
            return f"{{net0}}{moved}*{{price}}+{{extra}}*{{each}}/1000"
        bought = "+{h:more}*{net0}/({activated0}/100*SUM({persons:*}))" if row == frame.ACTIVATION else ""
        return "({net0}" + bought + ")*{price}"

    helpers = {
        "unemployed": "({p:country_points}+{p:gap_points})/100*{employed0}/(1-{unemployed_pct0}/100)",
        "more": "{p:activation_points}/100*SUM({persons:*})",
        "reached": "{p:sickness_take_up}*MAX(0,MIN(1,({year}-{p:sickness_delay_years}-2018)/3))",
    }
    said = {"unemployed": "Flere ledige", "more": "Flere aktiverede", "reached": "Nået af sygedagpengecasen"}
    if area != HOME:
        del said["reached"]
    add = functools.partial(block, page, at)
    # fmt: off
    add("p", "Forudsætningerne år for år", "", names,
        lambda name: f"IF({{year}}>={{{name}.start:}},{{{name}.value:}},{{{name}.base:}})", "0.0##")
    add("new", "Gælder de andre refusionsregler?", "1: ja", {"": f"regler pr. {rules}"},
        f'IF(AND({{refund_rules_of.value:}}="regler pr. {rules}",{{year}}>={{refund_rules_of.start:}}),1,0)', "0")
    add("weeks", "Uger siden afgangen ændrede sig, 1. januar", "uger", ladder, f"52*({{year}}-{since})")
    add("left", "Afgang pr. uge", "andel", ladder, f"IF({{weeks}}<0,afgang,MIN(afgang*(1+{faster}/100),1))", "0.000000")
    for k, step in enumerate(STEPS):  # those who came since the change and those from before, as costing._stock
        t, s, q = "(MAX({weeks},0)+uger)", f"{{spell{k}}}", "(1-{left})"
        came = f"({q}^(({s}<={t})*{s}+({s}>{t})*{t})-{q}^{t})*afgang/{{left}}"
        add(f"reached{k}", f"Bestand nået til uge {step.rstrip('+').split('-')[0]}", "af 1", ladder,
            f"SUMPRODUCT({came}+{q}^{t}*(1-afgang)^(({s}>{t})*({s}-{t})))/52", FINE)
    add("own", "Heraf betaler kommunen", "af 1", ladder,
        _paid_by_municipality("{reached#}", "IF({new:}=1,{other#},{today#})"), FINE)
    add("share", "Kommunens andel i budget 2017", "af 1", ladder,
        _paid_by_municipality("(1-afgang)^{spell#}", "{today#}"), FINE)
    add("net0", "Kommunens udgift i budget 2017", "1.000 kr.", b.rows, budget, TENTH)
    add("persons", "Personer i budget 2017 (udledt)", "helårspersoner", b.rows,
        lambda row: "{net0}*1000/{net_kr}" if row in paid else "0", TENTH)
    at["first_persons", CYCLICAL[0]] = at["persons", CYCLICAL[0]].replace("§", f"${COLUMNS[0]}$")
    add("h", "Mellemregninger", "", said, helpers.get, TENTH)
    add("above", "Regulering ud over satsen", "faktor", {"": "Alle ydelser"},
        "IF({year}=2017,1,{before})*(1+{p:uprating_points}/100)", FINE)
    add("price", "Prisfaktor", "faktor", b.rows, dearer, FINE)
    add("extra", "Flere personer", "helårspersoner", ladder, more_persons, TENTH)
    add("scenario_persons", "Personer i scenariet", "helårspersoner", ladder, "{persons}*{reached0}+{extra}", TENTH)
    add("each", "Nettopris pr. helårsperson i scenariet", "kr.", ladder, "{gross2}*{own}/{reached0}*{price}")
    add("net", "Kommunens udgift i scenariet", "1.000 kr.", b.rows, municipality, TENTH)
    add("state0", "Statens udgift i budget 2017", "1.000 kr.", ladder, "{persons}*(1-{share})*{gross2}/1000", TENTH)
    add("state", "Statens udgift i scenariet", "1.000 kr.", ladder,
        "({persons}*({reached0}-{own})+{extra}*(1-{own}/{reached0}))*{gross2}/1000*{price}", TENTH)
    add("level", "Prisniveau, 2017 = 1", "faktor", {"benefits": "Ydelser", "other": "Andet"},
        lambda kind: "{month}/{month0}" if kind == "benefits" else "IF({year}=2017,1,{before}*(1+{rise}/100))", FINE)
    add("current", "Kommunens udgift i scenariet, løbende priser", "1.000 kr.", b.rows,
        lambda row: f"{{net}}*{{level:{'benefits' if row in paid else 'other'}}}", TENTH)
    # fmt: on


def write_results(page: Page, b: Base, area: str, at: dict) -> None:
    """Write the totals against the baseline, and the gap of 2014 with its value."""
    for name, payer in (("net", "Kommunen"), ("state", "Staten")):
        both = {name: f"{payer} i scenariet", name + "0": f"{payer} i budget 2017"}
        block(page, at, "sum", f"{payer}, 2017-priser", "1.000 kr.", both, lambda one: f"SUM({{{one}:*}})")
        told = f"{{sum:{name}}}-{{sum:{name}0}}"
        block(page, at, "more", "Forskel", "1.000 kr.", [f"{payer}, scenariet minus budget 2017"], told, SIGNED)
    title = "Kommunen, løbende priser (alle ydelser følger dagpengesatsen)"
    block(page, at, "sum", title, "1.000 kr.", ["Kommunen i scenariet"], "SUM({current:*})")
    title = "Kommunen linje for linje, scenariet minus budget 2017"
    block(page, at, "more", title, "1.000 kr.", b.rows, "{net}-{net0}", SIGNED)
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
    if area == HOME:
        rows.append(("Offentliggjort besparelse, uden formel", "mio. kr.", "{gain0}", "0.0"))
        rows.append(("Pris pr. person, der giver den", "kr.", f"C{last + 8}*1000000/C{last + 5}", WHOLE))
    for label, unit, told, form in rows:
        page.add(label, unit, resolve(told, at), form=form)
    if area != HOME:
        page.add("En besparelse er kun offentliggjort for Ballerup, så den pris, der giver den, findes ikke her.")
        page.add("Budget 2017 er her funktioner i områdets regnskab for 2017; en ramme er ikke trykt for området.")
