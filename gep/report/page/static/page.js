// Sorting, downloads, the language switch, charts and the map. Every number is read in the tables of the page.
"use strict";
(() => {
  const root = document.documentElement;
  const data = JSON.parse(document.getElementById("report-data").textContent);
  const charts = new Map();
  let language = data.default;
  let county = data.area;
  let measure = 0;
  root.classList.add("scripts");

  const body = () => document.getElementById(language);
  const word = (key) => data.words[language][key];
  const colour = (key) => data.colours[key] || data.colours._missing;

  function made(name, text, attributes = {}) {
    const element = document.createElement(name);
    if (text) element.textContent = text;
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    return element;
  }

  // tables ---------------------------------------------------------------------------------------------------------

  const table = (id) => body().querySelector(`table[data-table="${id}"]`);
  const rows = (of) => (of ? [...of.tBodies[0].rows] : []);
  const at = (row, column) => [...row.cells].find((cell) => cell.dataset.column === column);

  function read(cell) {
    return cell ? { text: cell.textContent, value: "value" in cell.dataset ? Number(cell.dataset.value) : null } : null;
  }

  // The cell of a row and a column of a report's table, be it laid on its side.
  function figure(id, row, column) {
    const of = table(id);
    if (!of) return null;
    const [line, across] = "turned" in of.dataset ? [column, row] : [row, column];
    const found = rows(of).find((one) => one.dataset.row === line);
    return found ? read(at(found, across)) : null;
  }

  function headings(of) {
    return [...of.tHead.querySelectorAll("th[data-column]")];
  }

  function heading(id, column) {
    const of = table(id);
    if (!of) return "";
    const found = headings(of).find((one) => one.dataset.column === column);
    return found ? found.textContent : "";
  }

  // Order: subtotals first as they were, then items with their components, then totals and notes as they were.
  function sort(of, column, direction) {
    const start = [...of.tBodies[0].rows].sort((a, b) => a.dataset.at - b.dataset.at);
    let order = start;
    if (direction) {
      const groups = [];
      for (const row of start) {
        if (row.dataset.kind === "item") groups.push([row]);
        else if (row.dataset.kind === "component" && groups.length) groups[groups.length - 1].push(row);
      }
      const key = (group) => read(at(group[0], column)) || { text: "", value: null };
      groups.sort((a, b) => {
        const [left, right] = [key(a), key(b)];
        const isNumber = left.value !== null || right.value !== null;
        if (isNumber && (left.value === null || right.value === null)) return left.value === null ? 1 : -1;
        return direction * (isNumber ? left.value - right.value : left.text.localeCompare(right.text, root.lang));
      });
      const grouped = new Set(groups.flat());
      const rest = start.filter((row) => !grouped.has(row));
      order = [
        ...rest.filter((row) => row.dataset.kind === "category"),
        ...groups.flat(),
        ...rest.filter((row) => row.dataset.kind !== "category"),
      ];
    }
    of.tBodies[0].append(...order);
  }

  function makeSortable(of) {
    [...of.tBodies[0].rows].forEach((row, index) => { row.dataset.at = index; });
    for (const head of headings(of)) {
      const button = made("button", head.textContent, { type: "button", title: data.words[of.closest("main").id].sort });
      head.textContent = "";
      head.append(button);
      button.addEventListener("click", () => {
        const next = { none: "descending", descending: "ascending", ascending: "none" }[head.getAttribute("aria-sort") || "none"];
        headings(of).forEach((other) => other.removeAttribute("aria-sort"));
        if (next !== "none") head.setAttribute("aria-sort", next);
        sort(of, head.dataset.column, { none: 0, descending: -1, ascending: 1 }[next]);
      });
    }
  }

  // A text that a spreadsheet would take for a formula is made plain.
  function field(text) {
    const plain = /^[=+\-@\t\r]/.test(text) && Number.isNaN(Number(text)) ? `'${text}` : text;
    return /[",\n\r]/.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain;
  }

  function csv(of) {
    const columns = [...of.tBodies[0].rows[0].cells].map((cell) => headings(of).find((head) => head.dataset.column === cell.dataset.column));
    const head = columns.map((one) => (one.dataset.group ? `${one.dataset.group} / ${one.textContent}` : one.textContent));
    const lines = rows(of).map((row) => [...row.cells].map((cell) => cell.dataset.value || cell.textContent));
    return [head, ...lines].map((line) => line.map(field).join(",")).join("\r\n") + "\r\n";
  }

  function makeDownload(of) {
    const button = made("button", data.words[of.closest("main").id].csv, { type: "button", class: "csv" });
    button.setAttribute("aria-label", `${button.textContent} ${of.caption.textContent}`);
    const tools = made("p", "", { class: "tools" });
    tools.append(button);
    of.closest(".scroll").after(tools);
    button.addEventListener("click", () => {
      const address = URL.createObjectURL(new Blob(["\ufeff", csv(of)], { type: "text/csv;charset=utf-8" }));
      const link = made("a", "", { href: address, download: `${of.id}.csv` });
      link.click();
      setTimeout(() => URL.revokeObjectURL(address), 1000);
    });
  }

  // charts ---------------------------------------------------------------------------------------------------------

  const FONT = 'system-ui, "Noto Sans CJK SC", "Microsoft YaHei", sans-serif';
  const isNarrow = () => innerWidth < 640;
  const wrapped = () => ({ width: isNarrow() ? 92 : 150, overflow: "break", color: "#1b1f23", fontSize: 12 });
  const base = (extra) => ({
    animation: false, textStyle: { fontFamily: FONT },
    tooltip: { renderMode: "richText", confine: true, transitionDuration: 0 },
    grid: { left: 24, right: 70, top: 8, bottom: 8, containLabel: true }, ...extra,
  });
  const hidden = { axisLabel: { show: false }, axisLine: { show: false }, axisTick: { show: false }, splitLine: { show: false } };

  function ranked(list) {
    const shown = [...list].sort((a, b) => b.value - a.value);
    return base({
      xAxis: { type: "value", ...hidden },
      yAxis: { type: "category", inverse: true, data: shown.map((one) => one.name), axisTick: { show: false }, axisLabel: wrapped() },
      series: [{
        type: "bar", barMaxWidth: 20,
        data: shown.map((one) => ({ value: one.value, text: one.text, itemStyle: { color: colour(one.key), borderColor: "#444", borderWidth: 0.5 } })),
        label: { show: true, position: "right", color: "#1b1f23", formatter: (of) => of.data.text },
        tooltip: { formatter: (of) => `${of.name}  ${of.data.text}` },
      }],
    });
  }

  const ofKind = (kind, name) => rows(table("T01")).filter((row) => row.dataset.kind === kind)
    .map((row) => ({ key: row.dataset.row, name: at(row, name).textContent, ...read(at(row, "value")) }))
    .filter((one) => one.value !== null);

  // Bars of parts: services below a fiftieth of the whole are gathered, so that no sliver is lost in the key.
  function stacked(bars, services, number) {
    const sum = (service) => bars.reduce((all, bar) => all + Math.abs(number(bar.key, service.key)?.value ?? 0), 0);
    const whole = services.reduce((all, service) => all + sum(service), 0);
    const large = services.filter((service) => sum(service) >= whole / 50);
    const small = services.filter((service) => !large.includes(service) && sum(service) > 0);
    const one = (name, key, values) => ({
      name, type: "bar", stack: "all", barMaxWidth: 24, itemStyle: { color: colour(key), borderColor: "#fff", borderWidth: 0.6 },
      data: values,
      tooltip: { formatter: (of) => `${of.name}  ${of.seriesName}  ${of.data.text ?? ""}` },
    });
    const series = large.map((service) => one(service.name, service.key, bars.map((bar) => {
      const found = number(bar.key, service.key);
      return { value: found?.value ?? 0, text: found?.text };
    })));
    if (small.length) {
      series.push(one(word("gathered"), "_gathered", bars.map((bar) => ({
        value: small.reduce((all, service) => all + (number(bar.key, service.key)?.value ?? 0), 0),
      }))));
    }
    return base({
      legend: { type: "plain", top: 0, left: 0, itemWidth: 14, itemHeight: 10, textStyle: { fontSize: 12 } },
      grid: { left: 24, right: 20, top: isNarrow() ? 30 + 24 * Math.ceil(series.length / 2) : 12 + 24 * Math.ceil(series.length / 7), bottom: 8, containLabel: true },
      xAxis: { type: "value", axisLabel: { hideOverlap: true } },
      yAxis: { type: "category", inverse: true, data: bars.map((bar) => bar.name), axisTick: { show: false }, axisLabel: wrapped() },
      series,
    });
  }

  function ecosystems() {
    const services = ofKind("item", "service");
    const columns = headings(table("T03")).filter((head) => head.dataset.group).map((head) => ({ key: head.dataset.column, name: head.textContent }));
    return stacked(columns, services, (ecosystem, service) => figure("T03", service, ecosystem));
  }

  const places = () => rows(table("T07") || table("T06")).filter((row) => row.dataset.row !== data.area && row.dataset.row !== data.unallocated)
    .map((row) => ({ key: row.dataset.row, name: at(row, "area_name")?.textContent ?? row.dataset.row }));

  function zones() {
    const of = table("T07") || table("T06");
    if (!("turned" in of.dataset)) return places();
    return headings(of).map((head) => ({ key: head.dataset.column, name: head.textContent }))
      .filter((one) => !one.key.startsWith("_"));
  }

  function counties() {
    const number = (zone) => figure("T04", zone, "total");
    const bars = zones().map((zone) => ({ ...zone, total: number(zone.key)?.value ?? null })).filter((zone) => zone.total !== null);
    bars.sort((a, b) => b.total - a.total);
    return stacked(bars, ofKind("item", "service"), (zone, service) => figure("T04", zone, service));
  }

  const SHADES = ["#FDE725", "#5EC962", "#21918C", "#3B528B", "#440154"];

  // Classes with about as many counties each; their limits are figures of counties.
  function classes(values) {
    const sorted = [...new Set(values)].sort((a, b) => a - b);
    const count = Math.min(SHADES.length, sorted.length);
    return Array.from({ length: count }, (_, index) => {
      const part = sorted.slice(Math.round((index * sorted.length) / count), Math.round(((index + 1) * sorted.length) / count));
      return { min: part[0], max: part[part.length - 1] };
    });
  }

  function map() {
    const of = data.measures[measure];
    const list = zones().map((zone) => ({ ...zone, ...figure(of.table, zone.key, of.column) }));
    const names = new Map(list.map((zone) => [zone.key, zone]));
    const texts = new Map(list.map((zone) => [zone.value, zone.text]));
    const given = list.filter((zone) => zone.value !== null && zone.value !== undefined);
    const parts = classes(given.map((zone) => zone.value));
    const step = SHADES.length / Math.max(1, parts.length);
    const shade = (index) => SHADES[Math.floor(index * step)];
    const inked = (value) => {
      const index = parts.findIndex((part) => value >= part.min && value <= part.max);
      return { itemStyle: { areaColor: index < 0 ? colour("_missing") : shade(index) } };
    };
    return base({
      visualMap: {
        type: "piecewise", left: 0, bottom: 0, selectedMode: false, outOfRange: { color: colour("_missing") }, showLabel: true,
        textStyle: { color: "#1b1f23" },
        pieces: parts.map((part, index) => ({
          ...part, color: shade(index),
          label: part.min === part.max ? texts.get(part.min) : `${texts.get(part.min)} – ${texts.get(part.max)}`,
        })),
      },
      series: [{
        type: "map", map: "counties", selectedMode: "single", left: 10, right: 10, top: 10, bottom: isNarrow() ? 130 : 90,
        nameProperty: "name", aspectScale: Math.cos((data.latitude * Math.PI) / 180),
        data: list.map((zone) => ({
          name: zone.key, value: zone.value ?? NaN, text: zone.text,
          selected: zone.key === county, emphasis: inked(zone.value), select: inked(zone.value),
        })),
        itemStyle: { areaColor: colour("_missing"), borderColor: "#fff", borderWidth: 1 },
        emphasis: { itemStyle: { borderColor: "#b3261e", borderWidth: 2 }, label: { show: true } },
        select: { itemStyle: { borderColor: "#b3261e", borderWidth: 3 }, label: { show: true, color: "#111" } },
        label: {
          show: true, fontSize: isNarrow() ? 9 : 11, color: "#111",
          backgroundColor: "rgba(255, 255, 255, 0.8)", padding: [1, 3], borderRadius: 2,
          formatter: (one) => names.get(one.name)?.name ?? "",
        },
        labelLayout: { hideOverlap: true },
        tooltip: { formatter: (one) => `${names.get(one.name)?.name ?? one.name}\n${of.label[language]}  ${one.data?.text || word("no_value")} ${of.unit[language]}` },
      }],
    });
  }

  const named = (of) => (of.unit[language] ? `${of.label[language]} (${of.unit[language]})` : of.label[language]);

  const MADE = { categories: () => ranked(ofKind("category", "category")), services: () => ranked(ofKind("item", "service")), ecosystems, counties, map };

  function height(kind, option) {
    if (kind === "map") return isNarrow() ? 460 : 560;
    const bars = option.yAxis.data.length;
    return (option.grid.top || 0) + bars * (kind === "services" ? 26 : 36) + 50;
  }

  function draw(kinds = Object.keys(MADE)) {
    for (const holder of body().querySelectorAll("[data-chart]")) {
      const kind = holder.dataset.chart;
      if (!kinds.includes(kind) || (kind === "map" && !data.outlines)) continue;
      const canvas = holder.querySelector(".canvas");
      const option = MADE[kind]();
      if (kind === "map") holder.querySelector("figcaption").textContent = named(data.measures[measure]);
      canvas.style.height = `${height(kind, option)}px`;
      let chart = charts.get(canvas);
      if (!chart) {
        chart = echarts.init(canvas, null, { renderer: "svg", locale: language === "zh" ? "ZH" : "EN" });
        charts.set(canvas, chart);
        if (kind === "map") chart.on("click", (of) => choose(of.name));
      }
      chart.resize();
      chart.setOption(option, true);
    }
  }

  // the county that is shown ---------------------------------------------------------------------------------------

  function choose(code) {
    county = code;
    body().querySelector("select.county").value = code;
    show();
    if (data.outlines) draw(["map"]);
    body().querySelector(".told").textContent = word("shown") + body().querySelector(".name").textContent;
  }

  function show() {
    const panel = body().querySelector(".panel");
    const name = county === data.area ? word("whole") : zones().find((zone) => zone.key === county)?.name ?? county;
    panel.querySelector(".name").textContent = name;
    const facts = panel.querySelector(".facts");
    facts.replaceChildren();
    for (const column of ["value", "value_per_km2", "value_per_head", "value_to_gdp"]) {
      const found = figure("T07", county, column);
      if (!found) continue;
      const line = made("div");
      line.append(made("dt", heading("T07", column)), made("dd", found.text, { "data-fact": column }));
      facts.append(line);
    }
    const list = panel.querySelector(".services");
    list.replaceChildren();
    const services = rows(table("T01")).filter((row) => row.dataset.kind === "item")
      .map((row) => ({ key: row.dataset.row, name: at(row, "service").textContent, ...figure("T04", county, row.dataset.row) }))
      .sort((a, b) => (b.value ?? -Infinity) - (a.value ?? -Infinity));
    for (const service of services) list.append(line(service));
  }

  function line(service) {
    const item = made("li", "", { "data-service": service.key });
    const details = made("details");
    const summary = made("summary");
    const swatch = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    const square = document.createElementNS("http://www.w3.org/2000/svg", "rect");
    for (const [key, value] of Object.entries({ width: 14, height: 14, fill: colour(service.key), stroke: "#444" })) square.setAttribute(key, value);
    for (const [key, value] of Object.entries({ width: 14, height: 14, "aria-hidden": "true" })) swatch.setAttribute(key, value);
    swatch.append(square);
    summary.append(swatch, made("span", service.name), made("span", service.text ?? "", { class: "value" }));
    details.append(summary);
    details.addEventListener("toggle", () => {
      if (details.open && details.children.length === 1) details.append(why(service.key));
    });
    item.append(details);
    return item;
  }

  function why(service) {
    const box = made("div", "", { class: "why" });
    const found = data.explanations[service];
    const missing = data.missing[service];
    if (missing) box.append(made("p", missing[language]));
    if (!found) {
      if (!missing) box.append(made("p", word("nothing")));
      return box;
    }
    for (const formula of found.formulas) {
      box.append(made("p", formula.summary[language]));
      const shown = made("p");
      shown.append(made("code", formula.formula));
      if (formula.formula) box.append(shown);
      if (formula.source[language]) box.append(made("p", `${word("source")} ${formula.source[language]}`, { class: "small" }));
    }
    const lines = found.zones[county];
    if (lines?.length) {
      box.append(made("p", word("arithmetic")));
      const list = made("ol");
      for (const one of lines) {
        const step = made("li");
        step.append(made("code", one.line), " = ", made("strong", one.result), ` ${one.unit[language]}`);
        list.append(step);
      }
      box.append(list);
    } else {
      box.append(made("p", word(found.zones[data.area] && county !== data.area && Object.keys(found.zones).length === 1 ? "more_counties" : "nothing")));
    }
    return box;
  }

  function fillChoices() {
    const places = body().querySelector("select.county");
    if (!places.options.length) {
      places.append(made("option", word("whole"), { value: data.area }));
      for (const zone of zones()) if (zone.key !== data.area) places.append(made("option", zone.name, { value: zone.key }));
      places.addEventListener("change", () => choose(places.value));
    }
    places.value = county;
    const measures = body().querySelector("select.measure");
    if (!measures.options.length) {
      let group = null;
      data.measures.forEach((one, index) => {
        if (!group || group.label !== one.group[language]) {
          group = made("optgroup", "", { label: one.group[language] });
          measures.append(group);
        }
        group.append(made("option", named(one), { value: index }));
      });
      measures.addEventListener("change", () => { measure = Number(measures.value); draw(["map"]); });
    }
    measures.value = measure;
  }

  // language -------------------------------------------------------------------------------------------------------

  function speak(next) {
    language = next;
    root.dataset.language = next;
    root.lang = data.languages[next].tag;
    document.title = data.languages[next].title;
    for (const link of document.querySelectorAll("[data-to]")) {
      if (link.dataset.to === next) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
    for (const link of document.querySelectorAll(".skip")) link.hidden = link.getAttribute("href") !== `#${next}`;
    body().querySelector(".panel").hidden = false;
    body().querySelector(".map").hidden = !data.outlines;
    fillChoices();
    show();
    draw();
  }

  for (const link of document.querySelectorAll("[data-to]")) {
    link.addEventListener("click", (event) => {
      event.preventDefault();
      const y = scrollY;
      speak(link.dataset.to);
      scrollTo(0, y);
    });
  }

  for (const of of document.querySelectorAll("table[data-table]")) {
    makeSortable(of);
    makeDownload(of);
  }

  if (data.outlines) {
    echarts.registerMap("counties", data.outlines);
    const points = JSON.stringify(data.outlines.features.map((one) => one.geometry.coordinates)).match(/-?[\d.]+/g).map(Number);
    const north = points.filter((_, index) => index % 2);
    data.latitude = (Math.min(...north) + Math.max(...north)) / 2;
  }

  // Drawn at once: a printer does not wait for the next frame.
  function resize(to) {
    for (const [canvas, chart] of charts) {
      if (!canvas.offsetParent) continue;
      chart.resize({ width: to });
      chart.getZr().flush();
    }
  }

  let width = innerWidth;
  addEventListener("resize", () => {
    if (innerWidth !== width) { width = innerWidth; draw(); }
  });
  addEventListener("beforeprint", () => {
    for (const one of document.querySelectorAll("details.folded")) {
      one.dataset.was = one.open;
      one.open = true;
    }
    resize(680);
  });
  addEventListener("afterprint", () => {
    for (const one of document.querySelectorAll("details.folded")) one.open = one.dataset.was === "true";
    resize("auto");
  });

  speak(language);
})();
