// Tells the page around the frame how high the chart is, so that it needs no scroll bar.
(() => {
  "use strict";
  const tell = () => parent.postMessage({ source: "capability-per-dollar", height: document.body.scrollHeight }, "*");
  addEventListener("load", tell);
  addEventListener("resize", tell);
})();
