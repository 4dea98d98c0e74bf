// What every page needs: theme toggle, shortcuts, sortable tables, copy link, local times. Each works on its own.
(() => {
  "use strict";
  const root = document.documentElement;

  document.addEventListener("click", (event) => {
    const toggle = event.target.closest("#theme");
    if (!toggle) return;
    const system = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
    root.dataset.theme = (root.dataset.theme || system) === "dark" ? "light" : "dark";
    try {
      localStorage.setItem("theme", root.dataset.theme);
    } catch {
      // Not remembered, still switched.
    }
    document.dispatchEvent(new Event("themechange"));
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () =>
    document.dispatchEvent(new Event("themechange")),
  );

  // The menu of further places closes with Escape, and when the focus or a click goes elsewhere.
  const further = document.getElementById("further");
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !further?.open || !further.contains(document.activeElement)) return;
    further.open = false;
    further.querySelector("summary").focus();
  });
  ["click", "focusin"].forEach((kind) =>
    document.addEventListener(kind, (event) => {
      if (further?.open && !further.contains(event.target)) further.open = false;
    }),
  );

  const shortcuts = document.getElementById("shortcuts");
  document.addEventListener("keydown", (event) => {
    const inField = event.target.closest("input, textarea, select, [contenteditable], dialog");
    if (inField || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "/") document.getElementById("search").focus();
    else if (event.key === "?" && shortcuts) shortcuts.showModal();
    else return;
    event.preventDefault();
  });
  document.addEventListener("click", (event) => {
    if (shortcuts && event.target.closest("[data-shortcuts]")) shortcuts.showModal();
  });

  document.addEventListener("click", async (event) => {
    const link = event.target.closest("a[data-copy]");
    if (!link || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    const said = document.getElementById("said");
    try {
      await navigator.clipboard.writeText(link.href);
      if (said) said.textContent = "Link copied.";
      link.textContent = "Copied";
      setTimeout(() => (link.textContent = "Link"), 1500);
    } catch {
      if (said) said.textContent = "The link could not be copied; it is in the address bar.";
    }
  });

  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy-text]");
    if (!button) return;
    const text = document.getElementById(button.dataset.copyText);
    try {
      await navigator.clipboard.writeText(text.textContent);
      button.textContent = "Copied";
    } catch {
      getSelection().selectAllChildren(text); // the reader's own keys can copy it now
    }
  });

  // Sorting: cells carry data-v; unknown ones (empty) stay last in both directions.
  const value = (row, column) => {
    const cell = row.cells[column];
    return cell.dataset.v === undefined ? cell.textContent.trim() : cell.dataset.v;
  };
  const compare = (a, b, direction) => {
    if (a === "" || b === "") return (a === "") - (b === "");
    const x = Number(a);
    const y = Number(b);
    const order = Number.isNaN(x) || Number.isNaN(y) ? a.localeCompare(b) : x - y;
    return order * direction;
  };
  const prepare = (table) => {
    table.querySelectorAll("thead th[data-sort]").forEach((head) => {
      const button = document.createElement("button");
      button.type = "button";
      button.append(...[...head.childNodes].filter((node) => !node.matches?.(".explain, .explained")));
      head.prepend(button);
      head.classList.add("sortable");
    });
  };
  const sort = (head) => {
    const table = head.closest("table");
    const column = head.cellIndex;
    const was = head.getAttribute("aria-sort");
    const direction = was ? (was === "ascending" ? -1 : 1) : head.dataset.sort === "down" ? -1 : 1;
    table.querySelectorAll("thead th[aria-sort]").forEach((other) => other.removeAttribute("aria-sort"));
    head.setAttribute("aria-sort", direction > 0 ? "ascending" : "descending");
    const body = table.tBodies[0];
    const rows = [...body.rows].sort((a, b) => compare(value(a, column), value(b, column), direction));
    body.append(...rows);
  };
  document.addEventListener("click", (event) => {
    const head = event.target.closest("thead th[data-sort]");
    if (head && !event.target.closest(".explain, .explained")) sort(head);
  });

  const prepareAll = (scope) => {
    scope.querySelectorAll("table[data-sortable]").forEach(prepare);
    scope.querySelectorAll("time[data-local]").forEach((time) => {
      time.title = new Date(time.dateTime).toLocaleString();
    });
  };
  document.addEventListener("viewchange", (event) => prepareAll(event.target));
  prepareAll(document);
})();
