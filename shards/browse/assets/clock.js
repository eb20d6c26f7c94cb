"use strict";
// One clock for all videos of a take. They play together; the first one gives the time, and the others are
// kept within half a frame of it.
class Clock {
  constructor(onFrame) {
    Object.assign(this, { onFrame, videos: [], fps: 15, frames: 1, frame: 0, speed: 1, loops: true, playing: false, round: 0 });
  }
  load(videos, fps, frames) {
    this.pause();
    Object.assign(this, { videos, fps, frames, frame: 0 });
    videos.forEach((video) => video.addEventListener("loadeddata", () => this.playing || this.show(video)));
  }
  // The time in the middle of a frame: rounding can not show the frame beside it.
  timeOf(frame) {
    return (frame + 0.5) / this.fps;
  }
  show(video) {
    if (video.readyState > 0) video.currentTime = this.timeOf(this.frame);
  }
  seek(frame) {
    this.pause();
    this.frame = Math.max(0, Math.min(this.frames - 1, Math.round(frame)));
    this.videos.forEach((video) => this.show(video));
    this.onFrame(this.frame);
  }
  // Videos that can be shown; damaged ones do not stop the others.
  get usable() {
    return this.videos.filter((video) => !video.error && video.readyState > 0);
  }
  async play() {
    if (this.playing || !this.usable.length) return;
    if (this.frame >= this.frames - 1) this.seek(0);
    this.playing = true;
    const round = ++this.round;
    await this.settled();
    if (!this.playing || round !== this.round) return;
    this.usable.forEach((video) => { video.playbackRate = this.speed; video.play().catch(() => {}); });
    this.tick(round);
  }
  pause() {
    if (!this.playing) return;
    this.playing = false;
    this.videos.forEach((video) => { video.pause(); this.show(video); });
  }
  // All videos show the frame of the clock.
  settled() {
    return Promise.all(this.usable.map((video) => new Promise((done) => {
      if (!video.seeking) done();
      else for (const name of ["seeked", "error", "emptied"]) video.addEventListener(name, done, { once: true });
    })));
  }
  setSpeed(speed) {
    this.speed = speed;
    this.usable.forEach((video) => { video.playbackRate = speed; });
  }
  // Until the end of the round: each call of `play` begins another.
  tick(round) {
    if (!this.playing || round !== this.round) return;
    const [leader, ...others] = this.usable;
    if (!leader || leader.ended || leader.currentTime >= this.timeOf(this.frames - 1)) return this.atEnd();
    others.forEach((video) => this.keepWith(video, leader.currentTime));
    const frame = Math.min(this.frames - 1, Math.floor(leader.currentTime * this.fps));
    if (frame !== this.frame) this.onFrame((this.frame = frame));
    requestAnimationFrame(() => this.tick(round));
  }
  // A video that is somewhat off plays faster or slower; one that is far off jumps.
  keepWith(video, time_s) {
    const late_s = time_s - video.currentTime;
    if (Math.abs(late_s) > 4 / this.fps && !video.seeking) video.currentTime = time_s;
    const is_off = Math.abs(late_s) > 0.5 / this.fps;
    const rate = this.speed * (is_off ? (late_s > 0 ? 1.15 : 0.87) : 1);
    if (video.playbackRate !== rate) video.playbackRate = rate;
  }
  atEnd() {
    this.pause();
    this.seek(this.loops ? 0 : this.frames - 1);
    if (this.loops) this.play();
    else this.onFrame(this.frame);
  }
}
