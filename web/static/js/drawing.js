// The diagram with its marks: done, now, later. The same progress stands in words on the page.

const LOWEST = 0.45;
const HEIGHTS = [230, 420];
const ROOM_FOR_NUMBERS = 0.9; // below the lowest element
const MARK = { room: 84, lift: 24 }; // for the mark of bpmn.io, which lies in the lower right corner

async function draw(frame) {
  const [source, marks] = await Promise.all([
    fetch(frame.dataset.source).then((answer) => answer.text()),
    fetch(frame.dataset.marks).then((answer) => answer.json()),
  ]);
  const viewer = new window.BpmnJS({ container: frame });
  await viewer.importXML(source);
  if (frame.offsetParent === null) return; // the window became too narrow for it meanwhile
  const canvas = viewer.get("canvas");
  const elements = viewer.get("elementRegistry");
  const overlays = viewer.get("overlays");
  fitHeight(frame, canvas);
  canvas.zoom("fit-viewport", "auto");
  if (!frame.classList.contains("tall")) canvas.scroll({ dx: 0, dy: -MARK.lift });
  if (canvas.zoom() < LOWEST) canvas.zoom(LOWEST);
  const looks = { done: "klar", now: "nu", later: "sedan", stopped: "fel", gone: "sedan" };
  for (const [id, state] of Object.entries(marks.states)) {
    if (elements.get(id)) canvas.addMarker(id, looks[state]);
  }
  for (const [id, count] of Object.entries(marks.badges)) add(overlays, elements, id, `Nu${count > 1 ? `: ${count}` : ""}`, "mark", { top: -10, right: 40 });
  for (const [id, title] of Object.entries(marks.roles)) add(overlays, elements, id, title, "mark role", { top: 0, left: 0 });
  for (const [id, state] of Object.entries(marks.states)) {
    if (state === "done" && elements.get(id)?.width >= 80) add(overlays, elements, id, "✓", "mark klar", { top: -9, right: 11 });
  }
  for (const [id, heat] of Object.entries(marks.heat ?? {})) warm(elements, overlays, id, heat);
  if (marks.heat) canvas.zoom(canvas.zoom() * ROOM_FOR_NUMBERS, "auto");
  for (const id of Object.keys(marks.opens)) {
    if (elements.get(id)) canvas.addMarker(id, "openable");
  }
  viewer.get("eventBus").on("element.click", ({ element }) => {
    if (marks.opens[element.id]) window.location.assign(marks.opens[element.id]);
  });
  showNow(canvas, elements, marks.states);
  takeKeys(frame);
}

/** Inside the frame it is the drawing itself that moves by keys: one stop for the tab key, and it has the name. */
function takeKeys(frame) {
  const drawing = frame.querySelector("svg[tabindex]");
  if (!drawing) return;
  drawing.setAttribute("role", "img");
  drawing.setAttribute("aria-label", frame.getAttribute("aria-label"));
  frame.removeAttribute("tabindex");
}

/** As high as the drawing needs at the full width of the page. */
function fitHeight(frame, canvas) {
  if (frame.classList.contains("tall")) return;
  const { width, height } = canvas.viewbox().inner;
  const wanted = (height * frame.clientWidth) / Math.max(width, 1) + MARK.room;
  frame.style.height = `${Math.min(Math.max(wanted, HEIGHTS[0]), HEIGHTS[1])}px`;
  canvas.resized();
}

/** Words on an element; as text, whatever the diagram calls it. */
function add(overlays, elements, id, words, look, position) {
  if (!elements.get(id)) return;
  const mark = document.createElement("div");
  mark.className = look;
  mark.textContent = words;
  overlays.add(id, { position, html: mark });
}

/** Where cases wait: a glow behind the element, and its numbers above and below it. */
function warm(elements, overlays, id, { now, more, tone }) {
  if (!elements.get(id)) return;
  const { width, height } = elements.get(id);
  const glow = document.createElementNS("http://www.w3.org/2000/svg", "ellipse");
  const place = { cx: width / 2, cy: height / 2, rx: width / 2 + 22, ry: height / 2 + 18, class: `glow ${tone}` };
  for (const [name, value] of Object.entries(place)) glow.setAttribute(name, value);
  elements.getGraphics(id).prepend(glow); // a layer below all would be hidden by the frame of a sub-process
  add(overlays, elements, id, now, `mark heat ${tone}`, { top: 0, left: width / 2 });
  add(overlays, elements, id, more, "mark role heat", { bottom: 0, left: width / 2 });
}

/** When the whole drawing is too wide, begin where the case is, or where it stands still. */
function showNow(canvas, elements, states) {
  const stands = (state) => Object.keys(states).find((id) => states[id] === state && elements.get(id));
  const now = stands("stopped") ?? stands("now");
  const box = canvas.viewbox();
  if (!now || box.inner.width <= box.width) return;
  const { x, width } = elements.get(now);
  const left = Math.min(Math.max(x + width / 2 - box.width / 2, box.inner.x), box.inner.x + box.inner.width - box.width);
  canvas.viewbox({ x: left, y: box.inner.y + box.inner.height / 2 - box.height / 2, width: box.width, height: box.height });
}

for (const frame of document.querySelectorAll(".drawing[data-source]")) {
  if (window.BpmnJS && frame.offsetParent !== null) draw(frame);
}
