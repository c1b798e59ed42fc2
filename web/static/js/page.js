// What every page gets when JavaScript is on. Nothing here is needed to do the work.

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

/** `/` goes to the search field, never while someone writes. */
function goToSearch(event) {
  const writing = event.target.closest("input, textarea, select, [contenteditable]");
  if (event.key !== "/" || writing || event.ctrlKey || event.metaKey || event.altKey) return;
  const field = document.querySelector("[data-key='/']");
  if (!field || field.offsetParent === null) return;
  event.preventDefault();
  field.focus();
}

document.addEventListener("submit", askFirst);
document.addEventListener("submit", showBusy);
document.addEventListener("click", closeMenus);
document.addEventListener("keydown", closeMenus);
document.addEventListener("keydown", goToSearch);
// A page from the browser's memory may belong to someone who has logged out.
window.addEventListener("pageshow", (event) => event.persisted && window.location.reload());
focusStart();
