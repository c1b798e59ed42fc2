// The list by keyboard: j and k (or arrows) move, Enter opens. Never while someone writes; off when the reader says so.

const rows = [...document.querySelectorAll("[data-row]")];

function move(step) {
  const at = rows.indexOf(document.activeElement);
  const from = at >= 0 ? at : rows.findIndex((row) => row.hasAttribute("aria-current")) - (step > 0 ? 1 : -1);
  rows[Math.min(Math.max(from + step, 0), rows.length - 1)]?.focus();
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest("input, textarea, select, [contenteditable]")) return;
  const inList = rows.includes(document.activeElement);
  if (event.key === "j" || (inList && event.key === "ArrowDown")) move(1);
  else if (event.key === "k" || (inList && event.key === "ArrowUp")) move(-1);
  else return;
  event.preventDefault();
});

document.querySelector(".list [aria-current]")?.scrollIntoView({ block: "nearest" });
