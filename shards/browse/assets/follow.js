"use strict";
// Follow a clicked pixel: where every camera sees it in every frame.
const TRAIL_FRAMES = 15;
class Follower {
  constructor(say, onPoint) {
    Object.assign(this, { say, onPoint, found: new Map(), round: 0 });
  }
  clear(tiles) {
    this.round++;
    this.found.clear();
    this.onPoint(null);
    tiles.forEach((tile) => tile.marks.replaceChildren());
  }
  // Ask camera by camera, so that the first answers are seen soon.
  async start(take, tiles, from, x, y, frame) {
    this.clear(tiles);
    const round = this.round, seen = [];
    const order = [from, ...tiles.filter((tile) => tile !== from)];
    for (const tile of order) {
      this.say(`Following: ${this.found.size} of ${tiles.length} cameras`);
      const query = new URLSearchParams({ to: tile.name, frame, x: x.toFixed(2), y: y.toFixed(2) });
      const answer = await asked(`track/${encodeURIComponent(take.take)}/${encodeURIComponent(from.name)}?${query}`);
      if (round !== this.round) return;
      if (answer.error) return this.say(answer.error, true);
      if (!answer.object) return this.say("This pixel shows no surface");
      this.found.set(tile.name, answer);
      if (tile === from) this.onPoint(answer.world_m);
      if (answer.points.some((point) => point && point[2])) seen.push(tile.name);
      this.draw(take, [tile], clock.frame);
    }
    this.say(`${this.found.get(from.name).object}: seen by ${seen.length} of ${tiles.length} cameras`);
  }
  draw(take, tiles, frame) {
    for (const tile of tiles) {
      const found = this.found.get(tile.name);
      if (!found) continue;
      const now = found.points[frame];
      const trail = found.points.slice(Math.max(0, frame - TRAIL_FRAMES), frame + 1).filter((point) => point && point[2]);
      const line = svg("polyline", { points: trail.map(([x, y]) => `${x},${y}`).join(" ") });
      const size = take.width_px / 55;
      const mark = now && svg("circle", { cx: now[0], cy: now[1], r: size, "stroke-width": size / 3, class: now[2] ? "seen" : "hidden" });
      tile.marks.replaceChildren(line, ...(mark ? [mark] : []));
    }
  }
}
function svg(tag, attributes) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  return node;
}
