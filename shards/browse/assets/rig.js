"use strict";
// The rig in 3-D at the frame of the clock, by an eye that the user rotates.
class RigView {
  constructor(canvas) {
    Object.assign(this, { canvas, eye: { turn: -0.9, lift: 0.4, away: 10, aim: [0, 0, 0] }, rig: null, frame: 0, marked: -1, point: null, pending: false });
    canvas.onpointerdown = (event) => canvas.setPointerCapture(event.pointerId);
    canvas.onpointermove = (event) => { if (event.buttons) this.turn(-event.movementX * 0.007, event.movementY * 0.006); };
    canvas.addEventListener("wheel", (event) => { event.preventDefault(); moveEye(this.eye, Math.exp(event.deltaY * 0.001)); this.redraw(); }, { passive: false });
    canvas.ondblclick = () => this.showAll();
    new ResizeObserver(() => this.redraw()).observe(canvas);
  }
  load(rig) {
    const cameras = rig.cameras.map((camera) => ({
      ...camera,
      track: camera.position.map((p, k) => ({ p, right: camera.right[k], down: camera.down[k], ahead: camera.ahead[k] })),
    }));
    Object.assign(this, { rig: { ...rig, cameras }, point: null });
    const start = cameras[0].track[0].p;
    this.eye.turn = Math.atan2(start[1], start[0]) + 1.0;
    this.showAll();
  }
  clear() {
    this.rig = null;
    this.canvas.getContext("2d").clearRect(0, 0, this.canvas.width, this.canvas.height);
  }
  showAll() {
    if (!this.rig) return;
    lookAtAll(this.eye, this.rig, this.canvas.getBoundingClientRect());
    this.redraw();
  }
  // The camera that is drawn strongly, with its name.
  mark(index) {
    this.marked = index;
    this.redraw();
  }
  turn(right, up) {
    turnEye(this.eye, right, up);
    this.redraw();
  }
  redraw() {
    if (this.pending || !this.rig) return;
    this.pending = true;
    requestAnimationFrame(() => { this.pending = false; if (this.rig) this.draw(); });
  }
  draw() {
    const { rig, frame } = this, view = eyeView(this.eye, sized(this.canvas));
    view.pen.fillStyle = SKY; view.pen.fillRect(0, 0, view.width, view.height);
    drawGround(view, rig);
    const stateOf = (index) => (this.marked === index ? "chosen" : "plain");
    rig.cameras.forEach((camera, index) => drawPath(view, rig, camera, camera.colour, frame, stateOf(index)));
    if (rig.is_placed) {
      drawSubjectPath(view, rig, frame);
      drawSubject(view, rig, 0, frame);
    }
    rig.cameras.forEach((camera, index) => drawFrustum(view, rig, camera, camera.colour, frame, stateOf(index)));
    if (this.point && this.point[frame]) drawAim(view, 5, plus(this.point[frame], rig.subject_m, -1));
    const camera = rig.cameras[this.marked];
    if (camera) drawLabels(view, [{ p: camera.track[frame].p, name: camera.name, colour: camera.colour }]);
    this.canvas.dataset.frame = frame;
  }
}
