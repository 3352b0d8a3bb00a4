"use strict";
// Sorting: a click on a heading sorts by that column, another one the other way round.
for (const table of document.querySelectorAll("table.sortable")) {
  const body = table.tBodies[0];
  table.tHead.addEventListener("click", (event) => {
    const heading = event.target.closest("th");
    if (!heading) return;
    const order = heading.dataset.order === "-1" ? 1 : heading.dataset.order === "1" ? -1
      : heading.classList.contains("text") ? 1 : -1;
    for (const other of heading.parentNode.children) delete other.dataset.order;
    heading.dataset.order = order;
    const key = (row) => {
      const cell = row.cells[heading.cellIndex];
      return cell.dataset.sort === undefined ? cell.textContent.toLowerCase() : Number(cell.dataset.sort);
    };
    const rows = [...body.rows].map((row) => [key(row), row]);
    rows.sort(([a], [b]) => (a < b ? -order : a > b ? order : 0));
    for (const [, row] of rows) body.append(row);
  });
}
// Searching: rows without the text are hidden.
for (const input of document.querySelectorAll("input[data-table]")) {
  const body = document.getElementById(input.dataset.table).tBodies[0];
  input.addEventListener("input", () => {
    const wanted = input.value.toLowerCase();
    for (const row of body.rows) row.hidden = !row.textContent.toLowerCase().includes(wanted);
  });
}
