"use strict";
// The flame graph: frames of the call tree as boxes; a click on one makes it as wide as the page.
(() => {
  const holder = document.getElementById("flame");
  if (!holder) return;
  const data = JSON.parse(document.getElementById("flame-data").textContent);
  const details = document.getElementById("flame-details");
  const search = document.getElementById("flame-search");
  const reset = document.getElementById("flame-reset");
  const frames = data.frames.map(([parent, look, name, place, count, hits, ns, cost], index) => ({
    index, parent, look: data.looks[look], name: data.names[name], place: data.places[place] ?? "", count, hits,
    weights: { time: ns, cost }, children: [], depth: 0, rule: null,
  }));
  for (const frame of frames) {
    const parent = frames[frame.parent];
    if (parent) {
      parent.children.push(frame);
      frame.depth = parent.depth + 1;
      frame.rule = parent.rule;
    }
    if (frame.look.kind === "rule") frame.rule = frame;
  }
  const HEIGHT = 18;
  const all = frames[0];
  let weight = all.weights.time > 0 ? "time" : "cost";
  let zoomed = all;
  let focused = all;
  let boxes = new Map();
  holder.style.height = (Math.max(...frames.map((frame) => frame.depth)) + 1) * HEIGHT + "px";

  const count = (value) => value.toLocaleString("en-US");
  const percent = (part, whole) => (whole > 0 ? (100 * part / whole).toPrecision(3) : "0") + " %";
  const value = (frame) => frame.weights[weight];
  const text = (amount) => count(amount) + (weight === "time" ? " ns" : " units");

  function describe(frame) {
    let line = `${frame.name}: ${text(value(frame))}, ${percent(value(frame), value(all))} of all`;
    if (frame.rule && frame.rule !== frame) {
      line += `, ${percent(value(frame), value(frame.rule))} of rule ${frame.rule.name}`;
    }
    line += `; ${count(frame.count)} ${frame.look.counted}, ${count(frame.hits)} ${frame.look.hit}`;
    if (frame.count > 0 && frame.depth > 1) {
      line += `, ${(value(frame) / frame.count).toPrecision(3)} ${weight === "time" ? "ns" : "units"} each`;
    }
    return frame.place ? `${line}; ${frame.place}` : line;
  }

  function draw() {
    const wanted = search.value.trim().toLowerCase();
    const smallest = 0.7 / Math.max(holder.clientWidth, 300);
    const list = document.createDocumentFragment();
    const above = [];
    for (let frame = frames[zoomed.parent]; frame; frame = frames[frame.parent]) above.push(frame);
    boxes = new Map();
    let foundWeight = 0;
    const add = (frame, left, width, isFound) => {
      const box = document.createElement("div");
      box.className = "frame" + (isFound ? " found" : "") + (above.includes(frame) ? " above" : "");
      box.style.cssText =
        `left:${100 * left}%;width:${100 * width}%;bottom:${frame.depth * HEIGHT}px;background:${frame.look.color}`;
      box.textContent = width * holder.clientWidth > 24 ? frame.name : "";
      box.title = describe(frame);
      box.tabIndex = frame === focused ? 0 : -1;
      box.setAttribute("role", "treeitem");
      box.setAttribute("aria-level", frame.depth + 1);
      box.setAttribute("aria-label", box.title);
      box.dataset.frame = frame.index;
      boxes.set(frame, box);
      list.append(box);
    };
    const matches = (frame) => wanted !== "" && frame.name.toLowerCase().includes(wanted);
    for (const frame of above.reverse()) add(frame, 0, 1, matches(frame));
    const visit = (frame, left, width, counted) => {
      const isFound = matches(frame);
      if (isFound && !counted) foundWeight += value(frame);
      if (width < smallest) {
        if (wanted === "" || counted || isFound) return;
      } else {
        add(frame, left, width, isFound);
      }
      const children = [...frame.children].sort((a, b) => value(b) - value(a));
      for (const child of children) {
        const share = value(frame) > 0 ? width * value(child) / value(frame) : 0;
        if (value(child) > 0) visit(child, left, share, counted || isFound);
        left += share;
      }
    };
    visit(zoomed, 0, 1, false);
    holder.replaceChildren(list);
    if (!boxes.has(focused)) {
      focused = zoomed;
      boxes.get(zoomed).tabIndex = 0;
    }
    reset.disabled = zoomed === all;
    const found = wanted === "" ? "" : `Found: ${percent(foundWeight, value(zoomed))} of ${zoomed.name}. `;
    details.textContent = found + describe(zoomed);
  }

  function zoom(frame) {
    zoomed = frame;
    focused = frame;
    draw();
  }

  function focus(frame) {
    const box = boxes.get(frame);
    if (!box) return;
    boxes.get(focused).tabIndex = -1;
    focused = frame;
    box.tabIndex = 0;
    box.focus();
  }

  const frameOf = (event) => frames[event.target.closest(".frame")?.dataset.frame];
  holder.addEventListener("click", (event) => { const frame = frameOf(event); if (frame) zoom(frame); });
  const show = (event) => { const frame = frameOf(event); if (frame) details.textContent = describe(frame); };
  holder.addEventListener("mouseover", show);
  holder.addEventListener("focusin", show);
  holder.addEventListener("keydown", (event) => {
    const siblings = [...(frames[focused.parent]?.children ?? [focused])]
      .sort((a, b) => value(b) - value(a)).filter((frame) => boxes.has(frame));
    const at = siblings.indexOf(focused);
    const largest = [...focused.children].sort((a, b) => value(b) - value(a))[0];
    const moves = { ArrowUp: largest, ArrowDown: frames[focused.parent], ArrowLeft: siblings[at - 1], ArrowRight: siblings[at + 1] };
    if (event.key === "Enter" || event.key === " ") {
      zoom(focused);
      boxes.get(focused).focus();
    } else if (event.key === "Escape") {
      zoom(all);
      boxes.get(all).focus();
    } else if (event.key in moves) {
      if (moves[event.key]) focus(moves[event.key]);
    } else {
      return;
    }
    event.preventDefault();
  });
  search.addEventListener("input", draw);
  reset.addEventListener("click", () => zoom(all));
  for (const choice of document.querySelectorAll("input[name=flame-weight]")) {
    choice.checked = choice.value === weight;
    choice.addEventListener("change", () => { weight = choice.value; draw(); });
  }
  addEventListener("resize", draw);
  draw();
})();
