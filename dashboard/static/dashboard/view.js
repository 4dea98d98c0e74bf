// Filters without a full page load: fetch the page that the form asks for and swap the part named by data-swap.
// The address changes as if the form had been sent, so reload, back and forward show the same view.
(() => {
  "use strict";
  let busy;

  const show = async (url, id, push) => {
    busy?.abort();
    busy = new AbortController();
    const focused = document.activeElement && document.activeElement.id;
    try {
      const response = await fetch(url, { signal: busy.signal });
      const page = new DOMParser().parseFromString(await response.text(), "text/html");
      const fresh = page.getElementById(id);
      if (!fresh) throw new Error("no such part");
      if (push) history.pushState({ swap: id }, "", url);
      document.title = page.title;
      document.getElementById("left-aside")?.remove(); // the new address has no such parameter
      page.querySelectorAll('script[type="application/json"]').forEach((data) => {
        document.getElementById(data.id)?.replaceWith(document.importNode(data, true));
      });
      const open = [...document.querySelectorAll(`#${id} details[id][open]`)].map((details) => details.id);
      document.getElementById(id).replaceWith(document.importNode(fresh, true));
      const part = document.getElementById(id);
      open.forEach((each) => document.getElementById(each)?.setAttribute("open", ""));
      part.dispatchEvent(new Event("viewchange", { bubbles: true }));
      if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
    } catch (error) {
      if (error.name !== "AbortError") location.assign(url);
    }
  };

  const address = (form) => {
    const url = new URL(form.action, location.href);
    const values = new URLSearchParams(new FormData(form));
    // Defaults stay out of the address.
    for (const [name, value] of [...values]) {
      const control = form.querySelector(`[name="${name}"]`);
      if (!value || control.dataset.default === value) values.delete(name);
    }
    url.search = values.toString().replaceAll("%3A", ":").replaceAll("%2C", ",");
    return url;
  };

  document.addEventListener("submit", (event) => {
    const form = event.target.closest("form[data-swap]");
    if (!form) return;
    event.preventDefault();
    show(address(form), form.dataset.swap, true);
  });
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-swap]");
    if (!link || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    show(link.href, link.dataset.swap, true);
  });
  document.addEventListener("change", (event) => {
    const form = event.target.closest("form[data-swap]");
    if (form) form.requestSubmit();
  });
  addEventListener("popstate", () => {
    const part = document.querySelector("[data-view]");
    if (part) show(location.href, part.id, false);
  });
})();
