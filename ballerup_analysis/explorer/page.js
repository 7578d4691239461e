// The page asks the server for what is chosen and takes its address from the answer; nothing is computed here.
"use strict";
const $ = id => document.getElementById(id), of = page => page.getElementById("panels").dataset.query;   // what a result is of
const parsed = text => new DOMParser().parseFromString(text, "text/html");
let settled = parsed(document.documentElement.outerHTML), state = of(settled);   // the page of what is chosen, to put back without asking, and its query
const past = [], future = [], queued = [];   // states, for undo and redo; the boxes of choices whose turn has not come
let asked = 0;               // requests: only the newest is answered on the page
let pending = Promise.resolve(), underway = 0;   // choices, one after another: each on top of those before it
let glance = null, glancing = false;   // what is moved or typed and not chosen yet, and that a look at it is under way
let hand = null;             // the box that is typed in or moved
const kept = new Map();      // boxes whose refused text stands, and what is told of each, with the language it was refused in
let made = 0, turn = 0;      // choices, and the one whose turn it is
let heard = 0, lost = 0;     // the last choice made before a refusal was told of, and before the server was gone
const years = new Map();     // years chosen before their number is given
let held = Promise.resolve(), here;   // that a button is pressed and not let go; the address

function next(step) {        // does a step when those before it are done, failed or not
  const mine = ++made;
  underway += 1;
  return pending = pending.catch(() => {}).then(() => { turn = mine; return step(); }).finally(() => { underway -= 1; turn = 0; look(); });
}

function base(query) { return new URLSearchParams(query).get("base"); }   // every municipality has the years of its baseline

function edits(box) {        // what a box says of a state, as it stands now
  const {name, value} = box, from = $("form").elements[name + ".from"];
  const year = from && from.value, stood = base(state);
  if (name.endsWith(".from")) years.set(name, value);
  return told => {
    if (name.endsWith(".from") && !told.has(name.slice(0, -5))) return told;
    const blank = value.trim() === "";
    blank ? told.delete(name) : told.set(name, value);
    if (blank) told.delete(name + ".from");
    else if (year && base(told) === stood) told.set(name + ".from", year);   // one of its years
    if (name === "area" || name === "base") {
      const leaves = name === "area" && told.get("base") === "budget_2017" && value !== "151";
      told.delete("hash");
      if (leaves) told.delete("base");
      if (leaves || name === "base")
        for (const key of [...told.keys()]) if (key === "year" || key.endsWith(".from")) told.delete(key);
      if (name === "base" && value === "budget_2017") told.delete("area");
    }
    return told;
  };
}

function figure(box) { return Number(box.value.trim().replace("\u2212", "-").replace(",", ".")); }  // as the server reads it

function ask(address, how) { // the answer and what it brings; nothing when the server is gone or never answers
  return fetch(address, {...how, signal: AbortSignal.timeout(60000)}).then(async answer => [answer, await answer.blob()]).catch(() => []);
}

// The page of an address; false, 0 or null when there is none to show, undefined when something newer has been asked.
async function fetched(address) {
  const mine = ++asked, [answer, made] = await ask(address), text = made && await made.text();
  await held;
  if (mine !== asked) return undefined;
  const page = answer && answer.ok && parsed(text);
  if (page && page.getElementById("panels")) { calm(); return page; }
  refused(answer, text);
  return {400: false, 409: 0}[answer && answer.status] ?? null;   // what can never be shown, what an own file may show in a moment, and nothing
}

function refused(answer, text) {   // what is answered with status 200 and is not ours is of another program
  const {gone, busy, kept} = document.body.dataset;
  if (!answer && turn) lost = made;   // what waits for its turn would wait for the same
  if (!answer || answer.ok || answer.status === 503) return alarm(answer && !answer.ok ? busy : gone);
  const lang = answer.headers.get("Content-Language"), told = parsed(text).querySelector("#alert p");
  if (lang) alarm(text, lang);
  else told ? alarm(told.dataset.kept, told.lang) : alarm(kept + ": " + answer.status);
}

function alarm(text, lang) {   // the server tells what it refuses in the language of the page, or in English
  const p = document.createElement("p");
  p.textContent = text; p.lang = lang || document.documentElement.lang;
  $("alert").replaceChildren(...kept.values(), ...text ? [p] : []);
  heard = text && turn ? made : 0;
}
function calm() { if (turn ? turn > heard : !heard) alarm(""); }   // what was chosen before a refusal was told is no answer to it

function keep(box, once) {    // a text to be mended: told of the box alone, as what is shown may change meanwhile
  const told = $("alert").lastChild;
  if (kept.get(box.id) !== told) mended(box.id);
  told.of = once ? document.documentElement.lang : "";   // nothing where the server has not read it
  if (once) told.textContent = told.textContent.replace(/^[^:]*/, () => box.labels[0].textContent + " " + document.body.dataset.apart);
  kept.set(box.id, told);
}
function mended(id) { if (kept.has(id)) kept.get(id).remove(); kept.delete(id); }

function asksAgain() {       // for a text that the server had not read, or refused in another language than that of the page
  const {lang} = document.documentElement;
  for (const [id, told] of kept) if (told.of !== lang) next(() => kept.get(id) === told && id !== hand && chosen(edits($(id)), {box: $(id)}));
}

function put(page) {         // shows a page: what differs changes where it stands, as what is taken away is lost to who has it in hand
  const told = new URLSearchParams(state);
  for (const name of years.keys()) if (told.has(name.slice(0, -5))) years.delete(name);
  document.documentElement.lang = page.documentElement.lang;
  document.title = page.title;
  merge(document.body, page.body);
  $("undo").disabled = !past.length; $("redo").disabled = !future.length;
}

function inHand(box) {       // or waits for its turn; the line to choose from is no part of a state, and keys go on from the example that is chosen
  return [hand, "choice", ...kept.keys(), ...queued].includes(box.dataset.of || box.id) || box.id === "example" && box === document.activeElement;
}

function merge(mine, now) {  // makes a part of the page what it is now; what was typed, opened or chosen is no attribute of it
  if (mine.nodeType !== Node.ELEMENT_NODE) { if (mine.nodeValue !== now.nodeValue) mine.nodeValue = now.nodeValue; return; }
  if (mine.id === "alert" || mine.nodeName === "NOSCRIPT") return;
  const left = ["open", "selected", "disabled", ...mine.nodeName === "INPUT" ? ["value"] : [], ...mine.type === "range" && inHand(mine) ? ["min", "max"] : []], value = mine.value;
  for (const {name} of [...mine.attributes]) if (!left.includes(name) && !now.hasAttribute(name)) mine.removeAttribute(name);
  for (const one of now.attributes) if (!left.includes(one.name) && mine.getAttribute(one.name) !== one.value) mine.setAttribute(one.name, one.value);
  let at = mine.firstChild;
  for (const one of now.childNodes) {   // the same has the same id, or none and the same place
    const same = one.id ? [...mine.children].find(old => old.id === one.id) : at && !at.id && at.nodeName === one.nodeName && at;
    if (!same) { mine.insertBefore(document.importNode(one, true), at); continue; }
    while (at !== same) { const gone = at; at = at.nextSibling; gone.remove(); }
    merge(same, one);
    at = same.nextSibling;
  }
  while (at) { const gone = at; at = at.nextSibling; gone.remove(); }
  if (!mine.matches("input:not([type=file]), select, textarea")) return;
  const shown = inHand(mine) ? value : years.get(mine.name) ?? now.value;
  if (mine.value !== shown) mine.value = shown;
  if (mine.selectedIndex === -1) mine.value = now.value;   // a choice there is no more
}

function show(change, box, how) { // a choice takes the place of what was looked at
  glance = null;
  queued.push(box && box.id);
  return next(async () => { queued.shift(); if (!how?.whole || await mayReplace()) return chosen(change, {box, ...how}); });
}

// Back to the nearest state that can be shown: what an own file keeps from being shown stays between the two, to be gone to again.
async function stepped(from, to) {
  const waiting = [], ahead = [...future], told = [...$("alert").children];
  let page = 0;
  if (!from.length || !await mayReplace()) return;
  future.splice(0, future.length, ...ahead);   // a name that is read now stands before them
  while (page === 0 && from.length) {
    page = await chosen(() => from.at(-1), {from, to});
    if (page === 0) waiting.push(from.pop());
  }
  page ? to.push(...waiting) : from.push(...waiting.reverse());
  if (page && waiting.length) $("alert").replaceChildren(...told.filter(one => one.of === undefined || [...kept.values()].includes(one)));   // what stood before
  put(settled);
}

// A state that is asked for, and its page: "from" is where it was kept, for undo and redo; "box" says it, or "back" the browser;
// one that is "whole" brings a name and a reason of its own; "anew" are boxes whose years go with it.
async function chosen(change, {from, to = past, box, back, whole = from || back, anew = []} = {}) {
  const page = turn > lost ? await fetched("/?" + change(new URLSearchParams(state))) : null, before = state;
  if (page === undefined) return;
  if (page === false && from) from.pop();
  if (page) {
    settled = page;
    state = of(page);
    for (const name of base(before) === base(state) ? anew : [...years.keys()]) years.delete(name);
    for (const id of whole ? [...kept.keys()] : box ? [box.id] : []) mended(id);
    if (from) from.pop();
    if (state !== before) to.push(before);
    if (state !== before && !from) future.length = 0;
  } else if (box && box.matches("#name, #why")) keep(box, page === false);
  put(settled);
  if (hand) seen($(hand));
  if (page || page === false && back) history[state === before || back ? "replaceState" : "pushState"](null, "", "/?" + state);   // else an address may wait
  here = location.search;
  if (page) asksAgain();
  return page;
}

async function look() {      // while a slider moves: one request at a time, the newest last, and none beside a choice
  if (glancing) return;
  glancing = true;
  while (glance && !underway) {
    const change = glance;
    glance = null;
    const page = await fetched("/?" + change(new URLSearchParams(state)));
    if (page !== undefined && hand && !glance && !underway) put(page || settled);
  }
  glancing = false;
  if (!underway) tidy();
}

async function tidy() {      // what nobody looks at any more goes
  await held;
  if (!hand && of(document) !== state) put(settled);
}
function after(step) { next(async () => { await tidy(); if (await named()) await step(); }); }   // what is copied, kept or printed is of what the page shows
function instead(step) { next(async () => { await tidy(); if (await mayReplace()) await step(); }); }

function finish() {          // who leaves a box has chosen what it says; where it says the same as before the browser tells no change
  const box = $(hand), told = box && settled.getElementById(hand);
  hand = null;
  if (told && box.value !== told.value) return show(edits(box), box);
  glance = null;
  if (told) mended(box.id);
  if (!underway) { asked += 1; calm(); held.then(() => hand || put(settled)); }
}

addEventListener("popstate", () => {   // who goes back wants no more of what was under way
  if (location.search === here) return;   // another place on the page
  const query = (here = location.search).slice(1);
  $("example").selectedIndex = 0;
  asked += 1;
  next(() => chosen(() => query, {back: true}));
});

// A button stays where it is while it is pressed: were it moved, there would be no click.
addEventListener("pointerdown", event => {
  const slider = event.target.type === "range";
  if (event.target.id === "example") event.target.selectedIndex = 0;   // so that the same may be chosen again
  if (!slider && !event.target.closest("button, a, summary")) return;
  const free = new Promise(done => {
    for (const end of ["pointerup", "pointercancel"]) addEventListener(end, () => setTimeout(done), {once: true, capture: true});
    if (!slider) setTimeout(done, 3000);   // should that never be told
  });
  if (slider) free.then(() => hand && finish());
  else held = free;
}, true);

document.addEventListener("input", event => {
  const box = event.target, range = box.dataset.range && $(box.dataset.range);
  if (box.matches("input, textarea")) hand = box.dataset.of || box.id;
  if (box.type === "range") $(hand).value = String(Number(Number(box.value).toPrecision(12))).replace(".", ",");
  else if (range && whole(box)) { range.min = Math.min(range.min, figure(box)); range.max = Math.max(range.max, figure(box)); range.value = figure(box); }
  seen($(hand));
  look();
});

function whole(box) { return box.value.trim() !== "" && Number.isFinite(figure(box)); }   // half written, the server tells of it when it is
function seen(box) { if (box && box.dataset.range && whole(box)) glance = edits(box); }

document.addEventListener("change", event => {
  const box = event.target.type === "range" ? $(event.target.dataset.of) : event.target;
  if (box.id === hand) hand = null;
  if (box.id === "file") opened(box);
  else if (box.id === "example") example(box);
  else if (box.id !== "choice") show(edits(box), box);
});

document.addEventListener("focusout", event => {
  if (event.target.id === "example") event.target.selectedIndex = 0;
  if (hand && (event.target.dataset.of || event.target.id) === hand) finish();
  else if (kept.has(event.target.id) && !queued.includes(event.target.id)) show(edits(event.target), event.target);   // once more
});

function example(box) {
  const {value, selectedIndex} = box, {base} = box.selectedOptions[0].dataset;
  if (selectedIndex) show(told => {
    for (const key of [...told.keys()]) if (!["lang", "area", "unit", "payer", "base", "pin", "pinned"].includes(key)) told.delete(key);
    if (base === "budget_2017") { told.set("base", base); told.delete("area"); }
    return told + "&" + value;
  }, null, {whole: true}).then(page => { if (!page && box !== document.activeElement) box.selectedIndex = 0; });
}

document.addEventListener("click", event => {
  const button = event.target.closest("button, a.button");
  if (!button) return;
  if (button.href) event.preventDefault();
  if (hand) finish();        // not every browser takes the focus from a box for a button
  if (button.id === "undo") next(() => stepped(past, future));
  else if (button.id === "redo") next(() => stepped(future, past));
  else if (button.dataset.reset) reset(button, button.dataset.reset);
  else if (button.id === "add") {
    const line = $("choice").value;
    show(told => { if (!told.has(line)) told.set(line, "0"); return told; });
  } else if (button.id === "link") after(copied);
  else if (button.id === "print") after(() => print());
  else if (button.id === "clear") instead(() => chosen(() => $("clear").search.slice(1), {whole: true, anew: [...years.keys()]}));
  else if (["pin-this", "unpin"].includes(button.id)) (button.id === "unpin" ? instead : after)(() => $(button.id) && chosen(() => $(button.id).search.slice(1)));   // where it leads by then
  else if (button.href) after(() => download(button.pathname));
  else if (button.dataset.save) after(() => save(button.dataset.of, button.dataset.save));
});

// Asks for the name that was typed where the server had not read it: true, or as "fetched" answers where it is not read now.
async function named() {
  for (const [id, told] of [...kept]) {
    const page = told.of || id === hand || await chosen(edits($(id)), {box: $(id)});
    if (!page) return page;
  }
  return true;
}
async function mayReplace() { return [true, false, 0].includes(await named()); }   // all there is: not where the server is gone or busy, nor by what was overtaken

async function copied() {
  $("linked").textContent = "";
  const link = location.origin + "/?" + state;
  try { await navigator.clipboard.writeText(link); } catch { return alarm(link); }   // to be copied by hand
  alarm("");
  $("linked").textContent = document.body.dataset.linked;
}

async function download(path) {
  const [answer, made] = await ask(path + "?" + state), name = answer && answer.headers.get("Content-Disposition");
  if (!name) return refused(answer, made && await made.text());
  calm();
  given(made, decodeURIComponent(name.split("''")[1]));
}

function reset(button, id) {
  const {name} = $(id), to = name.includes("@") ? "add" : id;
  const done = show(told => { told.delete(name); told.delete(name + ".from"); return told; }, null, {anew: [name + ".from"]}), mine = made;
  done.then(page => page && mine === made && [document.body, button].includes(document.activeElement) && $(to)?.focus());   // who went on is not called back
}

document.addEventListener("submit", event => event.preventDefault());   // each box has told its change

function opened(box) {
  const file = box.files[0];
  if (!file) return;
  const read = file.slice(0, 70000).arrayBuffer().catch(() => null);   // at once: it may be another when its turn has come
  box.value = "";
  next(() => posted(file.name, read));
}

async function posted(name, read) {
  const body = await read;
  if (!body) return alarm(document.body.dataset.unread);
  if (!await mayReplace()) return;
  const [answer, made] = await ask("/?" + state, {method: "POST", headers: {"X-Ballerup": "file", "X-Name": encodeURIComponent(name)}, body});
  const text = made && await made.text();
  return answer && answer.ok ? chosen(() => text, {whole: true}) : refused(answer, text);
}

function save(id, kind) {    // a figure as a file, with its title and its styles in it
  if (!$(id)) return;        // undone meanwhile
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

// an address that was refused is not that of what is shown; one whose file may be mended waits
if ($("alert").childElementCount) {
  if (location.search) past.push(location.search.slice(1));
  if (!$("alert").firstChild.dataset.waits) history.replaceState(null, "", "/?" + state);
}
here = location.search;
put(settled);                // a browser may have filled in what it once held
