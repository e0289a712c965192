"use strict";
// The playground's page: controls, link, pictures. The arithmetic is in network.js.
(() => {
  const byId = (id) => document.getElementById(id);
  const { CASES, Training, ladder, preset, read, verdict, write } = Playground;
  const FIELDS = ["case", "width", "depth", "act", "scale", "targets", "opt", "lr", "zero", "steps", "seed"];
  const BUSY = 24;  // milliseconds of training between two pictures
  let state, training, rungs, timer = null;

  const short = (v) => (!Number.isFinite(v) ? "no number" : v === 0 ? "0"
    : Math.abs(v) < 1e-3 || Math.abs(v) >= 1e5 ? v.toExponential(2) : String(+v.toPrecision(4)));

  // typing: the field that is being written in, which is left alone until it is done.
  function fill(typing = null) {
    for (const key of FIELDS) {
      const field = byId(`play-${key}`);
      if (field === typing) continue;
      if (field.type === "checkbox") field.checked = Boolean(state[key]);
      else field.value = state[key];
    }
    byId("play-targets").disabled = CASES[state.case].loss !== "mse";
  }

  function fresh() {
    stop();
    training = new Training(state);
    rungs = ladder(training.rows);
    byId("play-starts-told").textContent = "";
    draw();
  }

  function chosen(next, typing = null) {
    state = next;
    history.replaceState(null, "", `#${write(state)}`);
    fill(typing);
    fresh();
  }

  function stop() {
    if (timer !== null) cancelAnimationFrame(timer);
    timer = null;
    byId("play-go").textContent = "Train";
  }

  const over = () => training.step >= state.steps || !Number.isFinite(training.loss);

  function go() {
    const end = performance.now() + BUSY;
    while (!over() && performance.now() < end) training.update();
    draw();
    if (over()) stop();
    else timer = requestAnimationFrame(go);
  }

  // Twenty starts, one after another, with the page still alive; a start that learned is not trained on.
  function starts() {
    stop();
    const told = byId("play-starts-told"), mine = state;
    let seed = 0, learned = 0, one = null;
    const turn = () => {
      if (state !== mine || timer !== null) return;
      const end = performance.now() + 2 * BUSY;
      while (performance.now() < end && seed < 20) {
        one ??= new Training({ ...state, seed: seed + 1 });
        one.update();
        const done = one.loss <= rungs.goal;
        if (!done && one.step < state.steps && Number.isFinite(one.loss)) continue;
        learned += done ? 1 : 0;
        seed += 1;
        one = null;
      }
      told.textContent = `${learned} of ${seed} starts learned${seed < 20 ? " so far" : ""}.`;
      if (seed < 20) setTimeout(turn, 0);
    };
    turn();
  }

  const WORDS = {
    training: "Training", learned: "Learned", floor: "At the floor, nothing more to learn", slow: "Slow: it still falls", stuck: "Stuck", diverged: "Diverged",
  };
  function sentence() {
    const { constant, linear, goal } = rungs, loss = training.loss;
    if (!training.step) return `Ready. A constant prediction scores ${short(constant)}; ${short(goal)} counts as learned.`;
    const near = (rung) => Math.abs(loss - rung) < 0.02 * Math.abs(constant);
    const where = near(constant) ? ": what a constant prediction scores"
      : near(linear) && linear > goal ? ": what a straight line scores" : "";
    return `${WORDS[verdict(training, rungs)]}. After ${training.step.toLocaleString("en")} steps the loss is ${short(loss)}${where}.`;
  }

  const wide = () => (innerWidth < 540 ? 350 : 520);
  const svg = (width, height, inner, label) =>
    `<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${label}">${inner}</svg>`;
  const text = (x, y, words, more = "") => `<text x="${x}" y="${y}" font-size="12" fill="var(--soft)" ${more}>${words}</text>`;
  const line = (x1, y1, x2, y2, more) => `<line x1="${x1}" y1="${y1}" x2="${x2}" y2="${y2}" ${more}/>`;
  const joined = (points) => points.map(([x, y], i) => `${i ? "L" : "M"}${x.toFixed(1)} ${y.toFixed(1)}`).join("");

  function course() {
    const W = wide(), H = 230, left = 10, right = W - 130, top = 14, bottom = 200;
    const curve = training.curve.filter(Number.isFinite);
    const lowest = Math.max(Math.min(rungs.goal, ...curve.slice(-1)) / 5, rungs.floor > 0 ? rungs.floor / 1.5 : 0, 1e-12);
    const highest = Math.max(rungs.constant, curve[0] ?? training.loss) * 1.3;
    const y = (v) => bottom - ((Math.log(Math.min(highest, Math.max(lowest, v))) - Math.log(lowest))
      / (Math.log(highest) - Math.log(lowest))) * (bottom - top);
    const x = (i) => left + (i / Math.max(1, state.steps - 1)) * (right - left);
    const every = Math.max(1, Math.floor(curve.length / 600));
    const points = curve.map((v, i) => [x(i), y(v)]).filter((_, i) => i % every === 0 || i === curve.length - 1);
    const named = [["constant", rungs.constant], ["linear", rungs.linear], ["goal", rungs.goal], ["floor", rungs.floor]];
    let last = -99;
    const levels = named.filter(([, v]) => v >= lowest).sort((one, other) => other[1] - one[1]).map(([name, v]) => {
      const at = Math.max(y(v), last + 14);
      last = at;
      const mark = name === "goal" ? 'stroke="var(--ink)" stroke-dasharray="5 4"' : 'stroke="var(--soft)" stroke-opacity=".6"';
      return line(left, y(v), right, y(v), mark) + text(right + 6, at + 4, `${name} ${short(v)}`);
    });
    const path = `<path d="${joined(points)}" fill="none" stroke="var(--accent)" stroke-width="2.2"/>`;
    const axis = line(left, bottom, right, bottom, 'stroke="var(--rule)"') + text(left, bottom + 18, "0")
      + text(right, bottom + 18, `${state.steps.toLocaleString("en")} steps`, 'text-anchor="end"');
    return svg(W, H, levels.join("") + path + axis, `The loss, logarithmic, beside the levels of simple predictors; now ${short(training.loss)}`);
  }

  const KINDS = { bending: "var(--accent)", straight: "var(--class2)", flat: "var(--class4)", off: "var(--class5)" };
  function bends() {
    const layers = training.bends(), W = wide(), row = 26;
    const bars = layers.map((found, d) => {
      const whole = Object.values(found).reduce((a, b) => a + b, 0);
      let x = 70;
      const parts = Object.entries(found).map(([kind, count]) => {
        const wide = (count / whole) * (W - 80), part = `<rect x="${x}" y="${d * row + 24}" width="${wide}" height="18" fill="${KINDS[kind]}"/>`;
        x += wide;
        return part;
      });
      return text(0, d * row + 38, `layer ${d + 1}`) + parts.join("");
    });
    let x = 70;
    const legend = Object.entries(KINDS).map(([kind, colour]) => {
      const part = `<rect x="${x}" y="2" width="12" height="12" fill="${colour}"/>` + text(x + 17, 12, kind);
      x += (W - 80) / 4;
      return part;
    });
    const told = layers.map((found, d) => `layer ${d + 1}: ${Object.entries(found).map(([k, n]) => `${n} ${k}`).join(", ")}`).join("; ");
    return svg(W, layers.length * row + 30, legend.join("") + bars.join(""), `What the units do. ${told}`);
  }

  // What the network answers along a single input, over the rows.
  function answers() {
    const { X, y, loss } = training.rows;
    if (X[0].length !== 1) return "";
    const W = wide(), H = 210, xs = X.map(([v]) => v), low = Math.min(...xs), high = Math.max(...xs);
    const grid = Array.from({ length: 161 }, (_, i) => [low + (i / 160) * (high - low)]);
    const z = Playground.forward(training.net, grid, state.act).at(-1).z;
    const out = Array.from(z, (v) => (loss === "bce" ? 1 / (1 + Math.exp(-v)) : v));
    const [bottom, top] = [Math.min(...y), Math.max(...y)];
    const px = (v) => 10 + ((v - low) / (high - low || 1)) * (W - 20);
    const py = (v) => 180 - ((Math.max(bottom - 0.2, Math.min(top + (top - bottom) / 5, v)) - bottom) / (top - bottom || 1)) * 150;
    const some = Math.max(1, Math.floor(X.length / 200));
    const dots = X.map(([v], i) => (i % some ? "" : `<circle cx="${px(v).toFixed(1)}" cy="${py(y[i]).toFixed(1)}" r="2.5" fill="var(--soft)" fill-opacity=".5"/>`));
    const path = `<path d="${joined(grid.map(([v], i) => [px(v), py(out[i])]))}" fill="none" stroke="var(--accent)" stroke-width="2.2"/>`;
    const ends = text(10, 204, short(low)) + text(W - 10, 204, short(high), 'text-anchor="end"');
    return svg(W, H, dots.join("") + path + ends, "Targets as dots, the network's answer as a line, over the input");
  }

  function draw() {
    byId("play-verdict").textContent = sentence();
    byId("play-course").innerHTML = course();
    byId("play-bends").innerHTML = bends();
    byId("play-answers").innerHTML = answers();
    byId("play-answers-part").hidden = training.rows.X[0].length !== 1;
  }

  function changed(event) {
    const key = event.target.id.replace("play-", "");
    if (!FIELDS.includes(key)) return;
    if (key === "case") return chosen(preset(event.target.value));
    const value = event.target.type === "checkbox" ? Number(event.target.checked) : event.target.value;
    chosen(read(write({ ...state, [key]: value })), event.type === "input" ? event.target : null);
  }

  byId("play").addEventListener("change", changed);
  byId("play").addEventListener("input", (event) => { if (event.target.type === "number") changed(event); });
  byId("play").addEventListener("submit", (event) => event.preventDefault());
  byId("play-go").addEventListener("click", () => {
    if (timer !== null) return stop();
    if (over()) fresh();
    byId("play-go").textContent = "Stop";
    timer = requestAnimationFrame(go);
  });
  byId("play-again").addEventListener("click", fresh);
  byId("play-sick").addEventListener("click", () => chosen(preset(state.case)));
  byId("play-cure").addEventListener("click", () => chosen(preset(state.case, "cure")));
  byId("play-starts").addEventListener("click", starts);
  window.addEventListener("hashchange", () => { if (location.hash.slice(1) !== write(state)) chosen(read(location.hash.slice(1))); });
  for (const [name, { title }] of Object.entries(CASES)) byId("play-case").add(new Option(title, name));
  chosen(read(location.hash.slice(1)));
})();
