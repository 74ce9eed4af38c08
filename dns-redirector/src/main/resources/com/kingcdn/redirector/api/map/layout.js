// Where marks and their names stand, so that none hides another. Pure: all lengths are of the picture's units.

const ROUNDS = 100;

/**
 * Moves points apart until no two are nearer to each other than that, each as little as it takes; those that are at one place go round it.
 * At most as many as a picture has room for: with more they are as far from each other as could be had.
 */
export function spread(points, least, width, height) {
  const moved = points.map(([x, y]) => [x, y]);
  const within = (value, most) => Math.max(least / 2, Math.min(most - least / 2, value));
  for (let round = 0, close = true; close && round < ROUNDS; round++) {
    close = false;
    for (let i = 0; i < moved.length; i++) {
      for (let j = i + 1; j < moved.length; j++) {
        const a = moved[i], b = moved[j];
        const distance = Math.hypot(b[0] - a[0], b[1] - a[1]);
        if (distance >= least - 0.01) {
          continue;
        }
        close = true;
        const angle = distance > 0.01 ? Math.atan2(b[1] - a[1], b[0] - a[0]) : 2.4 * j;
        const step = (least - distance) / 2;
        a[0] = within(a[0] - step * Math.cos(angle), width);
        a[1] = within(a[1] - step * Math.sin(angle), height);
        b[0] = within(b[0] + step * Math.cos(angle), width);
        b[1] = within(b[1] + step * Math.sin(angle), height);
      }
    }
  }
  return moved;
}

/** Of a name beside a mark at 0 0 with a radius of 10: its baseline, and where on it that point is. The first that is free is taken. */
const SPOTS = [
  {x: 0, y: -14, anchor: 'middle'}, {x: 0, y: 24, anchor: 'middle'}, {x: 14, y: 5, anchor: 'start'}, {x: -14, y: 5, anchor: 'end'},
  {x: 10, y: -9, anchor: 'start'}, {x: -10, y: -9, anchor: 'end'}, {x: 10, y: 19, anchor: 'start'}, {x: -10, y: 19, anchor: 'end'},
];
const RADIUS = 10, ASCENT = 12, DESCENT = 4;

/** The box of a name: left, top, right, bottom. */
export function nameBox({x, y, width}, spot, scale) {
  const from = spot.anchor === 'start' ? 0 : spot.anchor === 'end' ? -width : -width / 2;
  return [x + scale * (spot.x + from), y + scale * (spot.y - ASCENT), x + scale * (spot.x + from + width), y + scale * (spot.y + DESCENT)];
}

function common(a, b) {
  return Math.max(0, Math.min(a[2], b[2]) - Math.max(a[0], b[0])) * Math.max(0, Math.min(a[3], b[3]) - Math.max(a[1], b[1]));
}

/**
 * A spot for the name of each mark: where it covers no other mark and no other name, nor leaves the picture; else where it does least.
 *
 * @param marks each with x, y, and the width of its name before it is scaled
 */
export function nameSpots(marks, scale, width, height) {
  const discs = marks.map(({x, y}) => [x - scale * RADIUS, y - scale * RADIUS, x + scale * RADIUS, y + scale * RADIUS]);
  const area = box => (box[2] - box[0]) * (box[3] - box[1]);
  const boxes = [], spots = [];
  const choose = (mark, i) => {
    let least = Infinity;
    for (const spot of SPOTS) {
      const box = nameBox(mark, spot, scale);
      let covered = area(box) - common(box, [0, 0, width, height]);
      for (let j = 0; j < marks.length && covered < least; j++) {
        covered += j === i ? 0 : common(box, discs[j]) + (boxes[j] === undefined ? 0 : common(box, boxes[j]));
      }
      if (covered < least) {
        [least, spots[i], boxes[i]] = [covered, spot, box];
      }
    }
  };
  // once more, since the first ones did not know of the others
  marks.forEach(choose);
  marks.forEach(choose);
  return spots;
}
