// What every page gets when JavaScript is on. Nothing here is needed to do the work.
import { singleKey } from "./keys.js";

/** Put the reader where the page says that it begins: a fault summary, or the heading after something was sent. */
function focusStart() {
  document.querySelector("[data-focus]")?.focus();
}

/** Ask before something that cannot be undone, in a dialogue that names what is lost. */
function askFirst(event) {
  const form = event.target;
  const words = event.submitter?.dataset.confirm ?? form.dataset.confirm;
  if (!words || form.dataset.confirmed) return;
  event.preventDefault();
  const dialogue = document.createElement("dialog");
  const text = document.createElement("p");
  text.textContent = words;
  const buttons = document.createElement("div");
  buttons.className = "buttons";
  const yes = button((event.submitter?.textContent ?? "").trim() || "Ja", "button danger");
  const no = button(document.documentElement.lang === "en" ? "No, go back" : "Nej, gå tillbaka", "button");
  buttons.append(no, yes);
  dialogue.append(text, buttons);
  document.body.append(dialogue);
  no.addEventListener("click", () => dialogue.close());
  yes.addEventListener("click", () => {
    form.dataset.confirmed = "yes";
    form.requestSubmit(event.submitter ?? undefined);
  });
  dialogue.addEventListener("close", () => dialogue.remove());
  dialogue.showModal();
  no.focus();
}

function button(words, look) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = look;
  made.textContent = words;
  return made;
}

/** Say that something is under way, and do not send it twice. */
function showBusy(event) {
  const pressed = event.submitter;
  if (event.defaultPrevented || !pressed?.dataset.busy) return;
  if (pressed.getAttribute("aria-busy") === "true") {
    event.preventDefault();
    return;
  }
  pressed.setAttribute("aria-busy", "true");
  pressed.textContent = pressed.dataset.busy;
}

/** Close the account menu when the reader goes on. */
function closeMenus(event) {
  for (const menu of document.querySelectorAll("details.account[open]")) {
    if (event.type === "keydown" ? event.key === "Escape" : !menu.contains(event.target)) menu.open = false;
  }
}

/** `/` goes to the search field, `?` to the list of keys. */
function goByKey(event) {
  const key = singleKey(event);
  const place = key && document.querySelector(`[data-key="${CSS.escape(key)}"]`);
  if (!place || (place.matches("input") && place.offsetParent === null)) return;
  event.preventDefault();
  if (place.matches("a")) place.click();
  else place.focus();
}

document.addEventListener("submit", askFirst);
document.addEventListener("submit", showBusy);
document.addEventListener("click", closeMenus);
document.addEventListener("keydown", closeMenus);
document.addEventListener("keydown", goByKey);
// A page from the browser's memory may belong to someone who has logged out.
window.addEventListener("pageshow", (event) => event.persisted && window.location.reload());
focusStart();
