// What the browser knows about a page and the tests ask for. Runs before the page's own scripts; changes nothing
// until `stretched` is asked for.
{
  const visible = (e) => e.checkVisibility({ visibilityProperty: true }) && e.getBoundingClientRect().width > 1;
  const short = (e) => e.outerHTML.slice(0, 140).replace(/\s+/g, " ");
  const TARGETS =
    "button, select, textarea, summary, .btn, .toggle, .seg label, nav a, header a, label:has(> [type=checkbox]), " +
    "input:not([type=radio], [type=checkbox], [type=hidden], [type=range])";
  const FOCUSABLE = "a[href], button, select, textarea, summary, input:not([type=hidden]), [tabindex='0']";

  const seen = (window.seen = {
    shift: 0,
    moved: [],
    violations: [],

    settled: () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done, 80)))),

    structure(phone, bare) {
      const wrong = [...seen.sideways()];
      if (!bare) {
        if (document.querySelectorAll("h1").length !== 1) wrong.push(`has ${document.querySelectorAll("h1").length} h1`);
        if (document.querySelectorAll("main, [role=main]").length !== 1) wrong.push("has not one main");
        if (!document.querySelector("header, [role=banner]")) wrong.push("has no banner");
        const skip = document.querySelector("a[href^='#']");
        const first = [...document.querySelectorAll(FOCUSABLE)].find((e) => e.checkVisibility());
        if (!skip || skip !== first) wrong.push(`the first stop is no skip link: ${first && short(first)}`);
        else if (!document.getElementById(skip.hash.slice(1))) wrong.push(`the skip link leads nowhere: ${skip.hash}`);
      }
      if (phone) {
        for (const e of document.querySelectorAll(TARGETS)) {
          // The border of a group of choices is part of each.
          const box = { width: e.getBoundingClientRect().width, height: (e.closest(".seg") ?? e).getBoundingClientRect().height };
          const inText = e.matches("a") && e.closest("p, td, li:not(nav li), dd") && !e.matches(".btn, .toggle");
          if (visible(e) && !inText && !e.matches(".skip, .about") && (box.height < 43.5 || box.width < 43.5))
            wrong.push(`too small (${box.width.toFixed()}x${box.height.toFixed()}): ${short(e)}`);
        }
      }
      return [...wrong, ...seen.unfocused()];
    },

    // Every kind of stop shows where the keyboard is.
    unfocused() {
      const kinds = new Map();
      for (const e of document.querySelectorAll(FOCUSABLE))
        if (visible(e) && !e.disabled) kinds.set(`${e.tagName}.${e.className}.${e.type ?? ""}`, e);
      const wrong = [];
      for (const e of kinds.values()) {
        e.focus({ focusVisible: true, preventScroll: true });
        // A radio button or a box may show its focus on the label around it.
        const shown = [e, e.nextElementSibling, e.closest("label"), e.parentElement].some((each) => {
          if (!each) return false;
          const style = getComputedStyle(each);
          return (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0) || style.boxShadow !== "none";
        });
        if (!shown) wrong.push(`focus is not to be seen on ${short(e)}`);
      }
      document.activeElement?.blur();
      return wrong;
    },

    sideways() {
      const root = document.documentElement;
      const over = root.scrollWidth - root.clientWidth;
      if (over <= 0) return [];
      const out = [...document.querySelectorAll("body *")].filter((e) => {
        const box = e.getBoundingClientRect();
        return visible(e) && (box.right > root.clientWidth + 1 || box.left < -1) && !e.closest(".scroll");
      });
      return [`scrolls sideways by ${over}: ${out.slice(-2).map(short).join(" | ")}`];
    },

    async axe() {
      const { violations } = await axe.run();
      return violations.map((each) => `axe ${each.id}: ${each.nodes.slice(0, 2).map((node) => node.html.slice(0, 150))}`);
    },

    // Right to left, then text 40% larger, then both: nothing leaves the page, no two items of the header touch.
    stretched() {
      const root = document.documentElement;
      const wrong = [];
      for (const [dir, size] of [["rtl", ""], ["ltr", "140%"], ["rtl", "140%"]]) {
        root.dir = dir;
        root.style.fontSize = size;
        for (const words of [...seen.sideways(), ...seen.touching()]) wrong.push(`${dir} ${size}: ${words}`);
      }
      root.removeAttribute("dir");
      root.style.fontSize = "";
      return wrong;
    },

    touching() {
      const items = [...document.querySelectorAll("header a, header button, header input, header select")].filter(visible);
      const boxes = items.map((e) => e.getBoundingClientRect());
      const wrong = [];
      for (let i = 0; i < items.length; i++)
        for (let j = i + 1; j < items.length; j++) {
          const [a, b] = [boxes[i], boxes[j]];
          const wide = Math.min(a.right, b.right) - Math.max(a.left, b.left);
          const high = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
          if (wide > 1 && high > 1 && !items[i].contains(items[j]) && !items[j].contains(items[i]))
            wrong.push(`${short(items[i])} lies over ${short(items[j])}`);
        }
      return wrong;
    },
  });

  addEventListener("securitypolicyviolation", (e) =>
    seen.violations.push(`breaks the policy: ${e.violatedDirective} ${e.blockedURI} ${e.sourceFile}:${e.lineNumber}`),
  );
  new PerformanceObserver((list) => {
    for (const each of list.getEntries()) {
      if (each.hadRecentInput) continue;
      seen.shift += each.value;
      seen.moved.push(...each.sources.map((source) => (source.node?.outerHTML ?? "?").slice(0, 80)));
    }
  }).observe({ type: "layout-shift", buffered: true });
}
