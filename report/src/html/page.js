"use strict";
// Sorting: a heading's button sorts by that column, pressed again the other way round.
for (const table of document.querySelectorAll("table.sortable")) {
  const body = table.tBodies[0];
  table.tHead.addEventListener("click", (event) => {
    const heading = event.target.closest("th");
    if (!heading || !event.target.closest("button")) return;
    const before = heading.ariaSort;
    const isText = heading.classList.contains("text");
    const order = before ? (before === "ascending" ? -1 : 1) : isText ? 1 : -1;
    for (const other of heading.parentNode.children) other.removeAttribute("aria-sort");
    heading.ariaSort = order === 1 ? "ascending" : "descending";
    const key = (row) => {
      const cell = row.cells[heading.cellIndex];
      return cell.dataset.sort === undefined ? cell.textContent.toLowerCase() : Number(cell.dataset.sort);
    };
    const rows = [...body.rows].map((row) => [key(row), row]);
    rows.sort(([a], [b]) => (a < b ? -order : a > b ? order : 0));
    body.append(...rows.map(([, row]) => row));
  });
}
// Searching: rows without the text are hidden, and it is said how many are left.
for (const input of document.querySelectorAll("input[data-table]")) {
  const rows = document.getElementById(input.dataset.table).tBodies[0].rows;
  const status = input.parentNode.querySelector("output");
  input.addEventListener("input", () => {
    const wanted = input.value.toLowerCase();
    let left = 0;
    for (const row of rows) {
      row.hidden = !row.textContent.toLowerCase().includes(wanted);
      left += row.hidden ? 0 : 1;
    }
    status.textContent = wanted === "" ? "" : `${left} of ${rows.length}`;
  });
}
