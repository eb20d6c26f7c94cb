// The rig browser: search, cards and controls around the view of one rig.
const page = JSON.parse(document.getElementById("rigs").textContent);
const at = (id) => document.getElementById(id);
const canvas = at("view"), slider = at("frame");
const eye = { turn: -0.9, lift: 0.42, away: 12, aim: [0, 0, 0] };
let rig = null, frame = 0, pinned = -1, hovered = -1, playing = null, cards = [];

const colourOf = (camera) => page.colours[camera.motion] || "#444";
const chosen = () => (hovered >= 0 ? hovered : pinned);
const stateOf = (index) => (chosen() < 0 ? "plain" : chosen() === index ? "chosen" : "muted");
function made(tag, name, text) {
  const node = document.createElement(tag);
  if (name) node.className = name;
  if (text !== undefined) node.textContent = text;
  return node;
}

// ---------------------------------------------------------------- drawing
function draw() {
  if (!rig) return;
  const view = eyeView(eye, sized(canvas));
  view.pen.fillStyle = SKY; view.pen.fillRect(0, 0, view.width, view.height);
  view.pen.lineCap = "round";
  drawGround(view, rig);
  const start = rig.cameras[0].track[0].p;
  drawRing(view, Math.hypot(start[0], start[1]), rig.ground);
  const order = rig.cameras.map((camera, index) => ({ camera, index, far: depth(view, camera.track[frame].p) }));
  order.sort((a, b) => (a.index === chosen()) - (b.index === chosen()) || b.far - a.far || b.index - a.index);
  for (const { camera, index } of order) drawPath(view, rig, camera, colourOf(camera), frame, stateOf(index));
  const subject = depth(view, subjectAt(rig, frame));
  const frusta = (some) => some.forEach(({ camera, index }) => drawFrustum(view, rig, camera, colourOf(camera), frame, stateOf(index)));
  frusta(order.filter((o) => o.far >= subject));
  if (rig.is_placed) {
    drawSubjectPath(view, rig, frame);
    drawSubject(view, rig, page.aim_fraction, frame);
    drawAim(view, 5, subjectAt(rig, frame));
  }
  frusta(order.filter((o) => o.far < subject));
  const tagged = rig.cameras.filter((_, index) => stateOf(index) !== "muted");
  drawLabels(view, tagged.map((camera) => ({ p: camera.track[frame].p, name: camera.name.replace(/^cam/, ""), colour: colourOf(camera) })));
  rig.cameras.forEach((camera, index) => {
    const sheet = sized(cards[index].finder);
    drawFinder(sheet.pen, sheet.width, sheet.height, rig, camera, frame, page.aim_fraction);
  });
  describe();
}
// The content of the view in numbers: below it for a reader, in the canvas's data attributes for a script.
function describe() {
  const camera = rig.cameras[chosen()], now = camera && camera.track[frame].p;
  at("reading").textContent = camera
    ? `${camera.name}: ${Math.hypot(...plus(now, subjectAt(rig, frame), -1)).toFixed(2)} m from the ${rig.is_placed ? "subject" : "middle"}, ${(now[2] - rig.ground).toFixed(2)} m above the ground`
    : `${rig.cameras.length} cameras · grid ${gridOf(rig).step} m`;
  const degrees = (rad) => ((rad * 180) / Math.PI).toFixed(1);
  Object.assign(canvas.dataset, {
    rig: rig.take, frame, turn: degrees(eye.turn), lift: degrees(eye.lift), distance: eye.away.toFixed(3), chosen: camera ? camera.name : "",
  });
}
let pending = false;
function redraw() {
  if (pending) return;
  pending = true;
  requestAnimationFrame(() => { pending = false; draw(); });
}
const frameAll = () => lookAtAll(eye, rig, canvas.getBoundingClientRect());

// ---------------------------------------------------------------- one rig and its cards
function show(index) {
  rig = decoded(page.rigs[index], page.frames);
  [pinned, hovered] = [-1, -1];
  const start = rig.cameras[0].track[0].p;
  [eye.turn, eye.lift] = [Math.atan2(start[1], start[0]) + 1.0, 0.38];
  at("take").textContent = rig.take;
  at("about").textContent = rig.about;
  cards = rig.cameras.map(card);
  at("cameras").replaceChildren(...cards.map((c) => c.item));
  at("cameras").classList.toggle("filmed", Boolean(rig.sheet));
  at("filmed").textContent = rig.sheet ? `each camera: its view at this frame (drawn), then frames ${page.image_frames.join(", ")} (filmed)` : rig.sheet_note;
  if (rig.sheet) showImages(rig);
  for (const item of at("takes").children) item.firstChild.setAttribute("aria-current", +item.dataset.index === index);
  dim();
  frameAll();
  redraw();
}
function card(camera, index) {
  const item = made("li"), button = made("button", "cam"), finder = made("canvas"), head = made("b");
  const swatch = made("i");
  swatch.style.background = colourOf(camera);
  head.append(swatch, camera.name, made("em", "", camera.motion.replace("_", " + ")));
  finder.style.aspectRatio = `${rig.half_width} / ${rig.half_height}`;
  const notes = [...[...new Set(camera.errors.map((text) => text.split(":")[0]))].map((code) => made("span", "wrong", code)), ...camera.flags.map((text) => made("span", "flag", text))];
  const images = rig.sheet ? page.image_frames.map((k) => filmedImage(`${camera.name}, frame ${k}`)) : [];
  const row = made("span", "images");
  row.append(finder, ...images);
  button.append(row, head, made("span", "", camera.amount), made("span", "", camera.speed), ...notes);
  button.setAttribute("aria-pressed", "false");
  button.title = camera.errors.join("\n");
  const over = (to) => () => { hovered = to; redraw(); };
  button.onpointerenter = button.onfocus = over(index);
  button.onpointerleave = button.onblur = over(-1);
  button.onclick = () => pin(pinned === index ? -1 : index);
  item.append(button);
  return { item, button, finder, images };
}
function filmedImage(label) {
  const tile = made("canvas");
  tile.setAttribute("role", "img");
  tile.setAttribute("aria-label", label);
  return tile;
}
// The images of a rig are one sheet: a row for each camera, a column for each frame.
async function showImages(shown) {
  const sheet = new Image(), tiles = cards.map((c) => c.images);
  sheet.src = shown.sheet;
  await sheet.decode();
  const [width, height] = [sheet.width / page.image_frames.length, sheet.height / tiles.length];
  tiles.forEach((row, i) => row.forEach((tile, k) => {
    [tile.width, tile.height] = [width, height];
    tile.getContext("2d").drawImage(sheet, k * width, i * height, width, height, 0, 0, width, height);
  }));
}
function pin(index) {
  pinned = index;
  cards.forEach((c, i) => c.button.setAttribute("aria-pressed", i === index));
  redraw();
}

// ---------------------------------------------------------------- search
const textOf = (camera) => [camera.name, camera.motion, camera.amount, camera.speed, ...camera.flags, ...camera.errors].join(" ").toLowerCase();
const words = () => at("search").value.toLowerCase().split(/\s+/).filter(Boolean);
// Words that the take does not match must all match one of its cameras.
const ofCameras = (entry) => words().filter((word) => !`${entry.take} ${entry.about}`.toLowerCase().includes(word));
const fits = (camera, wanted) => wanted.every((word) => textOf(camera).includes(word));
function search() {
  const kept = page.rigs.map((entry, index) => ({ entry, index })).filter(({ entry }) => {
    const wanted = ofCameras(entry);
    return !wanted.length || entry.cameras.some((camera) => fits(camera, wanted));
  });
  const by = { order: () => 0, name: (a, b) => a.entry.take.localeCompare(b.entry.take), speed: (a, b) => b.entry.peak_m_per_s - a.entry.peak_m_per_s };
  kept.sort(by[at("sort").value]);
  at("takes").replaceChildren(...kept.map(({ entry, index }) => {
    const item = made("li"), button = made("button", "", entry.take);
    item.dataset.index = index;
    const flags = entry.cameras.reduce((sum, camera) => sum + camera.flags.length, 0);
    if (entry.errors) button.append(made("span", "wrong", `${entry.errors} error${entry.errors > 1 ? "s" : ""}`));
    else if (flags) button.append(made("span", "flag", `${flags} flag${flags > 1 ? "s" : ""}`));
    if (rig && entry.take === rig.take) button.setAttribute("aria-current", "true");
    button.onclick = () => { show(index); remember(); };
    item.append(button);
    return item;
  }));
  at("found").textContent = `${kept.length} of ${page.rigs.length}`;
  dim();
}
function dim() {
  const wanted = rig ? ofCameras(rig) : [];
  cards.forEach((c, i) => c.item.classList.toggle("dim", wanted.length > 0 && !fits(rig.cameras[i], wanted)));
}

// ---------------------------------------------------------------- time, eye, address
function seek(to) {
  frame = Math.max(0, Math.min(page.frames - 1, to));
  slider.value = frame;
  const real = frame * page.stride;
  at("time").textContent = `frame ${real} of ${page.last_frame} · ${(real / page.fps).toFixed(2)} s`;
  redraw();
}
function play(on) {
  at("play").textContent = on ? "Pause" : "Play";
  if (playing) clearInterval(playing);
  playing = on ? setInterval(() => seek(frame === page.frames - 1 ? 0 : frame + 1), (1000 * page.stride) / page.fps) : null;
}
function turn(right, up) {
  turnEye(eye, right, up);
  redraw();
}
function zoom(factor) {
  moveEye(eye, factor);
  redraw();
}
// The address of a view: #rig=TAKE&cam=cam03&frame=40
function follow() {
  const wanted = new URLSearchParams(location.hash.slice(1));
  const index = page.rigs.findIndex((entry) => entry.take === wanted.get("rig"));
  if (index < 0) return;
  show(index);
  if (wanted.has("frame")) seek(Math.round(wanted.get("frame") / page.stride));
  pin(rig.cameras.findIndex((camera) => camera.name === wanted.get("cam")));
  if (pinned >= 0) cards[pinned].item.scrollIntoView({ block: "nearest" });
  at("browser").scrollIntoView({ block: "start" });
}
function remember() {
  history.replaceState(null, "", `#${new URLSearchParams({ rig: rig.take })}`);
}
function step(by) {
  const shown = [...at("takes").children], here = shown.findIndex((item) => page.rigs[item.dataset.index].take === rig.take);
  const next = shown[(here + by + shown.length) % shown.length];
  if (next) { show(+next.dataset.index); remember(); next.scrollIntoView({ block: "nearest" }); }
}

slider.max = Math.max(page.frames - 1, 0);
slider.oninput = () => { play(false); seek(+slider.value); };
at("play").onclick = () => play(!playing);
at("before").onclick = () => step(-1);
at("after").onclick = () => step(1);
at("search").oninput = search;
at("sort").onchange = search;
window.addEventListener("hashchange", follow);
canvas.onpointerdown = (event) => { canvas.setPointerCapture(event.pointerId); canvas.focus({ preventScroll: true }); };
canvas.onpointermove = (event) => { if (event.buttons) turn(-event.movementX * 0.007, event.movementY * 0.006); };
canvas.addEventListener("wheel", (event) => { event.preventDefault(); zoom(Math.exp(event.deltaY * 0.001)); }, { passive: false });
canvas.ondblclick = () => { frameAll(); redraw(); };
canvas.onkeydown = (event) => {
  const keys = {
    ArrowRight: () => (event.shiftKey ? turn(0.1, 0) : seek(frame + 1)), ArrowLeft: () => (event.shiftKey ? turn(-0.1, 0) : seek(frame - 1)),
    ArrowUp: () => turn(0, 0.08), ArrowDown: () => turn(0, -0.08), "+": () => zoom(0.9), "=": () => zoom(0.9), "-": () => zoom(1 / 0.9),
    Home: () => seek(0), End: () => seek(page.frames - 1), " ": () => play(!playing), PageDown: () => step(1), PageUp: () => step(-1),
  };
  if (!keys[event.key]) return;
  keys[event.key]();
  event.preventDefault();
};
if (page.rigs.length) {
  search();
  show(0);
  seek(Math.round((page.frames - 1) * 0.6));
  draw();
  follow();
  new ResizeObserver(redraw).observe(canvas);
} else at("browser").hidden = true;
