// A form that saves itself, adds and removes rows in place, and shows what the answers call for.
// The server draws every question; without JavaScript the same buttons load the page anew.

const form = document.getElementById("answer");
const saved = document.getElementById("saved");
const PAUSE = 1200;
let timer;
let latest = 0;

/** Save what is written a moment after the last key. Files wait for the button. */
function scheduleSave() {
  if (!form.dataset.draft) return;
  clearTimeout(timer);
  timer = setTimeout(save, PAUSE);
}

async function save() {
  const mine = ++latest;
  say(saved.dataset.waiting, "quiet");
  try {
    const answer = await fetch(form.dataset.draft, { method: "POST", body: withoutFiles(), headers: { Accept: "application/json" } });
    const body = await answer.json();
    if (mine === latest) say(body.saved, answer.ok ? "done" : "waiting");
    forget();
  } catch {
    keepHere();
    say(saved.dataset.offline, "waiting");
    timer = setTimeout(save, 10000);
  }
}

function withoutFiles() {
  const data = new FormData(form);
  for (const key of [...data.keys()]) if (key.startsWith("file.")) data.delete(key);
  return data;
}

function say(words, tone) {
  if (!saved) return;
  saved.classList.toggle("waiting", tone === "waiting");
  saved.textContent = words;
}

/** When the network is gone the text stays in this browser until it can be sent. */
function keepHere() {
  const pairs = [...withoutFiles()].filter(([key]) => key !== "token");
  sessionStorage.setItem(form.dataset.draft, JSON.stringify(pairs));
}

function forget() {
  sessionStorage.removeItem(form.dataset.draft);
}

/** Let the server draw the questions anew, and put them in place without moving the reader. */
async function redraw(act, from) {
  const written = asText();
  const data = withoutFiles();
  data.set("do", act);
  const answer = await fetch(form.action, { method: "POST", body: data });
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const drawn = page.getElementById("questions");
  if (!drawn) return window.location.reload();
  if (act === "refresh" && written !== asText()) return redraw(act, from); // someone wrote on meanwhile
  if (act === "refresh" && shape(drawn) === shape(document.getElementById("questions"))) return; // nothing to show or hide
  const at = act === "refresh" && form.contains(document.activeElement) ? document.activeElement : from;
  keepFiles(drawn);
  document.getElementById("questions").replaceWith(drawn);
  prepare();
  goOn(act, at);
}

/** What is asked and said, without the answers. */
function shape(questions) {
  const parts = questions.querySelectorAll("[name], label:not(.list-search), legend, p, h2, dt, dd");
  return [...parts].map((each) => each.name ?? each.textContent).join("\n");
}

function asText() {
  return new URLSearchParams([...withoutFiles()]).toString();
}

/** Files that have been chosen but not sent stay chosen. */
function keepFiles(drawn) {
  for (const chosen of document.querySelectorAll("#questions input[type=file]")) {
    if (chosen.files.length) drawn.querySelector(`#${CSS.escape(chosen.id)}`)?.replaceWith(chosen);
  }
}

function goOn(act, from) {
  const [kind, rows] = act.split(":");
  const boxes = document.querySelectorAll(`#rows-${CSS.escape(rows ?? "")} .box`);
  if (kind === "add") boxes[boxes.length - 1]?.querySelector("input:not([type=hidden]), textarea, select")?.focus();
  else if (kind === "remove" || kind === "restore") document.getElementById(`rows-${rows}`)?.focus();
  else if (from.type === "radio" || from.type === "checkbox") find(from)?.focus();
  else if (from.id) standIn(document.getElementById(from.id), from.selectionStart);
}

/** Focus, with the cursor where it was in a text. */
function standIn(field, place) {
  field?.focus();
  if (field?.matches("textarea, input[type=text], input[type=url], input:not([type])")) field.setSelectionRange(place, place);
}

function find(from) {
  return [...document.getElementsByName(from.name)].find((each) => each.value === from.value);
}

/** Enter in a field never sends: it moves nothing and loses nothing. */
function keepEnter(event) {
  const field = event.target;
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    form.requestSubmit(form.querySelector("[value='send']"));
  } else if (event.key === "Enter" && field.matches("input:not([type=submit], [type=file])")) {
    event.preventDefault();
  }
}

/** A field to narrow a long list of choices. */
function addSearch(picker) {
  if (picker.querySelector("input[type=search]")) return;
  const label = document.createElement("label");
  label.className = "list-search";
  const words = document.createElement("span");
  words.className = "small quiet";
  words.textContent = document.documentElement.lang === "en" ? "Narrow the list" : "Sök i listan";
  const field = document.createElement("input");
  field.type = "search";
  field.className = "input narrow";
  field.addEventListener("input", () => {
    const wanted = field.value.trim().toLocaleLowerCase("sv");
    for (const choice of picker.querySelectorAll(".choice")) {
      const kept = choice.querySelector("input").checked || choice.textContent.toLocaleLowerCase("sv").includes(wanted);
      choice.hidden = !kept;
    }
  });
  label.append(words, field);
  picker.prepend(label);
}

function prepare() {
  for (const each of document.querySelectorAll(".without-script")) each.hidden = true;
  for (const each of document.querySelectorAll("[data-picker]")) addSearch(each);
}

if (form) {
  form.addEventListener("input", scheduleSave);
  form.addEventListener("keydown", keepEnter);
  form.addEventListener("change", (event) => {
    scheduleSave();
    if (event.target.matches("[data-decides]")) redraw("refresh", event.target);
  });
  form.addEventListener("submit", (event) => {
    const act = event.submitter?.value ?? "";
    clearTimeout(timer);
    const files = [...form.querySelectorAll("input[type=file]")].some((each) => each.files.length);
    if (files || !/^(add|remove|restore):/.test(act)) return;
    event.preventDefault();
    redraw(act, event.submitter);
  });
  prepare();
}
