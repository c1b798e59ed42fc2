// The list by keyboard: j and k (or arrows) move, Enter opens. Never while someone writes; off when the reader says so.
import { isForPage, singleKey } from "./keys.js";

const rows = [...document.querySelectorAll("[data-row]")];

function move(step) {
  const at = rows.indexOf(document.activeElement);
  const from = at >= 0 ? at : rows.findIndex((row) => row.hasAttribute("aria-current")) - (step > 0 ? 1 : -1);
  rows[Math.min(Math.max(from + step, 0), rows.length - 1)]?.focus();
}

document.addEventListener("keydown", (event) => {
  const key = singleKey(event);
  const arrow = isForPage(event) && rows.includes(document.activeElement) ? event.key : "";
  if (key === "j" || arrow === "ArrowDown") move(1);
  else if (key === "k" || arrow === "ArrowUp") move(-1);
  else return;
  event.preventDefault();
});

document.querySelector(".list [aria-current]")?.scrollIntoView({ block: "nearest" });
