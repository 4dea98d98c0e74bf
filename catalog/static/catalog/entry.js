// Entry forms: save by key, go through the list, and say what the server would say while typing.
document.addEventListener("DOMContentLoaded", () => {
  "use strict";
  const form = document.querySelector(".change-form form[id$='_form']");

  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && event.key.toLowerCase() === "s") {
      const save = document.querySelector("input[name='_save'], input[name='_continue']");
      if (!save) return;
      event.preventDefault();
      save.click();
    }
    if (event.altKey && !event.ctrlKey && (event.key === "ArrowLeft" || event.key === "ArrowRight")) {
      const link = document.querySelector(`a[data-go="${event.key === "ArrowLeft" ? "previous" : "next"}"]`);
      if (!link) return;
      event.preventDefault();
      link.click();
    }
  });

  // What a list cuts off at the end of a cell is read by pointing at it.
  document.querySelectorAll("#result_list td, #result_list tbody th > a").forEach((cell) => {
    const isCut = cell.scrollWidth > cell.clientWidth || cell.scrollHeight > cell.clientHeight + 1;
    if (isCut && !cell.title && !cell.querySelector("[title]")) cell.title = cell.textContent.trim();
  });

  // The chooser of Django's autocomplete has no name of its own while it is empty: it gets its label and its value.
  const name = (select) => {
    const chooser = select.parentElement.querySelector(".select2-selection");
    const text = select.id && document.querySelector(`label[for="${select.id}"]`);
    if (!chooser || !text) return;
    const shown = chooser.querySelector(".select2-selection__rendered");
    if (shown) ["role", "aria-readonly"].forEach((attribute) => shown.removeAttribute(attribute));
    chooser.removeAttribute("aria-labelledby");
    const value = select.selectedOptions[0] ? select.selectedOptions[0].textContent.trim() : "";
    chooser.setAttribute("aria-label", `${text.textContent.replace(/:$/, "").trim()}: ${value || "nothing chosen"}`);
  };
  const nameAll = () => document.querySelectorAll("select.admin-autocomplete").forEach(name);
  window.addEventListener("load", nameAll);
  if (window.django && window.django.jQuery) {
    window.django.jQuery(document).on("change", "select.admin-autocomplete", (event) => name(event.target));
    document.addEventListener("formset:added", () => setTimeout(nameAll));
  }

  const box = document.getElementById("checked");
  if (!form || !box || !document.querySelector("input[name='_save']")) return;

  const touched = new Set();
  const held = (name) => String(new FormData(form).getAll(name));
  const first = new Map([...new FormData(form).keys()].map((name) => [name, held(name)]));
  let timer = 0;
  let asked = 0;

  const label = (name) => {
    const found = form.querySelector(`label[for="id_${name}"], label[for="id_${name}_0"]`);
    return found ? found.textContent.replace(/:$/, "").trim() : "";
  };

  // Fields that nobody has filled in yet are not scolded about; what follows from those that are, is.
  const relevant = (name) => name === "__all__" || name === "reason" || touched.has(name);

  const clear = () => {
    box.replaceChildren();
    box.hidden = true;
    box.removeAttribute("aria-busy");
  };

  const show = (answer) => {
    clear();
    const lines = [];
    for (const [name, sentences] of Object.entries(answer.errors)) {
      if (!relevant(name)) continue;
      for (const sentence of sentences) {
        const plain = new DOMParser().parseFromString(sentence, "text/html").body.textContent;
        lines.push({ bad: true, text: name === "__all__" ? plain : `${label(name) || name}: ${plain}` });
      }
    }
    for (const text of answer.notes) lines.push({ bad: false, text });
    box.replaceChildren(
      ...lines.map(({ bad, text }) => {
        const line = document.createElement("p");
        line.className = bad ? "problem" : "fine";
        line.textContent = text;
        return line;
      }),
    );
    box.hidden = lines.length === 0;
  };

  const check = async () => {
    const mine = ++asked;
    const data = new FormData(form);
    let answer = null;
    try {
      const response = await fetch(box.dataset.url, { method: "POST", body: data, credentials: "same-origin" });
      if (response.ok) answer = await response.json();
    } catch {
      // Said below: without an answer nothing is known about what the form holds now.
    }
    if (mine !== asked) return;
    if (answer) show(answer);
    else clear();
  };

  const later = (event) => {
    const name = (event.target.name || "").replace(/_[01]$/, "");
    if (!name || name.includes("-") || name === "csrfmiddlewaretoken") return;
    // Widgets announce a change when they are made: that is nobody's typing.
    if (!touched.has(name) && held(event.target.name) === (first.get(event.target.name) ?? "")) return;
    touched.add(name);
    clearTimeout(timer);
    asked += 1; // an answer that is under way is about what the form held before
    box.setAttribute("aria-busy", "true");
    timer = setTimeout(check, 400);
  };
  form.addEventListener("input", later);
  form.addEventListener("change", later);
  // Autocomplete and the calendar change fields without an event of the browser's own.
  if (window.django && window.django.jQuery) window.django.jQuery(form).on("change", later);
});
