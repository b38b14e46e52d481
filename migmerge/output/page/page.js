
"use strict";
// The state is the fragment of the address, so that a link shows what its sender saw: #q=orders&author=Bea&zoom=1.5
const tools = document.querySelector(".tools"), drawing = document.querySelector(".canvas > svg");
if (tools && drawing) {
  const rows = [...drawing.querySelectorAll("g")].filter((row) => row.querySelector(":scope > .band"));
  const texts = new Map(rows.map((row) => [row, row.querySelector("title").textContent.toLowerCase()]));
  const width = drawing.width.baseVal.value, height = drawing.height.baseVal.value;
  const fields = ["q", "author", "branch"];
  let zoom = 1, current = -1;

  const matches = (row) => {
    const [words, author, branch] = fields.map((name) => tools.elements[name].value);
    return words.toLowerCase().split(/\s+/).every((word) => texts.get(row).includes(word))
      && (!author || row.dataset.author === author) && (!branch || row.dataset.branch === branch);
  };
  const show = () => {
    const wanted = fields.some((name) => tools.elements[name].value);
    const found = rows.filter(matches);
    rows.forEach((row) => row.classList.toggle("unmatched", !found.includes(row)));
    rows.forEach((row, index) => row.classList.toggle("current", index === current));
    tools.elements.count.value = wanted ? `${found.length} of ${rows.length}` : `${rows.length} rows`;
    drawing.setAttribute("width", width * zoom);
    drawing.setAttribute("height", height * zoom);
    return found;
  };
  const save = () => {
    const state = new URLSearchParams(fields.map((name) => [name, tools.elements[name].value]).filter(([, value]) => value));
    if (zoom !== 1) state.set("zoom", zoom);
    history.replaceState(null, "", `#${state}`);
  };
  const load = () => {
    const state = new URLSearchParams(location.hash.slice(1));
    fields.forEach((name) => { tools.elements[name].value = state.get(name) ?? ""; });
    zoom = Math.min(4, Math.max(0.25, Number(state.get("zoom")) || 1));
    current = -1;
    const found = show();
    if (location.hash.length > 1 && found.length) found[0].scrollIntoView({ block: "nearest", inline: "nearest" });
  };
  const step = () => {
    const found = show();
    const next = found.find((row) => rows.indexOf(row) > current) ?? found[0];
    current = next ? rows.indexOf(next) : -1;
    next?.scrollIntoView({ block: "center", inline: "nearest" });
    show();
  };
  const scale = (factor) => { zoom = Math.min(4, Math.max(0.25, zoom * factor)); show(); save(); };

  tools.addEventListener("input", () => { current = -1; show(); save(); });
  tools.addEventListener("submit", (event) => { event.preventDefault(); step(); });
  tools.elements.out.addEventListener("click", () => scale(0.8));
  tools.elements.in.addEventListener("click", () => scale(1.25));
  addEventListener("hashchange", load);
  tools.hidden = false;
  load();
}
