(() => {
  "use strict";
  const table = document.getElementById("table");
  if (!table) return;
  const body = table.tBodies[0];
  const rows = [...body.rows];
  const details = [...document.querySelectorAll(".details details")];
  const form = document.getElementById("filter");
  const words = document.getElementById("words");
  const state = document.getElementById("state");
  const count = document.getElementById("count");
  const known = (status) => ["passed", "failed", "error", "cancelled"].includes(status);
  const texts = rows.map((row, i) => (row.textContent + " " + (details[i] ? details[i].textContent : "")).toLowerCase());
  const apply = () => {
    const wanted = words.value.trim().toLowerCase();
    let shown = 0;
    rows.forEach((row, i) => {
      const status = known(row.dataset.status) ? row.dataset.status : "unfinished";
      const fits = (!state.value || state.value === status) && (!wanted || texts[i].includes(wanted));
      row.hidden = !fits;
      if (details[i]) details[i].hidden = !fits;
      if (fits) shown += 1;
    });
    count.textContent = shown === rows.length ? "" : shown + " of " + rows.length;
  };
  form.hidden = false;
  form.addEventListener("submit", (event) => event.preventDefault());
  words.addEventListener("input", apply);
  state.addEventListener("change", apply);
  const value = (row, at, kind) => {
    const cell = row.cells[at];
    const text = cell.dataset.value === undefined ? cell.textContent : cell.dataset.value;
    if (kind === "t") return text.toLowerCase();
    return text === "" ? Infinity : Number(text);
  };
  [...table.tHead.rows[0].cells].forEach((head, at) => {
    const kind = head.dataset.sort;
    if (!kind) return;
    head.tabIndex = 0;
    head.setAttribute("role", "columnheader");
    const sort = () => {
      const up = head.getAttribute("aria-sort") !== "ascending";
      for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", up ? "ascending" : "descending");
      const order = [...body.rows].sort((a, b) => {
        const [x, y] = [value(a, at, kind), value(b, at, kind)];
        return (x < y ? -1 : x > y ? 1 : 0) * (up ? 1 : -1);
      });
      body.append(...order);
    };
    head.addEventListener("click", sort);
    head.addEventListener("keydown", (event) => {
      if (event.key === "Enter" || event.key === " ") {
        event.preventDefault();
        sort();
      }
    });
  });
})();
