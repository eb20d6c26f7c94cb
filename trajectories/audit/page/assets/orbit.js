// An eye that the user rotates around a rig: { turn, lift, away, aim }, angles in radians, metres.
// The pen and the size of a canvas, in pixels of the page.
function sized(target) {
  const ratio = window.devicePixelRatio || 1, box = target.getBoundingClientRect();
  const [width, height] = [Math.round(box.width * ratio), Math.round(box.height * ratio)];
  if (target.width !== width) target.width = width;
  if (target.height !== height) target.height = height;
  const pen = target.getContext("2d");
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  return { pen, width: box.width, height: box.height };
}
function eyeView(eye, sheet) {
  const [st, ct, sl, cl] = [Math.sin(eye.turn), Math.cos(eye.turn), Math.sin(eye.lift), Math.cos(eye.lift)];
  const ahead = [-cl * ct, -cl * st, -sl];
  return {
    ...sheet, ahead, at: plus(eye.aim, ahead, -eye.away), right: [-st, ct, 0], down: [sl * ct, sl * st, -cl],
    focal: 1.25 * sheet.height, away: eye.away,
  };
}
function turnEye(eye, right, up) {
  eye.turn += right;
  eye.lift = Math.max(-0.2, Math.min(1.55, eye.lift + up));
}
function moveEye(eye, factor) {
  eye.away = Math.max(0.4, Math.min(400, eye.away * factor));
}
// Move the eye back until every path, the subject and its feet are in the image, and centre them.
function lookAtAll(eye, rig, { width, height }) {
  const points = rig.cameras.flatMap((c) => c.track.map((t) => t.p)).concat(rig.subject, [[0, 0, 0.4], [0, 0, Math.max(rig.ground, -3)]]);
  eye.aim = [0, 1, 2].map((i) => (Math.min(...points.map((p) => p[i])) + Math.max(...points.map((p) => p[i]))) / 2);
  for (let round = 0; round < 4; round++) {
    let view = null, box = null;
    for (eye.away = 1.5; eye.away < 400; eye.away *= 1.04) {
      view = eyeView(eye, { width, height });
      box = boxOf(points.map((p) => seen(view, p)));
      if (box && view.focal * (box[1] - box[0]) < 0.8 * width && view.focal * (box[3] - box[2]) < 0.72 * height) break;
    }
    if (!box) return;
    eye.aim = plus(plus(eye.aim, view.right, ((box[0] + box[1]) / 2) * eye.away), view.down, ((box[2] + box[3]) / 2) * eye.away);
  }
}
// Left, right, top and bottom of points in an image of focal length 1; null if one is behind the eye.
function boxOf(points) {
  if (points.some((p) => p[2] < NEAR_M)) return null;
  const [xs, ys] = [points.map((p) => p[0] / p[2]), points.map((p) => p[1] / p[2])];
  return [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
}
