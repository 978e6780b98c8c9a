// The dashboard's page: shows what /api/events sends. Everything from outside is set as text, never as
// markup: a job called <img onerror=…> is a name like any other.

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

const plural = (count, word) => `${count} ${word}${count === 1 ? "" : "s"}`;
const clock = (milliseconds) => new Date(milliseconds).toLocaleTimeString();

function span(milliseconds) {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  if (seconds < 120) return `${seconds} s`;
  return seconds < 7200 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`;
}

function facts(job) {
  const words = [job.state, `${job.framesDone} of ${plural(job.frameCount, "frame")}`];
  if (job.secondsPerFrame !== undefined) words.push(`${job.secondsPerFrame.toFixed(1)} s per frame`);
  if (job.interruptions) words.push(plural(job.interruptions, "interruption"));
  if (job.failures) words.push(plural(job.failures, "failure"));
  if (job.dollars) words.push(`$${job.dollars.toFixed(4)}`);
  if (job.settled) words.push(`took ${span(job.settled - job.created)}`);
  return words.join(" · ");
}

const price = (dollars) => (dollars === undefined ? "unknown" : dollars.toFixed(4));

// The last `figures` cells of a row are set as numbers.
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
  button.dataset.job = job.id;
  button.setAttribute("aria-pressed", String(job.id === state.chosen));
  button.append(element("div", "name", `${job.name} (${job.id})`), element("div", "facts", facts(job)));
  const bar = element("div", `bar ${job.state}`);
  const filled = element("div");
  filled.style.width = `${job.frameCount ? (100 * job.framesDone) / job.frameCount : 0}%`;
  bar.append(filled);
  button.append(bar);
  button.addEventListener("click", () => choose(job.id));
  line.append(button);
  return line;
}

function showFarm(farm) {
  state.farm = farm;
  const busy = farm.workers.filter((worker) => worker.state === "rendering").length;
  byId("totals").textContent =
    `${plural(farm.workers.length, "worker")}, ${busy} rendering · $${farm.dollarsPerHour.toFixed(4)} an hour`;
  const isSettled = (job) => job.settled !== undefined;
  const open = farm.jobs.filter((job) => !isSettled(job));
  const settled = farm.jobs.filter(isSettled);
  byId("no-jobs").hidden = open.length > 0;
  byId("jobs").replaceChildren(...open.map(jobButton));
  byId("settled").hidden = settled.length === 0;
  byId("settled").querySelector("summary").textContent = `${plural(settled.length, "job")} settled, the latest first`;
  byId("settled").querySelector("ul").replaceChildren(...settled.map(jobButton));
  byId("no-workers").hidden = farm.workers.length > 0;
  byId("fleet").hidden = farm.workers.length === 0;
  fill("fleet", farm.workers.map((worker) => [
    worker.id, worker.instanceType, worker.zone, worker.lifecycle,
    worker.state + (worker.isAtRisk ? ", at risk" : ""), worker.doing || "",
    worker.framesDone, price(worker.pricePerHour)]), 2);
  byId("pools").hidden = farm.pools.length === 0;
  fill("pools", farm.pools.map((pool) => [
    pool.instanceType, pool.zone, pool.lifecycle, pool.workers, price(pool.pricePerHour),
    price(pool.onDemandPerHour),
    pool.pricePerHour !== undefined && pool.onDemandPerHour
      ? `${(100 * (1 - pool.pricePerHour / pool.onDemandPerHour)).toFixed(1)} %` : "unknown"]), 4);
  if (!state.chosen && farm.jobs.length > 0) choose((open[0] || settled[0]).id);
}

function showJob(view) {
  state.job = view;
  byId("job").hidden = false;
  byId("job-title").textContent = view.job.name;
  byId("job-line").textContent = `${view.job.id} · ${facts(view.job)} · since ${clock(view.job.created)}`;
  byId("job-rest").hidden = !view.rest;
  if (view.rest) {
    byId("job-rest").textContent =
      `about ${span(view.rest.likely)} left (${span(view.rest.early)} to ${span(view.rest.late)})`;
  }
  byId("job-reason").hidden = !view.job.reason;
  byId("job-reason").textContent = view.job.reason || "";
  showFrames(view);
  showTimeline(view);
  showCosts(view.costs);
}

// Frame cells are kept between updates, so that pictures are not fetched again.
function showFrames(view) {
  if (!view.frames) return byId("frames").replaceChildren();
  const { first, last, step, areShown } = view.frames;
  const count = Math.floor((last - first) / step) + 1;
  const pages = Math.ceil(count / perPage);
  const stored = new Set(view.stored);
  if (state.page === null) {
    // Where the work is.
    const done = view.stored.length ? view.stored[view.stored.length - 1] : first;
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
  for (const part of view.parts) {
    for (let number = part.first; number <= part.last; number += part.step) states.set(number, part.state);
  }
  const grid = byId("frames");
  const key = `${view.job.id}/${state.page}`;
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
      picture.src = `api/jobs/${encodeURIComponent(view.job.id)}/frames/${number}`;
      cell.prepend(picture);
    }
  }
}

function showTimeline(view) {
  const bars = view.bars;
  const box = byId("timeline");
  if (!bars.length) return box.replaceChildren(element("p", "", "Nothing has been rendered yet."));
  const now = view.job.settled || Date.now();
  const start = Math.min(...bars.map((bar) => bar.start));
  const end = Math.max(now, ...bars.map((bar) => bar.end || now), start + 1000);
  const workers = [...new Set(bars.map((bar) => bar.worker))];
  const [left, width, row] = [150, 900, 22];
  const x = (time) => left + ((time - start) / (end - start)) * (width - left - 10);
  const picture = svg("svg", { viewBox: `0 0 ${width} ${workers.length * row + 24}`, role: "img" });
  picture.append(svg("title", {}, "Which worker rendered what, and when"));
  workers.forEach((worker, index) => {
    const y = index * row;
    picture.append(
      svg("text", { x: 0, y: y + 15 }, worker),
      svg("line", { x1: left, x2: width - 10, y1: y + row, y2: y + row }));
    for (const bar of bars.filter((bar) => bar.worker === worker)) {
      const until = bar.end || now;
      const mark = svg("rect", {
        x: x(bar.start), y: y + 4, width: Math.max(2, x(until) - x(bar.start) - 1), height: row - 8,
        rx: 2, class: bar.outcome,
      });
      const detail = bar.detail ? `: ${bar.detail}` : "";
      mark.append(svg("title", {},
        `frames ${bar.frames}, ${bar.outcome}${detail} (${clock(bar.start)}, ${span(until - bar.start)})`));
      picture.append(mark);
    }
  });
  const base = workers.length * row + 18;
  picture.append(
    svg("text", { x: left, y: base }, clock(start)),
    svg("text", { x: width - 10, y: base, "text-anchor": "end" }, `${clock(end)}, ${span(end - start)}`));
  box.replaceChildren(picture);
}

function showCosts(costs) {
  const last = costs[costs.length - 1];
  byId("paid").textContent = last ? `leases as paid: $${last.paid.toFixed(4)}` : "leases as paid";
  byId("on-demand").textContent = last
    ? `the same time On-Demand: $${last.onDemand.toFixed(4)}` : "the same time On-Demand";
  if (!last) return byId("costs").replaceChildren(element("p", "", "Nothing has been leased yet."));
  const [left, width, height] = [70, 900, 140];
  const top = Math.max(last.paid, last.onDemand, 1e-9);
  const x = (time) => left + ((time - costs[0].time) / Math.max(1, last.time - costs[0].time)) * (width - left - 10);
  const y = (dollars) => height - 22 - (dollars / top) * (height - 34);
  const picture = svg("svg", { viewBox: `0 0 ${width} ${height}`, role: "img" });
  picture.append(
    svg("title", {}, "Cost against On-Demand over time"),
    svg("line", { x1: left, x2: width - 10, y1: y(0), y2: y(0) }),
    svg("text", { x: 0, y: y(top) + 4 }, `$${top.toFixed(4)}`),
    svg("text", { x: left, y: height - 6 }, clock(costs[0].time)),
    svg("text", { x: width - 10, y: height - 6, "text-anchor": "end" }, clock(last.time)));
  for (const [name, of] of [["paid", (cost) => cost.paid], ["on-demand", (cost) => cost.onDemand]]) {
    const points = costs.map((cost) => `${x(cost.time).toFixed(1)},${y(of(cost)).toFixed(1)}`).join(" ");
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
  state.stream.addEventListener("trouble", (event) => worry(JSON.parse(event.data)));
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
