"use strict";
// Rig browser: a perspective view of one rig on a plain canvas, z up, lengths in metres about the subject.
const page = JSON.parse(document.getElementById("rigs").textContent);
const canvas = document.getElementById("view");
const pen = canvas.getContext("2d");
const slider = document.getElementById("frame");
const BACKGROUND = "#fbfcfe";
const NEAR_M = 0.02;

let rig, frame = 0, chosen = -1, playing = null;
const eye = { turn: -0.9, lift: 0.42, away: 12, aim: [0, 0, 0] };

// ---------------------------------------------------------------- the poses of a rig
function decoded(entry) {
  const bytes = Uint8Array.from(atob(entry.poses), (c) => c.charCodeAt(0));
  const numbers = new Int16Array(bytes.buffer);
  const frames = page.frames, scale = entry.metres_per_step;
  const cameras = entry.cameras.map((camera, index) => {
    const track = [];
    for (let k = 0; k < frames; k++) {
      const triple = (j, unit) => [0, 1, 2].map((i) => numbers[9 * (index * frames + k) + j + i] * unit);
      const right = triple(3, 1 / 32767), ahead = triple(6, 1 / 32767);
      track.push({ p: triple(0, scale), right, ahead, down: cross(ahead, right) });
    }
    return { ...camera, track, colour: page.colours[camera.motion] || "#444" };
  });
  const far = Math.max(...cameras.flatMap((c) => c.track.map((t) => Math.hypot(...t.p))), 0.5);
  return { ...entry, cameras, far, ground: -entry.subject_m[2] };
}

// ---------------------------------------------------------------- projection
let width = 0, height = 0, axes;
function orient() {
  const [st, ct, sl, cl] = [Math.sin(eye.turn), Math.cos(eye.turn), Math.sin(eye.lift), Math.cos(eye.lift)];
  const back = [cl * ct, cl * st, sl];
  axes = { right: [-st, ct, 0], up: [-sl * ct, -sl * st, cl], back, at: eye.aim.map((a, i) => a + eye.away * back[i]) };
}
const dot = (a, b) => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
const cross = (a, b) => [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
const plus = (a, b, s = 1) => [a[0] + s * b[0], a[1] + s * b[1], a[2] + s * b[2]];
function seen(p) {
  const d = plus(p, axes.at, -1);
  return [dot(d, axes.right), dot(d, axes.up), -dot(d, axes.back)];
}
const flat = ([x, y, z]) => { const f = (1.25 * height) / z; return [width / 2 + f * x, height / 2 - f * y, z]; };
function segment(a, b) {
  let [p, q] = [seen(a), seen(b)];
  if (p[2] < NEAR_M && q[2] < NEAR_M) return null;
  if (p[2] < NEAR_M || q[2] < NEAR_M) {
    const t = (NEAR_M - p[2]) / (q[2] - p[2]), cut = plus(p, plus(q, p, -1), t);
    if (p[2] < NEAR_M) p = cut; else q = cut;
  }
  return [flat(p), flat(q)];
}
function line(a, b, colour, thick, alpha = 1) {
  const ends = segment(a, b);
  if (!ends) return;
  pen.globalAlpha = alpha; pen.strokeStyle = colour; pen.lineWidth = thick;
  pen.beginPath(); pen.moveTo(ends[0][0], ends[0][1]); pen.lineTo(ends[1][0], ends[1][1]); pen.stroke();
  pen.globalAlpha = 1;
}
function area(points, fill, alpha) {
  const at = points.map(seen);
  if (at.some((p) => p[2] < NEAR_M)) return;
  pen.globalAlpha = alpha; pen.fillStyle = fill; pen.beginPath();
  at.map(flat).forEach(([x, y], i) => (i ? pen.lineTo(x, y) : pen.moveTo(x, y)));
  pen.closePath(); pen.fill(); pen.globalAlpha = 1;
}
// Lines thin out with depth.
const depth = (p) => Math.max(seen(p)[2], NEAR_M);
const weight = (p, thick) => thick * Math.min(1.6, Math.max(0.55, eye.away / depth(p)));

// ---------------------------------------------------------------- the picture
function drawGround() {
  const step = rig.far > 14 ? 5 : 1, reach = Math.ceil((rig.far * 1.25 + 1) / step) * step, z = rig.ground;
  const [ox, oy] = [rig.subject_m[0] % step, rig.subject_m[1] % step];
  for (let i = -reach; i <= reach; i += step) {
    for (let j = -reach; j < reach; j += step) {
      const fade = (u, v) => 0.9 * Math.max(0, 1 - Math.hypot(u, v) / reach);
      const alpha = fade(i, j + step / 2);
      if (alpha <= 0) continue;
      line([i - ox, j - oy, z], [i - ox, j + step - oy, z], "#b4bfce", 1, alpha);
      line([j - ox, i - oy, z], [j + step - ox, i - oy, z], "#b4bfce", 1, alpha);
    }
  }
  document.getElementById("grid").textContent = `${step} m`;
  const ring = (r, colour) => {
    for (let k = 0; k < 72; k++) {
      const [a, b] = [k, k + 1].map((n) => [r * Math.cos((n * Math.PI) / 36), r * Math.sin((n * Math.PI) / 36), z]);
      line(a, b, colour, 1, 0.7);
    }
  };
  if (rig.cameras.length) ring(Math.hypot(rig.cameras[0].track[0].p[0], rig.cameras[0].track[0].p[1]), "#a9b6c9");
}
function drawSubject() {
  const tall = page.aim_fraction > 0 ? rig.subject_m[2] / page.aim_fraction : 0, z = rig.ground, ink = "#38445a";
  if (tall > 0.5 && tall < 3.5) {
    const at = (x, y, h) => [x * tall, y * tall, z + h * tall];
    const thick = (w) => Math.max(1.5, (w * tall * 1.25 * height) / depth([0, 0, 0]));
    pen.lineCap = "round";
    [[[-.06, 0, 0], [-.05, 0, .48]], [[.06, 0, 0], [.05, 0, .48]]].forEach(([a, b]) => line(at(...a), at(...b), ink, thick(.06)));
    line(at(0, 0, .52), at(0, 0, .76), ink, thick(.15));
    [[[-.11, 0, .78], [-.15, 0, .46]], [[.11, 0, .78], [.15, 0, .46]]].forEach(([a, b]) => line(at(...a), at(...b), ink, thick(.045)));
    line(at(0, 0, .91), at(0, 0, .935), ink, thick(.125));
  } else line([0, 0, z], [0, 0, 0], ink, 1, 0.5);
  const [x, y] = flat(seen([0, 0, 0]));
  pen.strokeStyle = "#fff"; pen.lineWidth = 4; mark(x, y); pen.strokeStyle = "#c0262d"; pen.lineWidth = 2; mark(x, y);
}
function mark(x, y) {
  pen.beginPath(); pen.moveTo(x - 5, y); pen.lineTo(x + 5, y); pen.moveTo(x, y - 5); pen.lineTo(x, y + 5); pen.stroke();
}
function drawPath(camera, index) {
  const muted = chosen >= 0 && chosen !== index, track = camera.track;
  for (let k = 1; k < track.length; k++) {
    const [a, b] = [track[k - 1].p, track[k].p];
    if (a[0] === b[0] && a[1] === b[1] && a[2] === b[2]) continue;
    const done = k <= frame;
    line([a[0], a[1], rig.ground], [b[0], b[1], rig.ground], camera.colour, 2, muted ? 0.05 : 0.16);
    line(a, b, camera.colour, weight(b, done ? 3 : 1.6), muted ? 0.15 : done ? 1 : 0.5);
  }
}
function drawFrustum(camera, index) {
  const pose = camera.track[frame], muted = chosen >= 0 && chosen !== index;
  const long = Math.min(0.16 * rig.far + 0.1, 0.07 * eye.away), [tx, ty] = [rig.half_width * long, rig.half_height * long];
  const middle = plus(pose.p, pose.ahead, long);
  const corner = (sx, sy) => plus(plus(middle, pose.right, sx * tx), pose.down, sy * ty);
  const at = [corner(-1, -1), corner(1, -1), corner(1, 1), corner(-1, 1)];
  const alpha = muted ? 0.18 : 1;
  line(pose.p, [pose.p[0], pose.p[1], rig.ground], camera.colour, 1, muted ? 0.08 : 0.35);
  for (let k = 0; k < 4; k++) area([pose.p, at[k], at[(k + 1) % 4]], camera.colour, 0.1 * alpha);
  area(at, camera.colour, 0.16 * alpha);
  for (let k = 0; k < 4; k++) {
    line(pose.p, at[k], camera.colour, weight(pose.p, 1.4), alpha);
    line(at[k], at[(k + 1) % 4], camera.colour, weight(pose.p, 1.4), alpha);
  }
  const roof = plus(middle, pose.down, -1.45 * ty);
  area([corner(-0.4, -1.08), corner(0.4, -1.08), roof], camera.colour, 0.9 * alpha);
}
function drawLabels() {
  const placed = [];
  pen.font = "600 11px system-ui, sans-serif"; pen.textBaseline = "middle"; pen.textAlign = "center";
  rig.cameras.forEach((camera, index) => {
    const p = seen(camera.track[frame].p);
    if (p[2] < NEAR_M || (chosen >= 0 && chosen !== index)) return;
    let [x, y] = flat(p);
    const from = y;
    y -= 18;
    const name = camera.name.replace(/^cam/, ""), half = 5 + pen.measureText(name).width / 2;
    while (placed.some(([u, v, w]) => Math.abs(u - x) < w + half + 2 && Math.abs(v - y) < 17)) y -= 17;
    placed.push([x, y, half]);
    pen.strokeStyle = camera.colour; pen.lineWidth = 1; pen.globalAlpha = 0.6;
    pen.beginPath(); pen.moveTo(x, from); pen.lineTo(x, y + 8); pen.stroke(); pen.globalAlpha = 1;
    pen.fillStyle = camera.colour; pen.beginPath(); pen.roundRect(x - half, y - 8, 2 * half, 16, 5); pen.fill();
    pen.fillStyle = "#fff"; pen.fillText(name, x, y + 0.5);
  });
}
function draw() {
  const ratio = window.devicePixelRatio || 1, box = canvas.getBoundingClientRect();
  [width, height] = [box.width, box.height];
  if (canvas.width !== Math.round(width * ratio)) canvas.width = Math.round(width * ratio);
  if (canvas.height !== Math.round(height * ratio)) canvas.height = Math.round(height * ratio);
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  pen.fillStyle = BACKGROUND; pen.fillRect(0, 0, width, height);
  orient();
  pen.lineCap = "round";
  drawGround();
  const order = rig.cameras.map((camera, index) => ({ camera, index, far: depth(camera.track[frame].p) }));
  order.sort((a, b) => b.far - a.far || b.index - a.index);
  order.forEach(({ camera, index }) => drawPath(camera, index));
  const subject = depth([0, 0, 0]);
  order.filter((o) => o.far >= subject).forEach(({ camera, index }) => drawFrustum(camera, index));
  drawSubject();
  order.filter((o) => o.far < subject).forEach(({ camera, index }) => drawFrustum(camera, index));
  drawLabels();
}
let pending = false;
function redraw() {
  if (pending) return;
  pending = true;
  requestAnimationFrame(() => { pending = false; draw(); });
}

// Step back until every path, the subject and its feet are in the picture.
function frameAll() {
  const points = rig.cameras.flatMap((c) => c.track.map((t) => t.p)).concat([[0, 0, 0.4], [0, 0, Math.max(rig.ground, -3)]]);
  eye.aim = [0, 1, 2].map((i) => (Math.min(...points.map((p) => p[i])) + Math.max(...points.map((p) => p[i]))) / 2);
  const box = canvas.getBoundingClientRect();
  [width, height] = [box.width, box.height];
  const inside = ([x, y, z]) => z > NEAR_M && Math.abs(x - width / 2) < 0.42 * width && Math.abs(y - height / 2) < 0.36 * height;
  for (eye.away = 1.5; eye.away < 400; eye.away *= 1.06) {
    orient();
    if (points.every((p) => inside(flat(seen(p))))) return;
  }
}

// ---------------------------------------------------------------- the controls
function show(index) {
  rig = decoded(page.rigs[index]);
  chosen = -1;
  const start = rig.cameras[0].track[0].p;
  eye.turn = Math.atan2(start[1], start[0]) + 1.0;
  eye.lift = 0.38;
  frameAll();
  document.getElementById("about").textContent = rig.about;
  list();
  redraw();
}
function list() {
  document.getElementById("cameras").replaceChildren(...rig.cameras.map((camera, index) => {
    const item = document.createElement("li"), swatch = document.createElement("i"), name = document.createElement("div");
    swatch.style.background = camera.colour;
    const bold = document.createElement("b");
    bold.textContent = camera.name;
    name.append(bold, ` ${camera.motion}`);
    item.append(swatch, name, ...[camera.line, ...camera.errors].map((text, i) => {
      const line = document.createElement("span");
      line.textContent = text;
      if (i) line.className = "wrong";
      return line;
    }));
    item.tabIndex = 0;
    const choose = () => {
      chosen = chosen === index ? -1 : index;
      [...item.parentNode.children].forEach((child, i) => child.classList.toggle("on", i === chosen));
      redraw();
    };
    item.onclick = choose;
    item.onkeydown = (event) => { if (event.key === "Enter") choose(); };
    return item;
  }));
}
function seek(to) {
  frame = Math.max(0, Math.min(page.frames - 1, to));
  slider.value = frame;
  const real = frame * page.stride;
  document.getElementById("time").textContent = `frame ${real} of ${page.last_frame} · ${(real / page.fps).toFixed(2)} s`;
  redraw();
}
function play(on) {
  document.getElementById("play").textContent = on ? "Pause" : "Play";
  if (playing) clearInterval(playing);
  const next = () => seek(frame === page.frames - 1 ? 0 : frame + 1);
  playing = on ? setInterval(next, (1000 * page.stride) / page.fps) : null;
}
slider.max = page.frames - 1;
slider.oninput = () => { play(false); seek(+slider.value); };
document.getElementById("play").onclick = () => play(!playing);
const select = document.getElementById("rig");
page.rigs.forEach((entry, index) => select.add(new Option(entry.take + (entry.errors ? ` (${entry.errors} errors)` : ""), index)));
select.onchange = () => show(+select.value);
canvas.onpointerdown = (event) => canvas.setPointerCapture(event.pointerId);
canvas.onpointermove = (event) => {
  if (!event.buttons) return;
  eye.turn -= event.movementX * 0.007;
  eye.lift = Math.max(-0.2, Math.min(1.55, eye.lift + event.movementY * 0.006));
  redraw();
};
canvas.addEventListener("wheel", (event) => {
  event.preventDefault();
  eye.away = Math.max(0.4, Math.min(400, eye.away * Math.exp(event.deltaY * 0.001)));
  redraw();
}, { passive: false });
canvas.onkeydown = (event) => {
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (step) seek(frame + step);
  else if (event.key === " ") play(!playing);
  else return;
  event.preventDefault();
};
new ResizeObserver(redraw).observe(canvas);

// The share of painted pixels tells an empty stage from a drawn one without looking at it.
function painted() {
  const { data } = pen.getImageData(0, 0, canvas.width, canvas.height);
  let count = 0;
  for (let i = 0; i < data.length; i += 4) if (data[i] !== 0xfb || data[i + 1] !== 0xfc || data[i + 2] !== 0xfe) count++;
  return count;
}
if (page.rigs.length) {
  show(0);
  seek(Math.round((page.frames - 1) * 0.6));
  draw();
  canvas.dataset.paintedPixels = painted();
}
