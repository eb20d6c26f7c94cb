"use strict";
// Two kinds of views of a rig: by an eye that the user rotates, and by each camera.
// World: z up, metres, the subject at the origin in the first frame.
const NEAR_M = 0.02;
const SKY = "#fbfcfe", EARTH = "#eef1f6", INK = "#38445a", AIM = "#c0262d";

const dot = (a, b) => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
const cross = (a, b) => [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
const plus = (a, b, s = 1) => [a[0] + s * b[0], a[1] + s * b[1], a[2] + s * b[2]];

// ---------------------------------------------------------------- poses of a rig
// A pose is six 16-bit numbers: position in units of metres_per_step, rotation vector in units of pi / 32767.
function decoded(entry, frames) {
  const numbers = integers(entry.poses), steps = integers(entry.subject_path || "");
  const cameras = entry.cameras.map((camera, index) => {
    const track = [];
    for (let k = 0; k < frames; k++) {
      const [x, y, z, u, v, w] = numbers.subarray(6 * (index * frames + k), 6 * (index * frames + k) + 6);
      track.push({ p: [x, y, z].map((n) => n * entry.metres_per_step), ...turned([u, v, w].map((n) => (n * Math.PI) / 32767)) });
    }
    return { ...camera, track };
  });
  // The subject point in each frame; empty if it does not move.
  const subject = Array.from({ length: steps.length / 3 }, (_, k) => [...steps.subarray(3 * k, 3 * k + 3)].map((n) => n * entry.metres_per_step));
  const far = Math.max(...cameras.flatMap((c) => c.track.map((t) => Math.hypot(...t.p))), 0.5);
  return { ...entry, cameras, subject, far, ground: entry.ground_m - entry.subject_m[2] };
}
const integers = (text) => new Int16Array(Uint8Array.from(atob(text), (c) => c.charCodeAt(0)).buffer);
const subjectAt = (rig, frame) => rig.subject[frame] || [0, 0, 0];
// The camera axes of a rotation vector (Rodrigues).
function turned(v) {
  const angle = Math.hypot(...v), axis = angle > 1e-9 ? v.map((n) => n / angle) : [0, 0, 1];
  const [s, c] = [Math.sin(angle), Math.cos(angle)];
  const turn = (e) => plus(plus(e.map((n) => n * c), cross(axis, e), s), axis, dot(axis, e) * (1 - c));
  return { right: turn([1, 0, 0]), down: turn([0, 1, 0]), ahead: turn([0, 0, 1]) };
}

// ---------------------------------------------------------------- projection
// A view: its position, its three axes, and the size and focal length of its image in pixels.
function seen(view, p) {
  const d = plus(p, view.at, -1);
  return [dot(d, view.right), dot(d, view.down), dot(d, view.ahead)];
}
const flat = (view, [x, y, z]) => [view.width / 2 + (view.focal * x) / z, view.height / 2 + (view.focal * y) / z, z];
const depth = (view, p) => Math.max(seen(view, p)[2], NEAR_M);
function line(view, a, b, colour, thick, alpha = 1) {
  let [p, q] = [seen(view, a), seen(view, b)];
  if (p[2] < NEAR_M && q[2] < NEAR_M) return;
  if (p[2] < NEAR_M || q[2] < NEAR_M) {
    const cut = plus(p, plus(q, p, -1), (NEAR_M - p[2]) / (q[2] - p[2]));
    if (p[2] < NEAR_M) p = cut; else q = cut;
  }
  const { pen } = view, [[x, y], [u, v]] = [flat(view, p), flat(view, q)];
  pen.globalAlpha = alpha; pen.strokeStyle = colour; pen.lineWidth = thick;
  pen.beginPath(); pen.moveTo(x, y); pen.lineTo(u, v); pen.stroke();
  pen.globalAlpha = 1;
}
function area(view, points, fill, alpha) {
  const at = points.map((p) => seen(view, p));
  if (at.some((p) => p[2] < NEAR_M)) return;
  polygon(view.pen, at.map((p) => flat(view, p)), fill, alpha);
}
function polygon(pen, points, fill, alpha) {
  pen.globalAlpha = alpha; pen.fillStyle = fill; pen.beginPath();
  points.forEach(([x, y], i) => (i ? pen.lineTo(x, y) : pen.moveTo(x, y)));
  pen.closePath(); pen.fill(); pen.globalAlpha = 1;
}

// ---------------------------------------------------------------- the world
// A person if the subject's height allows one, otherwise a pole; the cross is the subject point.
function drawSubject(view, rig, aimFraction, frame) {
  const tall = rig.subject_height_m || (aimFraction > 0 ? -rig.ground / aimFraction : 0), z = rig.ground, point = subjectAt(rig, frame);
  if (tall > 0.5 && tall < 3.5) {
    const at = ([x, h]) => [point[0] + x * tall, point[1], z + h * tall];
    const thick = (w) => Math.max(1, (w * tall * view.focal) / depth(view, point));
    view.pen.lineCap = "round";
    const limbs = [
      [-.06, 0, -.05, .48, .06], [.06, 0, .05, .48, .06], [0, .52, 0, .76, .15],
      [-.11, .78, -.15, .46, .045], [.11, .78, .15, .46, .045], [0, .91, 0, .935, .125],
    ];
    for (const [x, h, u, v, w] of limbs) line(view, at([x, h]), at([u, v]), INK, thick(w));
  } else line(view, [point[0], point[1], z], point, INK, 1.5, 0.6);
}
// The path of a subject that moves, in the air and on the ground.
function drawSubjectPath(view, rig, frame) {
  for (let k = 1; k < rig.subject.length; k++) {
    const [a, b] = [rig.subject[k - 1], rig.subject[k]];
    line(view, [a[0], a[1], rig.ground], [b[0], b[1], rig.ground], AIM, 2, 0.25);
    line(view, a, b, AIM, k <= frame ? 2.4 : 1.2, k <= frame ? 0.9 : 0.5);
  }
}
function drawAim(view, size, point) {
  const p = seen(view, point);
  if (p[2] < NEAR_M) return;
  const [x, y] = flat(view, p), { pen } = view;
  for (const [colour, thick] of [["#fff", size * 0.8], [AIM, size * 0.4]]) {
    pen.strokeStyle = colour; pen.lineWidth = thick;
    pen.beginPath(); pen.moveTo(x - size, y); pen.lineTo(x + size, y); pen.moveTo(x, y - size); pen.lineTo(x, y + size); pen.stroke();
  }
}
function gridOf(rig) {
  const step = rig.far > 14 ? 5 : 1, reach = Math.ceil((rig.far * 1.25 + 1) / step) * step;
  return { step, reach, ox: rig.subject_m[0] % step, oy: rig.subject_m[1] % step };
}
function drawGround(view, rig) {
  const { step, reach, ox, oy } = gridOf(rig), z = rig.ground;
  for (let i = -reach; i <= reach; i += step) {
    for (let j = -reach; j < reach; j += step) {
      const alpha = 0.9 * Math.max(0, 1 - Math.hypot(i, j + step / 2) / reach);
      if (alpha <= 0) continue;
      line(view, [i - ox, j - oy, z], [i - ox, j + step - oy, z], "#b4bfce", 1, alpha);
      line(view, [j - ox, i - oy, z], [j + step - ox, i - oy, z], "#b4bfce", 1, alpha);
    }
  }
}
function drawRing(view, radius, z) {
  const at = (k) => [radius * Math.cos((k * Math.PI) / 36), radius * Math.sin((k * Math.PI) / 36), z];
  for (let k = 0; k < 72; k++) line(view, at(k), at(k + 1), "#a9b6c9", 1, 0.7);
}

// ---------------------------------------------------------------- cameras
const weight = (view, p, thick) => thick * Math.min(1.6, Math.max(0.55, view.away / depth(view, p)));
function drawPath(view, rig, camera, colour, frame, state) {
  const track = camera.track;
  for (let k = 1; k < track.length; k++) {
    const [a, b] = [track[k - 1].p, track[k].p];
    if (a[0] === b[0] && a[1] === b[1] && a[2] === b[2]) continue;
    const done = k <= frame, strong = state === "chosen" ? 1.7 : 1;
    line(view, [a[0], a[1], rig.ground], [b[0], b[1], rig.ground], colour, 2 * strong, state === "muted" ? 0.04 : 0.17 * strong);
    line(view, a, b, colour, weight(view, b, done ? 3 : 1.6) * strong, state === "muted" ? 0.14 : done ? 1 : 0.5);
  }
}
function drawFrustum(view, rig, camera, colour, frame, state) {
  const pose = camera.track[frame], alpha = state === "muted" ? 0.16 : 1, strong = state === "chosen" ? 1.6 : 1;
  const long = Math.min(0.16 * rig.far + 0.1, 0.07 * view.away), [tx, ty] = [rig.half_width * long, rig.half_height * long];
  const middle = plus(pose.p, pose.ahead, long);
  const corner = (sx, sy) => plus(plus(middle, pose.right, sx * tx), pose.down, sy * ty);
  const at = [corner(-1, -1), corner(1, -1), corner(1, 1), corner(-1, 1)];
  line(view, pose.p, [pose.p[0], pose.p[1], rig.ground], colour, 1, state === "muted" ? 0.06 : 0.35);
  for (let k = 0; k < 4; k++) area(view, [pose.p, at[k], at[(k + 1) % 4]], colour, 0.1 * alpha * strong);
  area(view, at, colour, 0.16 * alpha * strong);
  for (let k = 0; k < 4; k++) {
    line(view, pose.p, at[k], colour, weight(view, pose.p, 1.4) * strong, alpha);
    line(view, at[k], at[(k + 1) % 4], colour, weight(view, pose.p, 1.4) * strong, alpha);
  }
  area(view, [corner(-0.4, -1.08), corner(0.4, -1.08), plus(middle, pose.down, -1.45 * ty)], colour, 0.9 * alpha);
}
function drawLabels(view, tags) {
  const { pen } = view, placed = [];
  pen.font = "600 11px system-ui, sans-serif"; pen.textBaseline = "middle"; pen.textAlign = "center";
  for (const { p, name, colour } of tags) {
    const at = seen(view, p);
    if (at[2] < NEAR_M) continue;
    const [x, from] = flat(view, at), half = 5 + pen.measureText(name).width / 2;
    let y = from - 18;
    while (placed.some(([u, v, w]) => Math.abs(u - x) < w + half + 2 && Math.abs(v - y) < 17)) y -= 17;
    placed.push([x, y, half]);
    pen.strokeStyle = colour; pen.lineWidth = 1; pen.globalAlpha = 0.6;
    pen.beginPath(); pen.moveTo(x, from); pen.lineTo(x, y + 8); pen.stroke(); pen.globalAlpha = 1;
    pen.fillStyle = colour; pen.beginPath(); pen.roundRect(x - half, y - 8, 2 * half, 16, 5); pen.fill();
    pen.fillStyle = "#fff"; pen.fillText(name, x, y + 0.5);
  }
}

// ---------------------------------------------------------------- the view of a camera
function drawFinder(pen, width, height, rig, camera, frame, aimFraction) {
  const pose = camera.track[frame];
  const view = { pen, width, height, at: pose.p, right: pose.right, down: pose.down, ahead: pose.ahead };
  view.focal = width / 2 / rig.half_width;
  pen.fillStyle = SKY; pen.fillRect(0, 0, width, height);
  const earth = belowHorizon(view);
  if (earth.length > 2) polygon(pen, earth, EARTH, 1);
  const { step, reach, ox, oy } = gridOf(rig), z = rig.ground;
  for (let i = -reach; i <= reach; i += step) {
    line(view, [i - ox, -reach, z], [i - ox, reach, z], "#c5cedb", 0.8);
    line(view, [-reach, i - oy, z], [reach, i - oy, z], "#c5cedb", 0.8);
  }
  if (!rig.is_placed) return;
  const point = subjectAt(rig, frame);
  if (depth(view, point) > NEAR_M) drawSubject(view, rig, aimFraction, frame);
  drawAim(view, 3, point);
}
// Outline of the part of an image below the horizon.
function belowHorizon(view) {
  const { width, height, focal } = view;
  const rise = ([x, y]) => view.right[2] * (x - width / 2) + view.down[2] * (y - height / 2) + view.ahead[2] * focal;
  const corners = [[0, 0], [width, 0], [width, height], [0, height]], kept = [];
  corners.forEach((a, k) => {
    const b = corners[(k + 1) % 4], [u, v] = [rise(a), rise(b)];
    if (u < 0) kept.push(a);
    if (u < 0 !== v < 0) kept.push([0, 1].map((i) => a[i] + ((b[i] - a[i]) * u) / (u - v)));
  });
  return kept;
}
