"use strict";
// The playground's arithmetic: cases, networks, optimizers, the ladder. It knows nothing of the page.
// All rows are one batch, all numbers are of double precision; what torch does by default is done here.
const Playground = (() => {
  // Mulberry32 (Tommy Ettinger, public domain): the same seed gives the same numbers in every browser.
  function random(seed) {
    let a = seed >>> 0;
    return () => {
      a = (a + 0x6d2b79f5) >>> 0;
      let t = Math.imul(a ^ (a >>> 15), 1 | a);
      t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
      return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
    };
  }
  const normal = (draw) => Math.sqrt(-2 * Math.log(1 - draw())) * Math.cos(2 * Math.PI * draw());
  const range = (n) => Array.from({ length: n }, (_, i) => i);
  const mean = (values) => values.reduce((a, b) => a + b, 0) / values.length;
  const spread = (values) => {
    const m = mean(values);
    return Math.sqrt(values.reduce((a, v) => a + (v - m) ** 2, 0) / (values.length - 1));
  };

  const LABELS = [0.813, 0.770, 0.524, 0.156, 0.813, 0.986, 0.500, 0.898, 0.067, 0.016,
    0.079, 0.808, 0.491, 0.539, 0.684, 0.323, 0.463, 0.321, 0.029, 0.422];

  const risk = (age) => 0.02 + 0.33 / (1 + Math.exp(-(age - 78) / 6));

  function quartic() {
    const draw = random(11);
    const terms = range(40).map(() => ({
      weight: 2 * draw() - 1, of: range(1 + Math.floor(4 * draw())).map(() => Math.floor(32 * draw())),
    }));
    const value = (x) => 3 + terms.reduce((sum, t) => sum + t.weight * t.of.reduce((p, i) => p * x[i], 1), 0);
    const at = range(32).map(() => 2 * draw() - 1);
    const X = range(200).map(() => at.map((v) => v + 1e-3 * normal(draw)));
    return { X, y: X.map(value) };
  }

  const CASES = {
    xnor: {
      title: "XNOR: four rows", loss: "bce",
      rows() {
        const X = [[0, 1, 1, 0], [1, 0, 0, 1], [0, 1, 0, 1], [1, 0, 1, 0]];
        return { X: X.map((row) => row.map((v) => (v - 0.5) / Math.sqrt(1 / 3))), y: [1, 1, 0, 0] };
      },
      sick: { width: 2, depth: 2, act: "relu", opt: "sgd", lr: 0.01, zero: 0, steps: 10 },
      cure: { width: 8, depth: 2, act: "relu", opt: "sgd", lr: 0.1, zero: 1, steps: 1000 },
    },
    "heart-rate": {
      title: "Heart rates: above 91?", loss: "bce",
      rows() {
        const draw = random(5);
        const X = range(200).map(() => [Math.round(10 * (92.6 + 7.5 * normal(draw))) / 10]);
        return { X, y: X.map(([rate]) => (rate > 91 ? 1 : 0)) };
      },
      sick: { width: 4, depth: 1, act: "sigmoid", opt: "adam", lr: 0.001, zero: 1, steps: 10000 },
      cure: { width: 4, depth: 1, act: "sigmoid", opt: "adam", lr: 0.01, zero: 1, steps: 2000, scale: "standard" },
    },
    ages: {
      title: "Ages: a curve that stops improving", loss: "mse",
      rows() {
        const draw = random(3);
        const ages = range(400).map(() => 18 + Math.floor(88 * draw()));
        return { X: ages.map((a) => [(a - 60) / 10]), y: ages.map((a) => (draw() < risk(a) ? 1 : 0)),
          best: ages.map(risk) };
      },
      sick: { width: 50, depth: 1, act: "relu", opt: "recreated", lr: 0.01, zero: 1, steps: 2000 },
      cure: { width: 50, depth: 1, act: "relu", opt: "adam", lr: 0.01, zero: 1, steps: 1000 },
    },
    "twenty-points": {
      title: "Twenty points and a wide network", loss: "mse",
      rows: () => ({ X: range(20).map((i) => [i - 10]), y: LABELS }),
      sick: { width: 500, depth: 1, act: "relu", opt: "recreated", lr: 1e-4, zero: 1, steps: 20000 },
      cure: { width: 500, depth: 1, act: "relu", opt: "adam", lr: 1e-3, zero: 1, steps: 3000, scale: "standard" },
    },
    squares: {
      title: "Squares with a stack of linear layers", loss: "mse",
      rows() {
        const draw = random(7);
        const numbers = range(300).map(() => 1 + Math.floor(1000 * draw()));
        return { X: numbers.map((n) => [n / 1e6]), y: numbers.map((n) => (n * n) / 1e6) };
      },
      sick: { width: 20, depth: 3, act: "none", opt: "adam", lr: 0.001, zero: 1, steps: 1000 },
      cure: { width: 20, depth: 3, act: "relu", opt: "adam", lr: 0.001, zero: 1, steps: 1000, scale: "standard" },
    },
    quartic: {
      title: "A quartic near one setting", loss: "mse", rows: quartic,
      sick: { width: 48, depth: 2, act: "relu", opt: "adam", lr: 0.005, zero: 1, steps: 1000 },
      cure: { width: 48, depth: 2, act: "relu", opt: "adam", lr: 0.005, zero: 1, steps: 1000,
        scale: "standard", targets: "standard" },
    },
  };
  const BASE = { scale: "raw", targets: "raw", seed: 1 };
  const preset = (name, which = "sick") => ({ case: name, ...BASE, ...CASES[name][which] });

  const SCALES = {
    raw: (v) => v,
    centred: (v, m) => v - m,
    spread: (v, m, s) => v / s,
    standard: (v, m, s) => (v - m) / s,
  };

  function rows(state) {
    const found = CASES[state.case].rows();
    const scaled = SCALES[state.scale];
    const columns = range(found.X[0].length).map((j) => found.X.map((row) => row[j]));
    const at = columns.map((c) => [mean(c), spread(c) || 1]);
    const X = found.X.map((row) => row.map((v, j) => scaled(v, ...at[j])));
    let { y, best } = found;
    if (state.targets === "standard" && CASES[state.case].loss === "mse") {
      const [m, s] = [mean(y), spread(y) || 1];
      y = y.map((v) => (v - m) / s);
      best = best && best.map((v) => (v - m) / s);
    }
    return { X, y, best, loss: CASES[state.case].loss };
  }

  // Layers as torch draws them: weights and biases uniform within 1 / sqrt(inputs).
  function layers(state, inputs) {
    const draw = random(1000 + state.seed);
    const sizes = [inputs, ...range(state.depth).map(() => state.width), 1];
    return range(sizes.length - 1).map((i) => {
      const bound = 1 / Math.sqrt(sizes[i]);
      const take = (n) => Float64Array.from({ length: n }, () => bound * (2 * draw() - 1));
      return { from: sizes[i], to: sizes[i + 1], W: take(sizes[i] * sizes[i + 1]), b: take(sizes[i + 1]) };
    });
  }

  const sigmoid = (z) => 1 / (1 + Math.exp(-z));
  const ACTS = {  // value, and slope from pre-activation and value
    relu: [(z) => (z > 0 ? z : 0), (z) => (z > 0 ? 1 : 0)],
    tanh: [Math.tanh, (z, a) => 1 - a * a],
    sigmoid: [sigmoid, (z, a) => a * (1 - a)],
    elu: [(z) => (z > 0 ? z : Math.expm1(z)), (z, a) => (z > 0 ? 1 : a + 1)],
    none: [(z) => z, () => 1],
  };

  function forward(net, X, act) {
    let a = Float64Array.from(X.flat());
    const seen = [{ a }];
    net.forEach((layer, depth) => {
      const n = X.length, z = new Float64Array(n * layer.to);
      for (let r = 0; r < n; r++)
        for (let o = 0; o < layer.to; o++) {
          let sum = layer.b[o];
          for (let i = 0; i < layer.from; i++) sum += layer.W[o * layer.from + i] * a[r * layer.from + i];
          z[r * layer.to + o] = sum;
        }
      a = depth < net.length - 1 ? z.map(ACTS[act][0]) : z;
      seen.push({ z, a });
    });
    return seen;
  }

  // Losses as torch's MSELoss, and BCELoss behind a sigmoid, with its two clamps. Returns value and slope at the output.
  function loss(kind, z, y) {
    const n = y.length, slope = new Float64Array(n);
    let sum = 0;
    for (let r = 0; r < n; r++) {
      if (kind === "mse") {
        sum += (z[r] - y[r]) ** 2;
        slope[r] = (2 * (z[r] - y[r])) / n;
        continue;
      }
      const p = sigmoid(z[r]);
      sum -= y[r] * Math.max(Math.log(p), -100) + (1 - y[r]) * Math.max(Math.log(1 - p), -100);
      slope[r] = (((p - y[r]) / Math.max((1 - p) * p, 1e-12)) * (p * (1 - p))) / n;
    }
    return [sum / n, slope];
  }

  function addGradients(net, seen, slope, grads, act) {
    let delta = slope;
    for (let d = net.length - 1; d >= 0; d--) {
      const { from, to, W } = net[d], a = seen[d].a, n = delta.length / to, { W: gW, b: gb } = grads[d];
      for (let r = 0; r < n; r++)
        for (let o = 0; o < to; o++) {
          const g = delta[r * to + o];
          if (g === 0) continue;
          gb[o] += g;
          for (let i = 0; i < from; i++) gW[o * from + i] += g * a[r * from + i];
        }
      if (d === 0) return;
      const back = new Float64Array(n * from), z = seen[d].z;
      for (let r = 0; r < n; r++)
        for (let o = 0; o < to; o++) {
          const g = delta[r * to + o];
          if (g !== 0) for (let i = 0; i < from; i++) back[r * from + i] += g * W[o * from + i];
        }
      for (let k = 0; k < back.length; k++) back[k] *= ACTS[act][1](z[k], a[k]);
      delta = back;
    }
  }

  const zeros = (net) => net.map((l) => ({ W: new Float64Array(l.W.length), b: new Float64Array(l.b.length) }));
  const OPTIMIZERS = {
    sgd: (w, g, k, o, lr) => { w[k] -= lr * g[k]; },
    recreated: (w, g, k, o, lr) => { w[k] -= lr * g[k]; },  // momentum that is built anew never acts
    momentum: (w, g, k, o, lr) => { o.m[k] = 0.9 * o.m[k] + g[k]; w[k] -= lr * o.m[k]; },
    adam: (w, g, k, o, lr, t) => {
      o.m[k] = 0.9 * o.m[k] + 0.1 * g[k];
      o.v[k] = 0.999 * o.v[k] + 0.001 * g[k] * g[k];
      const root = Math.sqrt(o.v[k]) / Math.sqrt(1 - 0.999 ** t) + 1e-8;
      w[k] -= ((lr / (1 - 0.9 ** t)) * o.m[k]) / root;
    },
  };

  class Training {
    constructor(state) {
      this.state = state;
      this.rows = rows(state);
      this.net = layers(state, this.rows.X[0].length);
      this.grads = zeros(this.net);
      this.memory = { m: zeros(this.net), v: zeros(this.net) };
      this.step = 0;
      this.curve = [];
      this.loss = this.look()[1][0];
    }

    look() {
      const seen = forward(this.net, this.rows.X, this.state.act);
      return [seen, loss(this.rows.loss, seen.at(-1).z, this.rows.y)];
    }

    // One update: the loss that belongs to it is that before it, as a script prints it.
    update() {
      const { act, opt, lr, zero } = this.state;
      const [seen, [value, slope]] = this.look();
      if (zero) this.grads = zeros(this.net);
      addGradients(this.net, seen, slope, this.grads, act);
      this.step += 1;
      const change = OPTIMIZERS[opt];
      this.net.forEach((layer, d) => {
        for (const part of ["W", "b"]) {
          const o = { m: this.memory.m[d][part], v: this.memory.v[d][part] };
          const w = layer[part], g = this.grads[d][part];
          for (let k = 0; k < w.length; k++) change(w, g, k, o, lr, this.step);
        }
      });
      this.loss = value;
      this.curve.push(value);
      return value;
    }

    // Share of each hidden layer's units that bend among the rows, are off, straight, or flat.
    bends() {
      const [seen] = this.look(), act = this.state.act, n = this.rows.X.length;
      return this.net.slice(0, -1).map((layer, d) => {
        const { z, a } = seen[d + 1], found = { bending: 0, straight: 0, flat: 0, off: 0 };
        for (let u = 0; u < layer.to; u++) {
          const at = (values) => range(n).map((r) => values[r * layer.to + u]);
          const zs = at(z), as = at(a);
          const [low, high] = [Math.min(...zs), Math.max(...zs)];
          if (act === "none") found.straight += 1;
          else if (act === "relu") found[high <= 0 ? "off" : low >= 0 ? "straight" : "bending"] += 1;
          else if (act === "elu") found[low >= 0 ? "straight" : "bending"] += 1;
          else {
            const whole = act === "tanh" ? 2 : 1;
            found[Math.max(...as) - Math.min(...as) < 0.05 * whole ? "flat" : "bending"] += 1;
          }
        }
        return found;
      });
    }
  }

  // Solve A x = b by elimination with pivots; A is overwritten.
  function solve(A, b) {
    const n = b.length;
    for (let c = 0; c < n; c++) {
      let p = c;
      for (let r = c + 1; r < n; r++) if (Math.abs(A[r][c]) > Math.abs(A[p][c])) p = r;
      [A[c], A[p], b[c], b[p]] = [A[p], A[c], b[p], b[c]];
      for (let r = c + 1; r < n; r++) {
        const f = A[r][c] / A[c][c];
        for (let k = c; k < n; k++) A[r][k] -= f * A[c][k];
        b[r] -= f * b[c];
      }
    }
    for (let c = n - 1; c >= 0; c--) {
      for (let k = c + 1; k < n; k++) b[c] -= A[c][k] * b[k];
      b[c] /= A[c][c];
    }
    return b;
  }

  // The best linear model: least squares, or logistic regression by Newton's method, with a trace of ridge.
  function linear(kind, X, y) {
    const columns = range(X[0].length).map((j) => X.map((row) => row[j]));
    const at = columns.map((c) => [mean(c), spread(c) || 1]);
    const Z = X.map((row) => [1, ...row.map((v, j) => (v - at[j][0]) / at[j][1])]);
    const k = Z[0].length, w = new Float64Array(k);
    for (let turn = 0; turn < (kind === "mse" ? 1 : 30); turn++) {
      const A = range(k).map((i) => range(k).map((j) => (i === j ? 1e-6 : 0))), g = range(k).map((i) => -1e-6 * w[i]);
      Z.forEach((row, r) => {
        const z = row.reduce((sum, v, i) => sum + v * w[i], 0), p = kind === "mse" ? z : sigmoid(z);
        const weight = kind === "mse" ? 1 : Math.max(p * (1 - p), 1e-9);
        for (let i = 0; i < k; i++) {
          g[i] += row[i] * (y[r] - p);
          for (let j = 0; j < k; j++) A[i][j] += weight * row[i] * row[j];
        }
      });
      solve(A, g).forEach((v, i) => { w[i] += Math.max(-5, Math.min(5, v)); });
    }
    return loss(kind, Z.map((row) => row.reduce((sum, v, i) => sum + v * w[i], 0)), y)[0];
  }

  const CLOSED = 0.9;  // of the gap between constant and floor, as docs/how-it-is-proved.md has it
  function ladder({ X, y, best, loss: kind }) {
    const logit = (p) => Math.log(p / (1 - p));
    const score = (p) => loss(kind, kind === "mse" ? p : p.map((v) => logit(Math.min(1 - 1e-15, Math.max(1e-15, v)))), y)[0];
    const groups = new Map();
    X.forEach((row, r) => {
      const key = row.join();
      groups.set(key, [...(groups.get(key) || []), y[r]]);
    });
    const constant = score(y.map(() => mean(y)));
    const lowest = score(best || X.map((row) => mean(groups.get(row.join()))));
    const floor = lowest < 1e-12 ? 0 : lowest;
    return { constant, linear: Math.min(constant, linear(kind, X, y)), floor, goal: constant - CLOSED * (constant - floor) };
  }

  // The verdict's rules are those of theory/verdict.py, as far as a page without other learners can follow them.
  function verdict(training, rungs) {
    const { loss: value, curve, step } = training, { constant, goal } = rungs;
    const start = curve.length ? curve[0] : value;
    if (!Number.isFinite(value) || value > 3 * Math.max(start, constant)) return "diverged";
    if (value <= goal) return rungs.floor > constant / 2 ? "floor" : "learned";
    if (step < training.state.steps) return "training";
    const before = curve[Math.floor(0.9 * (curve.length - 1))];
    return (before - value) / (constant - goal) >= 0.01 ? "slow" : "stuck";
  }

  const KEYS = ["case", "width", "depth", "act", "scale", "targets", "opt", "lr", "zero", "steps", "seed"];
  const write = (state) => KEYS.map((key) => `${key}=${encodeURIComponent(state[key])}`).join("&");
  const LIMITS = { width: [1, 2000], depth: [1, 6], steps: [1, 1e6], seed: [1, 1e6], lr: [1e-9, 1e3], zero: [0, 1] };
  const WORDS = { act: ACTS, scale: SCALES, targets: { raw: 1, standard: 1 }, opt: OPTIMIZERS };
  // A link's state over that of its case; what a link cannot mean is left as the case has it.
  function read(text) {
    const given = new URLSearchParams(text), name = given.get("case");
    const state = preset(Object.hasOwn(CASES, name ?? "") ? name : "xnor");
    for (const key of KEYS.slice(1)) {
      const value = given.get(key);
      if (value === null) continue;
      if (key in WORDS) { if (Object.hasOwn(WORDS[key], value)) state[key] = value; continue; }
      const number = key === "lr" ? Number(value) : Math.round(Number(value)), [low, high] = LIMITS[key];
      if (value.trim() && number >= low && number <= high) state[key] = number;
    }
    return state;
  }

  return { CASES, KEYS, LIMITS, Training, forward, ladder, preset, read, rows, verdict, write };
})();
if (typeof module !== "undefined") module.exports = Playground;
