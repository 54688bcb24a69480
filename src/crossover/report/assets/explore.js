// The interactive figure: reads the choices of the form, shows the numbers of EXPLORE, draws with Observable Plot.
"use strict";
(() => {
  const form = document.getElementById("choices");
  const { weeks, series, claims, settings, first } = EXPLORE;
  const field = (name) => form.elements[name];
  const show = (id, text) => { document.getElementById(id).textContent = text; };
  const days = weeks.map((week) => new Date(`${week}T00:00:00Z`));
  const TICKS = [0.01, 0.1, 0.3, 1, 3, 10, 100];
  const LEADER = { China: "China led for certain", US: "the US led for certain", incomplete: "the record holds too few days of this week" };

  const key = () => {
    const scope = field("scope").value;
    return [scope, scope === "chart" ? field("size").value : 0, field("policy").value].join(" ");
  };
  const number = (value) => {
    if (Number.isNaN(value)) return "none";
    return value === Infinity ? "unlimited" : value.toFixed(2);
  };
  const tokens = (value) => BigInt(value).toLocaleString("en-US");  // counts beyond 2^53 come as text

  function read(rows, place) {
    const at = (name) => rows[name][place];
    const counted = { chart: `the ${field("size").value} largest models`, ranked: "all ranked models", platform: "the whole platform" };
    const state = at("state");
    const who = LEADER[state] ||
      (at("ratio") > 1 ? "China was ahead, but the unidentified tokens could turn it" :
        at("ratio") < 1 ? "the US was ahead, but the unidentified tokens could turn it" : "neither was ahead");
    show("sentence", `Week of ${weeks[place]}, ${counted[field("scope").value]}: ratio ${number(at("ratio"))} ` +
      `(bounds ${number(at("ratio_low"))} to ${number(at("ratio_high"))}); ${who}.`);
    show("ratio", number(at("ratio")));
    show("low", number(at("ratio_low")));
    show("high", number(at("ratio_high")));
    show("state", state);
    show("china", tokens(at("china_tokens")));
    show("us", tokens(at("us_tokens")));
    show("unidentified", tokens(at("unidentified_tokens")));
  }

  function draw(rows, place) {
    const box = document.getElementById("plot");
    const narrow = box.clientWidth < 560;
    const domain = [0.01, 100];
    const inside = (value) => Math.min(domain[1], Math.max(domain[0], value));
    const points = days
      .map((day, at) => ({ day, week: weeks[at], ratio: rows.ratio[at], low: rows.ratio_low[at], high: rows.ratio_high[at], state: rows.state[at] }))
      .filter((point) => point.state !== "incomplete" && !Number.isNaN(point.ratio))
      .map((point) => ({ ...point, none: point.ratio === 0, ratio: point.ratio === 0 ? NaN : inside(point.ratio), low: inside(point.low), high: inside(point.high) }));
    const chosen = points.filter((point) => point.week === weeks[place]);
    const chart = Plot.plot({
      width: Math.max(300, box.clientWidth),
      height: narrow ? 300 : 380,
      marginLeft: 48,
      marginBottom: 44,
      style: { fontSize: "13px", background: "none" },
      ariaLabel: "Weekly ratio of Chinese to US tokens, with bounds",
      ariaDescription: document.getElementById("sentence").textContent,
      x: { type: "utc", label: null, ticks: narrow ? 4 : 8 },
      y: { type: "log", domain, axis: null },
      marks: [
        Plot.gridY(TICKS),
        Plot.axisY(TICKS, { text: String, label: "Chinese tokens for one US token (log scale)" }),
        Plot.areaY(points, { x: "day", y1: "low", y2: "high", fill: "#d9622b", fillOpacity: 0.18 }),
        Plot.ruleY([1], { stroke: "#1a1a1a", strokeDasharray: "4,3" }),
        Plot.text([points[0]].filter(Boolean), { x: "day", y: 1, text: () => "parity", textAnchor: "start", dy: -7 }),
        Plot.lineY(points, { x: "day", y: "ratio", stroke: "#a33f0e", strokeWidth: 2 }),
        Plot.dot(points.filter((point) => point.none), { x: "day", y: () => domain[0], symbol: "times", stroke: "#a33f0e", r: 4 }),
        Plot.ruleX(chosen, { x: "day", y1: "low", y2: "high", stroke: "#16365c", strokeWidth: 3 }),
        Plot.dot(chosen, { x: "day", y: "ratio", fill: "#16365c", r: 6 }),
      ],
    });
    // One picture in words: the labels that Plot gives to its parts would be read as nothing.
    chart.setAttribute("role", "img");
    chart.querySelectorAll("g[aria-label]").forEach((part) => part.removeAttribute("aria-label"));
    chart.addEventListener("click", (event) => {
      const x = chart.scale("x");
      const pointer = x.invert(event.clientX - chart.getBoundingClientRect().left);
      const near = points.reduce((best, point) => Math.abs(point.day - pointer) < Math.abs(best.day - pointer) ? point : best, points[0]);
      if (near) { field("week").value = near.week; update(); }
    });
    box.replaceChildren(chart);
    document.getElementById("crosses").hidden = !points.some((point) => point.none);
  }

  function judge(found) {
    const body = document.querySelector("#claims tbody");
    const counts = {};
    body.replaceChildren(...claims.map((claim) => {
      const [value, period, agreement, missing] = found[claim.id] || ["", "-", "not in this scope", ""];
      counts[agreement] = (counts[agreement] || 0) + 1;
      const row = document.createElement("tr");
      row.dataset.claim = claim.id;
      [claim.statement, agreement, claim.published, value || missing || "-", period].forEach((text, place) => {
        const cell = document.createElement(place ? "td" : "th");
        if (place === 0) cell.scope = "row";
        if (place === 1) cell.className = "verdict";
        if (place === 2 || (place === 3 && value)) cell.className = "number";
        cell.textContent = text;
        row.append(cell);
      });
      return row;
    }));
    show("claims-count", `${claims.length} claims: ` + Object.entries(counts).map(([name, count]) => `${count} ${name}`).join(", ") + ".");
  }

  function update() {
    const place = weeks.indexOf(field("week").value);
    const rows = series[key()];
    field("size").disabled = field("scope").value !== "chart";
    document.getElementById("before").disabled = place <= 0;
    document.getElementById("after").disabled = place >= weeks.length - 1;
    read(rows, place);
    draw(rows, place);
    judge(settings[key()] || {});
  }

  function turn(step) {
    const place = weeks.indexOf(field("week").value) + step;
    if (weeks[place]) { field("week").value = weeks[place]; update(); }
  }
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("change", update);
  document.getElementById("before").addEventListener("click", () => turn(-1));
  document.getElementById("after").addEventListener("click", () => turn(1));
  window.addEventListener("resize", () => draw(series[key()], weeks.indexOf(field("week").value)));
  form.reset();
  field("week").value = first.week;
  document.getElementById("without").hidden = true;
  for (const id of ["choices", "reading", "claims-section"]) document.getElementById(id).hidden = false;
  update();
})();
