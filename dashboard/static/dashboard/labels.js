// Places names on a drawn scatter chart: greedily, the heaviest first; a name that fits nowhere is left out, never
// shrunk. A big mark whose name fits nowhere near has it further away, with a line that leads to the mark; a pinned one
// is always named. dashboard/charts/labels.py does the same on the server with estimated widths, and says why.
(() => {
  "use strict";
  const LEAD = 5;
  const ASIDE = 0.6;
  const TURNS = [-135, -90, -112, -158, -45, 180, 45, 135, 20, 90, -20, 160].map((turn) => (turn * Math.PI) / 180);
  const LEADERS = [16, 26, 38, 52, 70, 90, 115, 140];
  const LONGEST = 70;
  const pen = document.createElement("canvas").getContext("2d");

  const overlap = (a, b) => a[0] < b[2] && a[2] > b[0] && a[1] < b[3] && a[3] > b[1];

  const nearness = (box, p) =>
    Math.hypot(ASIDE * Math.max(box[0] - p.x, p.x - box[2], 0), Math.max(box[1] - p.y, p.y - box[3], 0));

  const isOwn = (box, point, points) => {
    const least = nearness(box, point) + LEAD;
    return points.every((other) => other === point || nearness(box, other) >= least);
  };

  const beside = (p, w, h) => {
    const r = p.reach;
    const corners = p.frontier
      ? [[-w / 2, -h - r - 2], [-w - r - 3, -h - 3], [r + 3, -h - 4], [-w - r - 5, -h / 2], [r + 5, 6], [-w / 2, r + 3]]
      : [
          [r + 5, -h / 2], [-w - r - 5, -h / 2], [-w / 2, r + 3], [-w / 2, -h - r - 3],
          [r + 2, r - 1], [r + 2, -h - r + 1], [-w - r - 2, r - 1], [-w - r - 2, -h - r + 1],
        ];
    return corners.map(([dx, dy]) => [p.x + dx, p.y + dy, p.x + dx + w, p.y + dy + h]);
  };

  const apart = (p, w, h) => {
    const start = p.reach + 1;
    return LEADERS.flatMap((length) =>
      TURNS.map((turn) => {
        const right = Math.cos(turn);
        const down = Math.sin(turn);
        const x = p.x + (start + length) * right;
        const y = p.y + (start + length) * down;
        const left = right > 0.3 ? x : right < -0.3 ? x - w : x - w / 2;
        const top = down > 0.5 ? y : down < -0.5 ? y - h : y - h / 2;
        return { length, box: [left, top, left + w, top + h], leader: [p.x + start * right, p.y + start * down, x, y] };
      }),
    );
  };

  const crosses = ([x1, y1, x2, y2], box) => {
    if (Math.max(x1, x2) <= box[0] || Math.min(x1, x2) >= box[2]) return false;
    if (Math.max(y1, y2) <= box[1] || Math.min(y1, y2) >= box[3]) return false;
    let first = 0;
    let last = 1;
    for (const [from, way, low, high] of [[x1, x2 - x1, box[0], box[2]], [y1, y2 - y1, box[1], box[3]]]) {
      if (Math.abs(way) < 1e-9) continue;
      const ends = [(low - from) / way, (high - from) / way];
      first = Math.max(first, Math.min(...ends));
      last = Math.min(last, Math.max(...ends));
    }
    return first < last;
  };

  const side = (line, x, y) => (line[2] - line[0]) * (y - line[1]) - (line[3] - line[1]) * (x - line[0]);
  const meet = (a, b) =>
    side(a, b[0], b[1]) * side(a, b[2], b[3]) < 0 && side(b, a[0], a[1]) * side(b, a[2], a[3]) < 0;

  // points: [{x, y, reach, name, weight, frontier, big, pinned, wanted}] in pixels; lines: boxes that no name crosses.
  const place = (points, lines, width, height, size, family) => {
    const marks = points.map((p) => [p.x - p.reach, p.y - p.reach, p.x + p.reach, p.y + p.reach]);
    const names = [];
    const leaders = [];
    const placed = [];
    const isFree = (box) =>
      box[0] >= 2 && box[1] >= 2 && box[2] <= width - 2 && box[3] <= height - 2 &&
      !names.some((name) => overlap(box, name)) &&
      !leaders.some((leader) => crosses(leader, box));
    const isClear = (box) => !marks.some((mark) => overlap(box, mark));
    const isOffLines = (box) => !lines.some((line) => overlap(box, line));

    const placeFor = (point, w, h) => {
      const near = beside(point, w, h).find(
        (box) => isFree(box) && isClear(box) && isOffLines(box) && isOwn(box, point, points),
      );
      if (near || !point.big) return near && { box: near };
      const own = points.indexOf(point);
      const free = apart(point, w, h).filter(
        ({ box, leader }) =>
          isFree(box) &&
          !names.some((name) => crosses(leader, name)) &&
          !leaders.some((other) => meet(leader, other)),
      );
      const clear = free.filter(
        ({ box, leader, length }) =>
          (point.pinned || length <= LONGEST) &&
          isClear(box) &&
          !marks.some((mark, i) => i !== own && crosses(leader, mark)),
      );
      const found = clear.find(({ box }) => isOffLines(box));
      return found ?? (point.pinned ? (clear[0] ?? free[0]) : undefined);
    };

    for (const point of points.filter((p) => p.wanted).sort((a, b) => b.weight - a.weight)) {
      pen.font = `${point.big ? 600 : 400} ${size}px ${family}`;
      const found = placeFor(point, pen.measureText(point.name).width + 4, size + 4);
      if (!found) continue;
      const { box, leader } = found;
      names.push([box[0] - 2, box[1] - 1, box[2] + 2, box[3] + 1]);
      if (leader) leaders.push(leader);
      placed.push({
        point,
        dx: box[0] - point.x + 1,
        dy: box[1] - point.y,
        leader: leader && [leader[0] - point.x, leader[1] - point.y, leader[2] - point.x, leader[3] - point.y],
      });
    }
    return placed;
  };

  window.placeLabels = place;
})();
