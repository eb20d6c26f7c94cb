"use strict";
// The page: the list of takes, the tiles of a take, and the controls.
const at = (id) => document.getElementById(id);
const made = (tag, name, text) => {
  const node = document.createElement(tag);
  if (name) node.className = name;
  if (text !== undefined) node.textContent = text;
  return node;
};
// The JSON at an address; errors too are { error }.
async function asked(address) {
  try {
    return await (await fetch(address)).json();
  } catch (error) {
    return { error: "multitake browse does not answer; start it again" };
  }
}
function say(text, isBad = false) {
  at("status").textContent = at("status").title = text;
  at("status").classList.toggle("bad", isBad);
}
let take = null, key = "", tiles = [], layers = [], chosen = null, wanted = 0;
let listed = [], searched = {}, searches = 0;
const view = new RigView(at("rig"));
const follower = new Follower(say, (point) => { view.point = point; view.redraw(); });
const clock = new Clock(showFrame);
const pathOf = (...names) => names.map(encodeURIComponent).join("/");

// ---------------------------------------------------------------- the list
const search = () => list({ words: at("words").value, where: at("where").value }, 0);
async function list(wants, offset) {
  const round = ++searches;
  const found = await asked(`takes?${new URLSearchParams({ ...wants, offset })}`);
  if (round !== searches) return;
  if (found.error) return say(found.error, true);
  say("");
  searched = wants;
  listed = offset ? [...listed, ...found.takes] : found.takes;
  at("found").textContent = `${found.total.toLocaleString("en")} of ${found.all.toLocaleString("en")} takes`;
  at("takes").replaceChildren(...listed.map(entry));
  at("more").hidden = listed.length >= found.total;
}
function entry(about) {
  const item = made("li"), button = made("button", "", about.take);
  button.append(made("small", "", [about.environment, about.characters].filter(Boolean).join(" · ")));
  button.setAttribute("aria-current", about.take === key);
  button.onclick = () => open(about.take);
  item.append(button);
  return item;
}
function mark() {
  [...at("takes").children].forEach((item, k) => item.firstChild.setAttribute("aria-current", listed[k].take === key));
}
function openNext(by) {
  const here = listed.findIndex((about) => about.take === key), next = listed[here + by];
  if (!next) return;
  open(next.take);
  at("takes").children[here + by].scrollIntoView({ block: "nearest" });
}

// ---------------------------------------------------------------- one take
async function open(name, { frame = 0, camera = "" } = {}) {
  const round = ++wanted;
  key = name;
  mark();
  clock.pause();
  const found = await asked(`take/${pathOf(name)}`);
  if (round !== wanted) return;
  follower.clear(tiles);
  if (found.error) return unreadable(found.error);
  [take, chosen] = [found, null];
  say("");
  tiles = take.rig.cameras.map(tileOf);
  layers = take.layers.map(layerOf);
  at("tiles").replaceChildren(...[...tiles, ...layers].map((tile) => tile.figure));
  at("tiles").className = take.has_tracks ? "can-follow" : "";
  at("frame").max = take.frames - 1;
  clock.load(tiles.map((tile) => tile.video), take.fps, take.frames);
  view.load(take.rig);
  choose(tiles.find((tile) => tile.name === camera) || tiles[0]);
  describe();
  clock.seek(frame);
}
function unreadable(line) {
  [take, chosen] = [null, null];
  tiles = layers = [];
  at("tiles").className = "";
  at("tiles").replaceChildren(made("p", "", `${key} cannot be shown: ${line}`));
  clock.load([], 15, 1);
  view.clear();
  at("take").textContent = key;
  for (const id of ["camera", "captions", "facts", "legend"]) at(id).replaceChildren();
}
function figureOf(kind, shown, label, colour) {
  const figure = made("figure", `tile ${kind}`), picture = made("div", "picture"), caption = made("figcaption");
  picture.style.aspectRatio = `${take.width_px} / ${take.height_px}`;
  const swatch = made("i"), text = made("span", "", label);
  swatch.style.background = colour;
  caption.append(...(colour ? [swatch] : []), text);
  picture.append(shown);
  figure.append(picture, caption);
  return { figure, picture, text };
}
function tileOf(camera) {
  const video = made("video"), marks = svg("svg", { viewBox: `0 0 ${take.width_px} ${take.height_px}`, preserveAspectRatio: "none" });
  Object.assign(video, { muted: true, playsInline: true, preload: "auto", src: `video/${pathOf(take.take, camera.name)}` });
  const parts = figureOf("camera", video, camera.label, camera.colour), { figure, picture } = parts;
  const tile = { ...parts, name: camera.name, camera, video, marks };
  picture.append(marks);
  figure.dataset.camera = camera.name;
  video.onerror = async () => {
    const answer = await asked(video.src);
    picture.append(made("p", "", answer.error && !answer.error.includes("does not answer") ? answer.error : "this browser cannot play the video"));
  };
  picture.onclick = (event) => {
    const box = picture.getBoundingClientRect(), wasPlaying = clock.playing;
    const shown = clock.frame;
    choose(tile);
    if (!take.has_tracks) return;
    if (wasPlaying) clock.seek(shown);
    const [x, y] = [((event.clientX - box.left) / box.width) * take.width_px, ((event.clientY - box.top) / box.height) * take.height_px];
    follower.start(take, tiles, tile, x, y, shown);
  };
  figure.lastChild.onclick = () => choose(tile);
  figure.onpointerenter = () => view.mark(tiles.indexOf(tile));
  figure.onpointerleave = () => view.mark(tiles.indexOf(chosen));
  figure.ondblclick = () => at("tiles").classList.toggle("focused");
  return tile;
}
function layerOf(kind) {
  const image = made("img"), line = made("p"), parts = figureOf("layer", image, "", "");
  image.alt = kind;
  parts.picture.append(line);
  parts.figure.dataset.layer = kind;
  return { ...parts, kind, image, line, shown: "", busy: false };
}
function choose(tile) {
  chosen = tile;
  tiles.forEach((one) => one.figure.classList.toggle("chosen", one === tile));
  view.mark(tiles.indexOf(tile));
  const { camera } = tile;
  at("camera").textContent = [camera.label, camera.moves.join(", "), camera.flags.length ? `flags: ${camera.flags.join(", ")}` : "", ...camera.captions.slice(0, 2)].filter(Boolean).join(" · ");
  layers.forEach((layer) => { layer.text.textContent = `${tile.name} ${layer.kind}${layer.kind === "depth" ? depthRange : ""}`; });
  layers.forEach(update);
}
// One request at a time: while a take plays, images come as fast as they can be made.
async function update(layer) {
  const address = `layer/${pathOf(take.take, chosen.name, layer.kind)}?frame=${clock.frame}`;
  if (layer.busy || layer.shown === address) return;
  layer.busy = true;
  layer.image.src = address;
  const isShown = await layer.image.decode().then(() => true, () => false);
  const { error } = isShown ? {} : await asked(address);
  layer.image.hidden = !isShown;
  layer.line.textContent = isShown ? "" : error || "this image cannot be shown";
  Object.assign(layer, { busy: false, shown: address });
  layer.figure.dataset.frame = address.split("=").pop();
  if (layers.includes(layer)) update(layer);
}
function describe() {
  at("take").textContent = take.take;
  at("captions").replaceChildren(...take.captions.slice(0, 4).map((text) => made("p", "", text)));
  at("facts").replaceChildren(...Object.entries(take.facts).flatMap(([name, text]) => [made("dt", "", name), made("dd", "", text)]));
  at("legend").replaceChildren(...take.legend.map((one) => {
    const item = made("li"), swatch = made("i");
    swatch.style.background = `rgb(${one.colour.join(" ")})`;
    item.append(swatch, one.name);
    return item;
  }));
}
function showFrame(frame) {
  at("frame").value = frame;
  at("time").textContent = `frame ${frame} of ${clock.frames - 1} · ${(frame / clock.fps).toFixed(2)} s`;
  at("play").textContent = clock.playing ? "Pause" : "Play";
  view.frame = frame;
  view.redraw();
  if (!take) return;
  layers.forEach(update);
  follower.draw(take, tiles, frame);
  if (!clock.playing) remember();
}
function remember() {
  history.replaceState(null, "", `#${new URLSearchParams({ take: take.take, cam: chosen.name, frame: clock.frame })}`);
}

// ---------------------------------------------------------------- controls
async function toggle() {
  if (clock.playing) clock.seek(clock.frame);
  else await clock.play();
  at("play").textContent = clock.playing ? "Pause" : "Play";
}
const KEYS = {
  " ": toggle,
  ArrowLeft: (event) => clock.seek(clock.frame - (event.shiftKey ? 10 : 1)),
  ArrowRight: (event) => clock.seek(clock.frame + (event.shiftKey ? 10 : 1)),
  Home: () => clock.seek(0),
  End: () => clock.seek(clock.frames - 1),
  ArrowUp: () => openNext(-1),
  ArrowDown: () => openNext(1),
  Escape: () => { follower.clear(tiles); say(""); },
};
document.addEventListener("keydown", (event) => {
  if (event.target.matches("input[type=search], select") || event.ctrlKey || event.metaKey || event.altKey || !KEYS[event.key]) return;
  if (event.key === " " && event.target.matches("button, input[type=checkbox]")) return;
  event.preventDefault();
  KEYS[event.key](event);
});
at("play").onclick = toggle;
at("back").onclick = () => clock.seek(clock.frame - 1);
at("ahead").onclick = () => clock.seek(clock.frame + 1);
at("frame").oninput = () => clock.seek(+at("frame").value);
at("speed").onchange = () => clock.setSpeed(+at("speed").value);
at("loop").onchange = () => { clock.loops = at("loop").checked; };
at("search").onsubmit = (event) => { event.preventDefault(); search(); };
at("more").onclick = () => list(searched, listed.length);
let depthRange = "";
async function begin() {
  const dataset = await asked("dataset");
  if (dataset.error) return say(dataset.error, true);
  at("dataset").textContent = at("dataset").title = dataset.url.split("/").pop() || dataset.url;
  document.title = `${at("dataset").textContent} - multitake browse`;
  depthRange = ` (${dataset.nearest_m} m red .. ${dataset.farthest_m} m blue)`;
  await search();
  openPlace();
}
// What the address names: a take, and perhaps a camera and a frame.
function openPlace() {
  const place = new URLSearchParams(location.hash.slice(1));
  const first = place.get("take") || (listed[0] && listed[0].take);
  if (first) open(first, { frame: +place.get("frame") || 0, camera: place.get("cam") || "" });
}
window.addEventListener("hashchange", openPlace);
begin();
