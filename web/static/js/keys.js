// Single keys: never while someone writes, never with another key held down, and off when the reader says so.

const WRITING = "input, textarea, select, [contenteditable]";

/** Whether a key press is meant for the page. */
export function isForPage(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return false;
  return !event.target.closest?.(WRITING) && !document.querySelector("dialog[open]");
}

/** The single character that was pressed for the page, or "" when there is none or they are switched off. */
export function singleKey(event) {
  const off = document.documentElement.dataset.keys === "off";
  return !off && event.key.length === 1 && isForPage(event) ? event.key : "";
}
