// The charts of analytics. What they draw stands in the page, and once more in the table behind each of them.
import { gettext, locale } from "./words.js";

const { Chart } = window;
const drawings = JSON.parse(document.getElementById("drawings")?.textContent ?? "[]");
const isStill = matchMedia("(prefers-reduced-motion: reduce)");
const charts = new Map();

/** A colour of the style sheet as it is now, light or dark. */
function colour(name, opacity = 1) {
  const probe = document.createElement("i");
  probe.style.color = `color-mix(in srgb, var(${name}) ${opacity * 100}%, transparent)`;
  document.body.append(probe);
  const found = getComputedStyle(probe).color;
  probe.remove();
  // Chart.js reads no color(srgb …), which browsers make of mixed colours.
  const parts = found.match(/^color\(srgb ([\d.]+) ([\d.]+) ([\d.]+)(?: \/ ([\d.]+))?\)$/);
  if (!parts) return found;
  const [red, green, blue] = parts.slice(1, 4).map((part) => Math.round(part * 255));
  return `rgba(${red}, ${green}, ${blue}, ${parts[4] ?? 1})`;
}

function told(seconds) {
  if (seconds < 60) return gettext("{count} s", { count: Math.round(seconds) });
  if (seconds < 3600) return gettext("{count} min", { count: Math.round(seconds / 60) });
  if (seconds < 86_400) return gettext("{count} h", { count: tenths(seconds / 3600) });
  return gettext("{count} d", { count: tenths(seconds / 86_400) });
}

function tenths(number) {
  return number.toLocaleString(locale, { maximumFractionDigits: 1 });
}

function series({ look, label, line, values }) {
  const solid = colour(`--look-${look}`);
  if (!line) return { type: "bar", label, data: values, backgroundColor: solid, borderRadius: 3, maxBarThickness: 28 };
  const isAlone = look === "backlog";
  return {
    type: "line", label, data: values, borderColor: solid, backgroundColor: isAlone ? colour("--look-backlog", 0.14) : solid,
    fill: isAlone, borderWidth: 2, borderDash: look === "p90" ? [5, 4] : [], tension: 0.3, spanGaps: true,
    cubicInterpolationMode: "monotone", pointRadius: values.length > 40 ? 0 : 2.5, pointHoverRadius: 5, pointHitRadius: 12,
  };
}

function options(drawing, place, isAtOnce) {
  const grid = { color: colour("--line"), drawTicks: false };
  const ticks = { color: colour("--text-3"), font: { size: 11 }, padding: 6 };
  const isTime = drawing.unit === "seconds";
  return {
    responsive: true,
    maintainAspectRatio: false,
    animation: isAtOnce || isStill.matches ? false : { duration: 250 },
    interaction: { mode: "index", intersect: false },
    onClick: (_, [hit]) => hit && follow(place, hit),
    onHover: ({ native }, [hit]) => { native.target.style.cursor = hit && link(place, hit) ? "pointer" : ""; },
    scales: {
      x: { stacked: drawing.stacked, grid: { display: false }, border: { color: colour("--line") }, ticks: { ...ticks, maxRotation: 0, autoSkipPadding: 12 } },
      y: { stacked: drawing.stacked, beginAtZero: true, grid, border: { display: false }, ticks: { ...ticks, maxTicksLimit: 6, precision: isTime ? undefined : 0, callback: (value) => (isTime ? told(value) : value.toLocaleString(locale)) } },
    },
    plugins: {
      legend: { display: false },
      tooltip: {
        backgroundColor: colour("--text"), titleColor: colour("--surface"), bodyColor: colour("--surface"), padding: 8, cornerRadius: 6, boxPadding: 4, usePointStyle: true,
        callbacks: { label: ({ dataset, datasetIndex, dataIndex }) => ` ${dataset.label}: ${drawing.series[datasetIndex].texts[dataIndex]}` },
      },
    },
  };
}

/** The conversations behind a bar or a point: the link in the chart's table. */
function link(place, { datasetIndex, index }) {
  const body = place.closest(".chart").querySelector("tbody");
  return body.rows[index].cells[datasetIndex + 1].querySelector("a");
}

function follow(place, hit) {
  link(place, hit)?.click();
}

function draw(isAtOnce = false) {
  for (const drawing of drawings) {
    const place = document.querySelector(`[data-chart="${drawing.key}"]`);
    charts.get(drawing.key)?.destroy();
    charts.set(drawing.key, new Chart(place.querySelector("canvas"), {
      data: { labels: drawing.labels, datasets: drawing.series.map(series) },
      options: options(drawing, place, isAtOnce),
    }));
  }
}

Chart.defaults.font.family = getComputedStyle(document.body).fontFamily;
draw();
// Light or dark, or movement, were changed meanwhile.
for (const question of ["(prefers-color-scheme: dark)", "(prefers-reduced-motion: reduce)"]) matchMedia(question).addEventListener("change", () => draw());
new MutationObserver(() => draw()).observe(document.documentElement, { attributeFilter: ["data-theme"] });

// On paper charts are as wide as the paper, and light.
function drawOn(paper) {
  document.documentElement.style.colorScheme = paper ? "light" : "";
  draw(paper);
  if (paper) for (const chart of charts.values()) chart.resize(330, 170);
}
addEventListener("beforeprint", () => drawOn(true));
addEventListener("afterprint", () => drawOn(false));
document.querySelector("[data-print]")?.addEventListener("click", () => print());

// Days are typed only where no ready period is chosen.
const period = document.querySelector("[data-period]");
period?.addEventListener("change", (event) => {
  if (period.value !== "custom") return;
  event.stopPropagation();
  const days = document.querySelector("[data-days]");
  days.removeAttribute("data-hidden");
  days.querySelector("input").focus();
});

// The hours of the week are one stop of the Tab key: arrows go from one to the next.
const map = document.querySelector(".heat-map");
const hours = [...(map?.querySelectorAll("a") ?? [])];
for (const hour of hours.slice(1)) hour.tabIndex = -1;
map?.addEventListener("keydown", (event) => {
  const step = { ArrowRight: [0, 1], ArrowLeft: [0, -1], ArrowDown: [1, 0], ArrowUp: [-1, 0] }[event.key];
  const cell = event.target.closest("td");
  if (!step || !cell) return;
  event.preventDefault();
  let [row, column] = [cell.parentElement.sectionRowIndex + step[0], cell.cellIndex + step[1]];
  for (const rows = map.tBodies[0].rows; rows[row]?.cells[column]?.tagName === "TD"; row += step[0], column += step[1]) {
    const next = rows[row].cells[column].querySelector("a");
    if (!next) continue;
    event.target.tabIndex = -1;
    next.tabIndex = 0;
    next.focus();
    return;
  }
});
