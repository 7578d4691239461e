// The page asks the server for what is chosen and takes its address from the answer; nothing is computed here.
"use strict";
const $ = id => document.getElementById(id), of = page => page.getElementById("panels").dataset.query;   // what a result is of
let state = of(document);    // what is chosen, as the server has settled it
let at = history.state && history.state.at || 0, last = at;   // where we are among the states of this visit, for undo and redo
let asked = 0;               // requests: only the newest is answered on the page
let pending = Promise.resolve(), underway = 0;   // choices, one after another: each on top of those before it
let glance = null, glancing = false;   // what is moved or typed and not chosen yet, and that a look at it is under way
let editing = null, arrived = null;   // the box that is typed in; what waits for the browser to go back

function next(step) {        // does a step when those before it are done, failed or not; what is only looked at gives way
  glance = null;
  underway += 1;
  return pending = pending.catch(() => {}).then(step).finally(() => { underway -= 1; look(); });
}

function edits(box) {        // what a box says of a state, as it stands now
  const {name, value} = box, from = $("form").elements[name + ".from"];
  const year = from && from.value, stood = new URLSearchParams(state);
  return told => {
    if (name.endsWith(".from") && !told.has(name.slice(0, -5))) return told;
    value === "" ? told.delete(name) : told.set(name, value);
    if (value === "") told.delete(name + ".from");
    else if (year && ["area", "base"].every(key => told.get(key) === stood.get(key))) told.set(name + ".from", year);   // one of its years
    if (name === "area" || name === "base") {
      for (const key of [...told.keys()]) if (["year", "hash"].includes(key) || key.endsWith(".from")) told.delete(key);
      if (name === "area" && told.get("base") === "budget_2017" && value !== "151") told.delete("base");
      if (name === "base" && value === "budget_2017") told.delete("area");
    }
    return told;
  };
}

function figure(box) { return Number(box.value.trim().replace("\u2212", "-").replace(",", ".")); }  // as the server reads it

// The page of an address; null when it is refused or the server is gone, undefined when something newer has been asked.
async function fetched(address, alarm) {
  const mine = ++asked;
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

function standing(doc) {     // what the whole page is of
  const told = new URLSearchParams(of(doc));
  return ["lang", "area", "base", "hash"].map(key => told.get(key)).join();
}

function results(page) {     // what a moved slider changes: the panels and the notes, never the control in hand
  if (standing(page) !== standing(document)) return whole(page);   // as of an own budget that is another meanwhile
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
  const focus = document.activeElement && document.activeElement.id, typed = editing ? $(editing)?.value : null;
  const open = [...document.querySelectorAll("details[open]")].map(d => d.id);
  document.documentElement.lang = page.documentElement.lang;
  document.title = page.title;
  const kept = $("told").textContent, told = page.getElementById("told").textContent;
  for (const part of ["form", "panels"]) $(part).replaceWith(document.adoptNode(page.getElementById(part)));
  for (const part of ["header", ".skip", "footer", "#result-title"]) document.querySelector(part).replaceWith(document.adoptNode(page.querySelector(part)));
  Object.assign(document.body.dataset, page.body.dataset);
  if (told !== kept) $("told").textContent = told;
  open.forEach(id => { if ($(id)) $(id).open = true; });   // a panel may have come or gone
  if (typed !== null && $(editing) && $(editing).value !== typed) { $(editing).value = typed; $(editing).dataset.typed = ""; }
  if (focus && $(focus)) $(focus).focus();
  steps();
}

function steps() { $("undo").disabled = at === 0; $("redo").disabled = at === last; }

function show(change, all) { return next(() => chosen(change, all)); }

async function chosen(change, all) {
  const page = await fetched("/?" + change(new URLSearchParams(state)), alarm);
  if (page === undefined) return;
  if (!page) {               // what was refused goes, and what is told of it stays
    const before = await fetched("/?" + state, () => {});
    return before && whole(before);
  }
  state = of(page);
  last = at += 1;
  history.pushState({at}, "", "/?" + state);
  all || stale(page) ? whole(page) : results(page);
  steps();
}

function stale(page) {       // a box may be of before a choice that came between
  const boxes = [...page.querySelectorAll("[data-range]")].map(now => [now, $(now.id)]);
  return boxes.some(([now, mine]) => mine && mine.id !== editing && figure(mine) !== figure(now));
}

async function look() {      // while a slider moves: one request at a time, the newest last, and none beside a choice
  if (glancing) return;
  glancing = true;
  while (glance && !underway) {
    const change = glance;
    glance = null;
    const page = await fetched("/?" + change(new URLSearchParams(state)), alarm);
    if (page && !glance) results(page);
  }
  glancing = false;
}

async function go(by) {      // to another state of this visit
  if (at + by < 0 || at + by > last) return;
  await new Promise(done => { arrived = done; history.go(by); });
  await returned();
}

async function returned() {
  at = history.state && history.state.at || 0;
  const page = await fetched("/" + location.search, alarm);
  if (page) { state = of(page); whole(page); }
  if (page === null) history.replaceState({at}, "", "/?" + state);   // the address is that of what is shown
  steps();
}

addEventListener("popstate", () => {
  if (arrived) arrived();
  else { asked += 1; next(returned); }   // who goes back wants no more of what was under way
  arrived = null;
});

document.addEventListener("input", event => {
  const box = event.target, range = box.dataset.range && $(box.dataset.range);
  if (box.type === "range") {
    $(box.dataset.of).value = String(Number(Number(box.value).toPrecision(12))).replace(".", ",");
    glance = edits($(box.dataset.of));
  } else {
    if (box.matches("input, textarea")) editing = box.id;
    if (!range || box.value === "" || !Number.isFinite(figure(box))) return;  // half written; the server tells of it when it is whole
    range.min = Math.min(range.min, figure(box)); range.max = Math.max(range.max, figure(box)); range.value = figure(box);
    glance = edits(box);
  }
  look();
});

document.addEventListener("change", event => {
  const box = event.target.type === "range" ? $(event.target.dataset.of) : event.target;
  editing = null;
  delete box.dataset.typed;
  if (box.id === "file") opened(box);
  else if (box.id === "example") example(box.value, box.selectedOptions[0].dataset.base);
  else if (box.id !== "choice") show(edits(box), !(box.dataset.range && box.value !== "" || box.name.endsWith(".from")));
});

document.addEventListener("focusout", event => {   // of a text that was put back while it was typed the browser tells no change
  if ("typed" in event.target.dataset) event.target.dispatchEvent(new Event("change", {bubbles: true}));
});

function example(query, base) {
  show(told => {
    for (const key of [...told.keys()]) if (!["lang", "area", "unit", "payer", "base", "pin", "pinned"].includes(key)) told.delete(key);
    if (base === "budget_2017") { told.set("base", base); told.delete("area"); }
    return told + "&" + query;
  }, true);
}

document.addEventListener("click", event => {
  const button = event.target.closest("button, a.button");
  if (!button) return;
  if (button.href) event.preventDefault();
  if (button.id === "undo") next(() => go(-1));
  else if (button.id === "redo") next(() => go(1));
  else if (button.dataset.reset) reset(button.dataset.reset);
  else if (button.id === "add") {
    const line = $("choice").value;
    show(told => { if (!told.has(line)) told.set(line, "0"); return told; }, true);
  } else if (button.id === "link") next(copied);
  else if (button.id === "print") next(() => print());
  else if (["pin-this", "unpin", "clear"].includes(button.id)) next(() => follow(button.id));
  else if (button.href) next(() => download(button.pathname));
  else if (button.dataset.save) next(() => save(button.dataset.of, button.dataset.save));
});

async function copied() {
  const link = location.origin + "/?" + state;
  try { await navigator.clipboard.writeText(link); } catch { return alarm(link); }   // to be copied by hand
  $("told").textContent = document.body.dataset.linked;
}

function follow(id) {        // where a link of the result leads
  const link = $(id);
  return link && chosen(() => link.getAttribute("href").slice(2), true);
}

async function download(path) {
  let answer, made;
  try { answer = await fetch(path + "?" + state); made = await answer.blob(); } catch { return alarm(document.body.dataset.gone); }
  if (!answer.ok) return alarm(await made.text(), answer.headers.get("Content-Language"));
  given(made, decodeURIComponent(answer.headers.get("Content-Disposition").split("''")[1]));
}

function reset(id) {
  const {name} = $(id), line = name.includes("@");
  show(told => { told.delete(name); told.delete(name + ".from"); return told; }, true)
    .then(() => { const next = $(line ? "add" : id); if (next) next.focus(); });
}

document.addEventListener("submit", event => event.preventDefault());   // each box has told its change

function opened(box) {
  const file = box.files[0];
  box.value = "";
  if (file) next(() => posted(file));
}

async function posted(file) {
  let answer, text;
  try {
    answer = await fetch("/?" + state, {method: "POST", headers: {"X-Ballerup": "file", "X-Name": encodeURIComponent(file.name)}, body: file.slice(0, 70000)});
    text = await answer.text();
  } catch { return alarm(document.body.dataset.gone); }
  return answer.ok ? chosen(() => text, true) : alarm(text, answer.headers.get("Content-Language"));
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

// an address that was refused is not that of what is shown
history.replaceState({at}, "", $("alert").childElementCount ? "/?" + state : location.href);
steps();
