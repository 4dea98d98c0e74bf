// Keeps [data-live] current: asks every 2 s while the page is seen, every 15 s while it is hidden, until the run ends.
// At the end every other part that spoke of the run under way, [data-at-end], is taken from the page as it is then.
// After a failure the last state stays, with its age; without script a reload does the same.
(() => {
  "use strict";
  const part = document.querySelector("[data-live]");
  if (!part || "liveDone" in part.dataset) return;
  const said = document.getElementById("said");
  let seen = "first";
  let spokenAt = 0;
  let failures = 0;
  let goodAt = Date.now();

  const wait = () => (document.hidden ? 15000 : Math.min(30000, 2000 * 2 ** failures));
  const speak = () => {
    const line = part.querySelector("[data-say]");
    if (!line || !said || Date.now() - spokenAt < 10000) return;
    spokenAt = Date.now();
    said.textContent = line.textContent;
  };
  const finish = async () => {
    const stale = [...document.querySelectorAll("[data-at-end]")];
    if (!stale.length) return;
    const response = await fetch(location.href, { cache: "no-store" });
    if (!response.ok) throw new Error(String(response.status));
    const fresh = new DOMParser().parseFromString(await response.text(), "text/html");
    for (const old of stale) {
      const now = fresh.querySelector(`[data-at-end="${old.dataset.atEnd}"]`);
      // What somebody has opened to read stays open.
      const opened = [...old.querySelectorAll("details")].map((each) => each.open);
      now.querySelectorAll("details").forEach((each, at) => (each.open = Boolean(opened[at])));
      old.replaceWith(document.importNode(now, true));
    }
    document.querySelector("main").dispatchEvent(new Event("viewchange", { bubbles: true }));
  };
  const ask = async () => {
    try {
      const response = await fetch(part.dataset.live, { headers: { "X-Live": seen }, cache: "no-store" });
      if (!response.ok) throw new Error(String(response.status));
      failures = 0;
      goodAt = Date.now();
      part.classList.remove("stale");
      seen = response.headers.get("X-Live") || seen;
      if (response.status === 200) {
        part.innerHTML = await response.text();
        part.dispatchEvent(new Event("viewchange", { bubbles: true }));
        speak();
      }
      if (response.headers.get("X-Live-Done")) {
        await finish();
        spokenAt = 0;
        speak();
        return;
      }
    } catch {
      failures = Math.min(failures + 1, 4);
      part.classList.add("stale");
      part.title = `No news for ${Math.round((Date.now() - goodAt) / 1000)} s; still trying.`;
    }
    setTimeout(ask, wait());
  };
  setTimeout(ask, wait());
})();
