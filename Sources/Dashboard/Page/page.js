// The dashboard's page shows the documents that /api/events sends (docs/json.md). It sets text from
// outside as text, never as markup: a job may be called <img onerror=…>.

import { clock, count, dollars, duration, percent, seconds } from "./format.js";

const perPage = 240;
const state = { farm: null, job: null, chosen: location.hash.slice(1) || null, page: null, stream: null };
const byId = (id) => document.getElementById(id);

function element(kind, className, text) {
  const made = document.createElement(kind);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

function svg(kind, attributes, text) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", kind);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  if (text !== undefined) made.textContent = text;
  return made;
}

function facts(job) {
  const words = [job.state, `${job.framesDone} of ${count(job.framesTotal || 0, "frame")}`];
  if (job.frameMeanSeconds !== undefined) words.push(`${seconds(job.frameMeanSeconds, 1)} per frame`);
  if (job.interruptions) words.push(count(job.interruptions, "interruption"));
  if (job.failures) words.push(count(job.failures, "failure"));
  if (job.costUSD) words.push(dollars(job.costUSD));
  if (job.settled) words.push(`took ${duration(between(job.created, job.settled))}`);
  return words.join(" · ");
}

const between = (start, end) => (Date.parse(end) - Date.parse(start)) / 1000;
const price = (amount) => (amount === undefined ? "unknown" : dollars(amount));
const isAtRisk = (worker) => worker.atRiskUntil !== undefined && Date.parse(worker.atRiskUntil) > Date.now();

function work(worker) {
  if (worker.task === undefined) return "";
  const words = [`${worker.job}, task ${worker.task}`];
  if (worker.frame !== undefined) words.push(`frame ${worker.frame}`);
  if (worker.samplesMax !== undefined) words.push(`sample ${worker.samples} of ${worker.samplesMax}`);
  return words.join(", ");
}

// The last `figures` cells of a row are numbers.
function fill(table, rows, figures) {
  byId(table).tBodies[0].replaceChildren(...rows.map((cells) => {
    const row = element("tr");
    row.append(...cells.map((text, index) =>
      element("td", index >= cells.length - figures ? "number" : "", String(text))));
    return row;
  }));
}

function jobButton(job) {
  const line = element("li");
  const button = element("button");
  button.type = "button";
  button.dataset.job = job.job;
  button.setAttribute("aria-pressed", String(job.job === state.chosen));
  button.append(element("div", "name", `${job.file} (${job.job})`), element("div", "facts", facts(job)));
  const bar = element("div", `bar ${job.state}`);
  const filled = element("div");
  filled.style.width = `${job.framesTotal ? (100 * job.framesDone) / job.framesTotal : 0}%`;
  bar.append(filled);
  button.append(bar);
  button.addEventListener("click", () => choose(job.job));
  line.append(button);
  return line;
}

function showFarm(farm) {
  state.farm = farm;
  const busy = farm.workers.filter((worker) => worker.state === "rendering").length;
  byId("totals").textContent =
    `${count(farm.workers.length, "worker")}, ${busy} rendering · ${dollars(farm.pricePerHourUSD)} per hour`;
  const isSettled = (job) => job.settled !== undefined;
  const open = farm.jobs.filter((job) => !isSettled(job));
  const settled = farm.jobs.filter(isSettled);
  byId("no-jobs").hidden = open.length > 0;
  byId("jobs").replaceChildren(...open.map(jobButton));
  byId("settled").hidden = settled.length === 0;
  byId("settled").querySelector("summary").textContent = `${count(settled.length, "finished job")}, latest first`;
  byId("settled").querySelector("ul").replaceChildren(...settled.map(jobButton));
  byId("no-workers").hidden = farm.workers.length > 0;
  byId("fleet").hidden = farm.workers.length === 0;
  fill("fleet", farm.workers.map((worker) => [
    worker.worker, worker.instanceType, worker.zone, worker.lifecycle,
    worker.state + (isAtRisk(worker) ? ", at risk" : ""), work(worker),
    worker.framesDone, price(worker.pricePerHourUSD)]), 2);
  byId("pools").hidden = farm.pools.length === 0;
  fill("pools", farm.pools.map((pool) => [
    pool.instanceType, pool.zone, pool.lifecycle, pool.workers, price(pool.pricePerHourUSD),
    price(pool.onDemandPricePerHourUSD),
    pool.pricePerHourUSD !== undefined && pool.onDemandPricePerHourUSD
      ? percent(1 - pool.pricePerHourUSD / pool.onDemandPricePerHourUSD) : "unknown"]), 4);
  if (!state.chosen && farm.jobs.length > 0) choose((open[0] || settled[0]).job);
}

function showJob(view) {
  state.job = view;
  byId("job").hidden = false;
  byId("job-title").textContent = view.file;
  byId("job-line").textContent = `${view.job} · ${facts(view)} · since ${clock(view.created)}`;
  byId("job-rest").hidden = !view.remaining;
  if (view.remaining) {
    const { earlySeconds, likelySeconds, lateSeconds } = view.remaining;
    byId("job-rest").textContent =
      `about ${duration(likelySeconds)} left (${duration(earlySeconds)} to ${duration(lateSeconds)})`;
  }
  const notes = [view.reason, ...view.notes].filter(Boolean);
  byId("job-reason").hidden = notes.length === 0;
  byId("job-reason").textContent = notes.join("\n");
  showFrames(view);
  showTimeline(view);
  showCosts(view.costs);
}

// Updates keep the frame cells, so that the browser does not fetch pictures again.
function showFrames(view) {
  if (!view.frameGrid) return byId("frames").replaceChildren();
  const { first, last, step, areShown } = view.frameGrid;
  const count = Math.floor((last - first) / step) + 1;
  const pages = Math.ceil(count / perPage);
  const stored = new Set(view.storedFrames);
  if (state.page === null) {
    // The page with the last stored frame.
    const done = view.storedFrames.length ? view.storedFrames[view.storedFrames.length - 1] : first;
    state.page = Math.floor((done - first) / step / perPage);
  }
  state.page = Math.max(0, Math.min(state.page, pages - 1));
  byId("pages").hidden = pages < 2;
  byId("page").textContent = `${state.page + 1} of ${pages}`;
  const wanted = [];
  for (let index = state.page * perPage; index < Math.min(count, (state.page + 1) * perPage); index += 1) {
    wanted.push(first + index * step);
  }
  const states = new Map();
  for (const part of view.frameStates) {
    for (let number = part.first; number <= part.last; number += part.step) states.set(number, part.state);
  }
  const grid = byId("frames");
  const key = `${view.job}/${state.page}`;
  if (grid.dataset.key !== key) {
    grid.dataset.key = key;
    grid.replaceChildren(...wanted.map((number) => {
      const cell = element("figure");
      cell.dataset.frame = number;
      cell.append(element("figcaption", "", String(number)));
      return cell;
    }));
  }
  for (const cell of grid.children) {
    const number = Number(cell.dataset.frame);
    const now = stored.has(number) ? "stored" : states.get(number) || "waiting";
    if (cell.className !== now) {
      cell.className = now;
      cell.title = `frame ${number}: ${now}`;
    }
    if (now === "stored" && areShown && !cell.querySelector("img")) {
      const picture = element("img");
      picture.loading = "lazy";
      picture.alt = `frame ${number}`;
      picture.src = `api/jobs/${encodeURIComponent(view.job)}/frames/${number}`;
      cell.prepend(picture);
    }
  }
}

function showTimeline(view) {
  const box = byId("timeline");
  if (!view.leases.length) return box.replaceChildren(element("p", "", "Nothing has been rendered yet."));
  const now = view.settled ? Date.parse(view.settled) : Date.now();
  const bars = view.leases.map((lease) => ({
    ...lease, from: Date.parse(lease.start), to: lease.end ? Date.parse(lease.end) : now,
  }));
  const start = Math.min(...bars.map((bar) => bar.from));
  const end = Math.max(now, ...bars.map((bar) => bar.to), start + 1000);
  const workers = [...new Set(bars.map((bar) => bar.worker))];
  const [left, width, row] = [150, 900, 22];
  const x = (time) => left + ((time - start) / (end - start)) * (width - left - 10);
  const picture = svg("svg", { viewBox: `0 0 ${width} ${workers.length * row + 24}`, role: "img" });
  picture.append(svg("title", {}, "What each worker rendered, and when"));
  workers.forEach((worker, index) => {
    const y = index * row;
    picture.append(
      svg("text", { x: 0, y: y + 15 }, worker),
      svg("line", { x1: left, x2: width - 10, y1: y + row, y2: y + row }));
    for (const bar of bars.filter((bar) => bar.worker === worker)) {
      const mark = svg("rect", {
        x: x(bar.from), y: y + 4, width: Math.max(2, x(bar.to) - x(bar.from) - 1), height: row - 8,
        rx: 2, class: bar.outcome,
      });
      const detail = bar.detail ? `: ${bar.detail}` : "";
      const time = `${clock(bar.start)}, ${duration((bar.to - bar.from) / 1000)}`;
      mark.append(svg("title", {}, `frames ${bar.frames}, ${bar.outcome}${detail} (${time})`));
      picture.append(mark);
    }
  });
  const base = workers.length * row + 18;
  picture.append(
    svg("text", { x: left, y: base }, clock(start)),
    svg("text", { x: width - 10, y: base, "text-anchor": "end" },
      `${clock(end)}, ${duration((end - start) / 1000)}`));
  box.replaceChildren(picture);
}

function showCosts(costs) {
  const last = costs[costs.length - 1];
  byId("paid").textContent = last ? `rendering, paid: ${dollars(last.costUSD)}` : "rendering, paid";
  byId("on-demand").textContent = last
    ? `the same time On-Demand: ${dollars(last.onDemandCostUSD)}` : "the same time On-Demand";
  if (!last) return byId("costs").replaceChildren(element("p", "", "No task has been rendered yet."));
  const [left, width, height] = [70, 900, 140];
  const [first, end] = [Date.parse(costs[0].time), Date.parse(last.time)];
  const top = Math.max(last.costUSD, last.onDemandCostUSD, 1e-9);
  const x = (time) => left + ((Date.parse(time) - first) / Math.max(1, end - first)) * (width - left - 10);
  const y = (amount) => height - 22 - (amount / top) * (height - 34);
  const picture = svg("svg", { viewBox: `0 0 ${width} ${height}`, role: "img" });
  picture.append(
    svg("title", {}, "Cost over time, compared with On-Demand"),
    svg("line", { x1: left, x2: width - 10, y1: y(0), y2: y(0) }),
    svg("text", { x: 0, y: y(top) + 4 }, dollars(top)),
    svg("text", { x: left, y: height - 6 }, clock(costs[0].time)),
    svg("text", { x: width - 10, y: height - 6, "text-anchor": "end" }, clock(last.time)));
  for (const [name, key] of [["paid", "costUSD"], ["on-demand", "onDemandCostUSD"]]) {
    const points = costs.map((cost) => `${x(cost.time).toFixed(1)},${y(cost[key]).toFixed(1)}`).join(" ");
    picture.append(svg("polyline", { class: name, points }));
  }
  byId("costs").replaceChildren(picture);
}

function choose(job) {
  if (job === state.chosen && state.job) return;
  state.chosen = job;
  state.page = null;
  history.replaceState(null, "", `#${job}`);
  listen();
}

function listen() {
  if (state.stream) state.stream.close();
  const query = state.chosen ? `?job=${encodeURIComponent(state.chosen)}` : "";
  state.stream = new EventSource(`api/events${query}`);
  state.stream.addEventListener("farm", (event) => { calm(); showFarm(JSON.parse(event.data)); });
  state.stream.addEventListener("job", (event) => { calm(); showJob(JSON.parse(event.data)); });
  state.stream.addEventListener("trouble", (event) => worry(JSON.parse(event.data).error));
  state.stream.onerror = () => worry("The dashboard's program does not answer. Is it still running?");
}

function worry(text) {
  byId("trouble").hidden = false;
  byId("trouble").textContent = text;
}

function calm() {
  byId("trouble").hidden = true;
}

byId("earlier").addEventListener("click", () => { state.page -= 1; showFrames(state.job); });
byId("later").addEventListener("click", () => { state.page += 1; showFrames(state.job); });
listen();
