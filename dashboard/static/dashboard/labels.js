// Places names on a drawn scatter chart: greedily, best first; a name that fits nowhere is left out, never shrunk.
// dashboard/charts/labels.py does the same on the server with estimated widths.
(() => {
  "use strict";
  const pen = document.createElement("canvas").getContext("2d");

  const overlap = (a, b) => a[0] < b[2] && a[2] > b[0] && a[1] < b[3] && a[3] > b[1];

  const distance = (box, p) =>
    Math.hypot(Math.max(box[0] - p.x, p.x - box[2], 0), Math.max(box[1] - p.y, p.y - box[3], 0));

  const offsets = (w, h, onFrontier) =>
    onFrontier
      ? [[-w / 2, -h - 9], [-w - 10, -h - 3], [10, -h - 4], [-w - 12, -h / 2], [12, 6], [-w / 2, 10]]
      : [[12, -h / 2], [-w - 12, -h / 2], [-w / 2, 10], [-w / 2, -h - 10], [9, 6], [9, -h - 6], [-w - 9, 6], [-w - 9, -h - 6]];

  // points: [{x, y, name, weight, frontier}] in pixels; lines: boxes that no name may cross.
  const place = (points, lines, width, height, size, family) => {
    const taken = points.map((p) => [p.x - 7, p.y - 7, p.x + 7, p.y + 7]);
    const placed = [];
    for (const point of [...points].filter((p) => p.wanted).sort((a, b) => b.weight - a.weight)) {
      pen.font = `${point.big ? 600 : 400} ${size}px ${family}`;
      const w = pen.measureText(point.name).width + 4;
      const h = size + 4;
      const free = offsets(w, h, point.frontier)
        .map(([dx, dy]) => ({ dx, dy, box: [point.x + dx, point.y + dy, point.x + dx + w, point.y + dy + h] }))
        .filter(({ box }) => box[0] >= 2 && box[1] >= 2 && box[2] <= width - 2 && box[3] <= height - 2)
        .filter(({ box }) => !taken.some((other) => overlap(box, other)) && !lines.some((other) => overlap(box, other)));
      // A name stands nearer to its own mark than to any other, a big one at least than to other big ones.
      const rivals = ({ box }) => points.filter((p) => distance(box, p) < distance(box, point));
      const own = free.find((each) => !rivals(each).length);
      const found = own ?? (point.big ? free.find((each) => !rivals(each).some((p) => p.big)) : undefined);
      if (!found) continue;
      taken.push([found.box[0] - 2, found.box[1] - 1, found.box[2] + 2, found.box[3] + 1]);
      placed.push({ point, dx: found.dx + 1, dy: found.dy });
    }
    return placed;
  };

  window.placeLabels = place;
})();
