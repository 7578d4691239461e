// The page moves what it shows into its address and asks the server for the page of that address; nothing is computed here.
"use strict";
const $ = id => document.getElementById(id);
let at = 0, last = 0;        // where we are among the states of this visit, for undo and redo
let asked = 0;               // requests: only the newest is answered on the page
let pending = Promise.resolve();   // the last choice; what is about the result waits until that is of it
let waiting = false, again = false;   // a slider that moves: a request is on its way, and there is something newer

function query() {           // the form as an address; what is as in the baseline is left out
  const told = new URLSearchParams(), form = $("form");
  for (const [key, value] of new FormData(form)) {
    const box = form.elements[key], owner = form.elements[key.replace(/\.from$/, "")];
    if (value === "" || (key.endsWith(".from") && (!owner || unchanged(owner)))) continue;
    if (box.dataset && box.dataset.base !== undefined && unchanged(box)) continue;
    told.set(key, value);
  }
  told.set("hash", of(document).get("hash"));   // of a baseline that has moved since, the server tells
  return told.toString();
}

function unchanged(box) {    // a change of a line alone stays, whatever its value
  if (box.value === "") return true;
  return box.dataset.base !== undefined && !box.name.includes("@") && figure(box) === Number(box.dataset.base);
}

function figure(box) { return Number(box.value.trim().replace("\u2212", "-").replace(",", ".")); }  // as the server reads it

// The page of an address; null when it is refused or the server is gone; undefined when something newer has been asked.
async function fetched(address, alarm) {
  const mine = ++asked;
  again = false;
  let answer, text;
  try { answer = await fetch(address); text = await answer.text(); } catch { }
  if (mine !== asked) return undefined;
  if (text === undefined) { alarm(document.body.dataset.gone); return null; }
  const page = new DOMParser().parseFromString(text, "text/html");
  if (!answer.ok) {
    const told = page.querySelector("#alert p");
    told ? alarm(told.dataset.kept, told.lang) : alarm(document.body.dataset.kept + ": " + answer.status);
    return null;
  }
  alarm("");
  return page;
}

function alarm(text, lang) {   // the server tells what it refuses in the language of the page, or in English
  const place = $("alert");
  place.replaceChildren();
  if (text) { const p = document.createElement("p"); p.textContent = text; p.lang = lang || ""; place.append(p); }
}

function of(doc) { return new URLSearchParams(doc.getElementById("panels").dataset.query); }   // what the result is of

function standing(doc) { return ["lang", "area", "base", "hash"].map(key => of(doc).get(key)).join(); }   // and the whole page

function results(page) {     // what a moved slider changes: the panels and the notes, never the control in hand
  if (standing(page) !== standing(document)) return whole(page);   // a choice that was refused alone may stand with it
  $("told").textContent = page.getElementById("told").textContent;
  const open = [...document.querySelectorAll("details[open]")].map(d => d.id);
  const focus = document.activeElement && document.activeElement.id;
  $("panels").replaceWith(document.adoptNode(page.getElementById("panels")));
  open.forEach(id => { if ($(id)) $(id).open = true; });   // a panel may have come or gone
  for (const box of page.querySelectorAll(".control[id]")) {
    const mine = $(box.id);
    if (!mine) continue;
    mine.className = box.className;
    mine.querySelector(".note").replaceWith(document.adoptNode(box.querySelector(".note")));
    mine.querySelector(".reset").hidden = box.querySelector(".reset").hidden;
    mine.querySelector("[type=range]").setAttribute("aria-valuetext", box.querySelector("[type=range]").getAttribute("aria-valuetext"));
  }
  $("clear").href = page.getElementById("clear").getAttribute("href");
  if (focus && $(focus) && document.activeElement === document.body) $(focus).focus();
}

function whole(page) {       // what a new area, baseline, language or state changes: all of it
  const focus = document.activeElement && document.activeElement.id;
  const open = [...document.querySelectorAll("details[open]")].map(d => d.id);
  document.documentElement.lang = page.documentElement.lang;
  document.title = page.title;
  const kept = $("told").textContent, told = page.getElementById("told").textContent;
  for (const part of ["form", "panels"]) $(part).replaceWith(document.adoptNode(page.getElementById(part)));
  for (const part of ["header", ".skip", "footer", "#result-title"]) document.querySelector(part).replaceWith(document.adoptNode(page.querySelector(part)));
  Object.assign(document.body.dataset, page.body.dataset);
  if (told !== kept) $("told").textContent = told;
  open.forEach(id => { if ($(id)) $(id).open = true; });   // a panel may have come or gone
  if (focus && $(focus)) $(focus).focus();
  steps();
}

function steps() { $("undo").disabled = at === 0; $("redo").disabled = at === last; }

function remember(told) {
  at += 1; last = at;
  history.pushState({at}, "", told ? "/?" + told : "/");
  steps();
}

function show(told, all) { return pending = chosen(told, all); }

async function chosen(told, all) {
  const page = await fetched("/?" + told, alarm);
  if (page === null) return settle();
  if (!page) return;
  remember(page.getElementById("panels").dataset.query);
  all ? whole(page) : results(page);
}

async function settle() {    // what half of a refused value showed goes: the address stands, and so does what is told
  const page = await fetched("/" + location.search, () => {});
  if (page) results(page);
}

async function moving() {    // while a slider moves: one request at a time, the newest state last
  if (waiting) { again = true; return; }
  waiting = true;
  do {
    const page = await fetched("/?" + query(), alarm);
    if (page && !again) results(page);
  } while (again);
  waiting = false;
}

document.addEventListener("input", event => {
  const box = event.target;
  if (box.type === "range") $(box.dataset.of).value = String(Number(Number(box.value).toPrecision(12))).replace(".", ",");
  else if (box.dataset.range && box.value !== "") {
    const range = $(box.dataset.range), value = figure(box);
    if (Number.isNaN(value)) return;  // half written; the server tells of it when it is whole
    range.min = Math.min(range.min, value); range.max = Math.max(range.max, value); range.value = value;
  } else return;
  moving();
});

document.addEventListener("change", async event => {
  const box = event.target;
  if (box.id === "file") return opened(box);
  if (box.id === "choice") return;
  if (box.id === "example") {
    const base = box.selectedOptions[0].dataset.base, told = new URLSearchParams(query());
    for (const key of [...told.keys()]) if (!["lang", "area", "unit", "payer", "base", "pin", "pinned"].includes(key)) told.delete(key);
    if (base === "budget_2017") { told.set("base", base); told.delete("area"); }
    return show(told.toString() + "&" + box.value, true);
  }
  const told = new URLSearchParams(query());
  if (box.id === "area" || box.id === "base") {
    told.delete("year"); told.delete("hash");
    for (const key of [...told.keys()]) if (key.endsWith(".from")) told.delete(key);
    if (box.id === "area" && told.get("base") === "budget_2017" && box.value !== "151") told.delete("base");
    if (box.id === "base" && box.value === "budget_2017") told.delete("area");
  }
  show(told.toString(), !(box.type === "range" || box.dataset.range || box.name.endsWith(".from")));
});

document.addEventListener("click", event => {
  const button = event.target.closest("button, a.button");
  if (!button) return;
  if (button.id === "undo") pending.then(() => history.back());
  else if (button.id === "redo") pending.then(() => history.forward());
  else if (button.dataset.reset) reset(button.dataset.reset);
  else if (button.id === "add") {
    const told = new URLSearchParams(query());
    if (!told.has($("choice").value)) told.set($("choice").value, "0");
    show(told.toString(), true);
  } else if (button.id === "link") pending.then(copied);
  else if (button.id === "print") print();
  else if (["pin-this", "unpin", "clear"].includes(button.id)) { event.preventDefault(); pending.then(() => follow(button.id)); }
  else if (button.dataset.save) save(button.dataset.of, button.dataset.save);
});

async function copied() {
  await navigator.clipboard.writeText(location.origin + "/?" + $("panels").dataset.query);
  $("told").textContent = document.body.dataset.linked;
}

function follow(id) {        // where a link of the result leads, once that is of the last choice
  const link = $(id);
  if (link) show(link.getAttribute("href").slice(2), true);
}

function reset(id) {
  const box = $(id), line = box.name.includes("@"), told = new URLSearchParams(query());
  told.delete(box.name); told.delete(box.name + ".from");
  show(told.toString(), true).then(() => { const next = $(line ? "add" : id); if (next) next.focus(); });
}

document.addEventListener("submit", event => { event.preventDefault(); show(query(), true); });

async function opened(box) {
  const file = box.files[0];
  box.value = "";
  if (!file) return;
  let answer;
  try {
    answer = await fetch("/?" + query(), {method: "POST", headers: {"X-Ballerup": "file", "X-Name": encodeURIComponent(file.name)}, body: file.slice(0, 70000)});
  } catch { return alarm(document.body.dataset.gone); }
  const text = await answer.text();
  if (answer.ok) show(text, true); else alarm(text, answer.headers.get("Content-Language"));
}

function save(id, kind) {    // a figure as a file, with its title and its styles in it
  const drawn = $(id).querySelector("svg"), copy = drawn.cloneNode(true), [, , width, height] = drawn.getAttribute("viewBox").split(" ").map(Number);
  const title = $(id + "-title").textContent, style = ["fill", "stroke", "stroke-width", "stroke-dasharray", "stroke-linejoin", "paint-order", "font-size", "font-weight", "text-anchor"];
  drawn.querySelectorAll("*").forEach((one, i) => {
    const mine = copy.querySelectorAll("*")[i], now = getComputedStyle(one);
    style.forEach(name => mine.setAttribute(name, now.getPropertyValue(name)));
    mine.setAttribute("font-family", "sans-serif");
  });
  const lines = title.match(/.{1,58}(\s|$)/g) || [title];
  copy.setAttribute("viewBox", `0 ${-18 * lines.length - 6} ${width} ${height + 18 * lines.length + 6}`);
  lines.forEach((line, i) => {
    const told = document.createElementNS("http://www.w3.org/2000/svg", "text");
    told.textContent = line.trim(); told.setAttribute("x", 4); told.setAttribute("y", -18 * (lines.length - i) + 8);
    told.setAttribute("font-size", "14px"); told.setAttribute("font-weight", "700"); told.setAttribute("font-family", "sans-serif");
    copy.append(told);
  });
  copy.setAttribute("width", width * 2); copy.setAttribute("height", (height + 18 * lines.length + 6) * 2);
  const text = new XMLSerializer().serializeToString(copy);
  if (kind === "svg") return given(new Blob([text], {type: "image/svg+xml"}), id + ".svg");
  const image = new Image();
  image.onload = () => {
    const canvas = document.createElement("canvas");
    canvas.width = image.width; canvas.height = image.height;
    const pen = canvas.getContext("2d");
    pen.fillStyle = "#fff"; pen.fillRect(0, 0, canvas.width, canvas.height); pen.drawImage(image, 0, 0);
    canvas.toBlob(made => given(made, id + ".png"));
  };
  image.src = "data:image/svg+xml;charset=utf-8," + encodeURIComponent(text);
}

function given(made, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(made); link.download = name; link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

addEventListener("popstate", async event => {
  at = event.state && event.state.at || 0;
  const page = await fetched("/" + location.search, alarm);
  if (page) whole(page); else steps();
});

history.replaceState({at}, "", location.href);
steps();
