"use strict";
// Reading values off a chart: the nearest point of each line under the pointer, turned back from pixels into numbers.
const readout = document.getElementById("readout");
const REACH = 14; // units of the picture: a line that ends farther away has no value here

function numbers(text) { return text.split(" ").map(Number); }

function spelled(value, axis) {
  if (axis === "seconds") {
    const whole = Math.round(value), part = n => String(n).padStart(2, "0");
    return Math.floor(whole / 3600) + ":" + part(Math.floor(whole / 60) % 60) + ":" + part(whole % 60);
  }
  return axis ? Math.round(value).toLocaleString("en") : value.toLocaleString("en", {maximumSignificantDigits: 4});
}

function show(event) {
  const svg = event.target.closest("svg[data-axis]");
  for (const old of document.querySelectorAll(".cursor")) old.remove();
  readout.hidden = !svg;
  if (!svg) return;
  const [left, right, top, floor] = numbers(svg.dataset.box);
  const [x0, x1] = numbers(svg.dataset.x), [y0, y1] = numbers(svg.dataset.y);
  const frame = svg.getBoundingClientRect();
  const scale = svg.viewBox.baseVal.width / frame.width;
  const x = (event.clientX - frame.left) * scale;
  const lines = [];
  let at = null;
  for (const line of svg.querySelectorAll("polyline")) {
    let best = null;
    for (const p of line.points) if (!best || Math.abs(p.x - x) < Math.abs(best.x - x)) best = p;
    if (!best || Math.abs(best.x - x) > REACH) continue;
    if (at === null || Math.abs(best.x - x) < Math.abs(at - x)) at = best.x;
    const value = y0 + (floor - best.y) / (floor - top) * (y1 - y0);
    lines.push((line.dataset.name ? line.dataset.name + "  " : "") + spelled(value, ""));
  }
  if (at === null) { readout.hidden = true; return; }
  const cursor = document.createElementNS("http://www.w3.org/2000/svg", "line");
  for (const [key, value] of Object.entries({x1: at, x2: at, y1: top, y2: floor, class: "cursor"}))
    cursor.setAttribute(key, value);
  svg.append(cursor);
  const place = x0 + (at - left) / (right - left) * (x1 - x0);
  readout.textContent = spelled(place, svg.dataset.axis) + " " + (svg.dataset.axis === "seconds" ? "" : svg.dataset.axis)
    + "\n" + lines.join("\n");
  const wide = readout.offsetWidth, room = document.documentElement.clientWidth;
  readout.style.left = window.scrollX + Math.min(event.clientX + 14, room - wide - 8) + "px";
  readout.style.top = window.scrollY + event.clientY + 14 + "px";
}
document.addEventListener("pointermove", show);
document.addEventListener("pointerdown", show);
document.addEventListener("pointerleave", () => { readout.hidden = true; });

// Paper cannot be clicked: what is folded is opened.
window.addEventListener("beforeprint", () => { for (const part of document.querySelectorAll("details")) part.open = true; });

// A live page asks its own server for itself, and takes over what has changed.
async function renew(seconds) {
  const pulse = document.getElementById("pulse"), main = document.querySelector("main");
  try {
    const reply = await fetch(location.href, {cache: "no-store"});
    if (!reply.ok) throw new Error(reply.status);
    const fresh = new DOMParser().parseFromString(await reply.text(), "text/html").querySelector("main");
    const busy = document.querySelector("main input:checked, .cursor");
    if (!busy && fresh.innerHTML !== main.dataset.last) {
      main.dataset.last = fresh.innerHTML;
      for (const part of main.querySelectorAll("details[open]")) fresh.querySelector("#" + part.id)?.setAttribute("open", "");
      const strips = [...main.querySelectorAll(".samples, .scroll")].map(strip => strip.scrollLeft);
      main.innerHTML = fresh.innerHTML;
      main.querySelectorAll(".samples, .scroll").forEach((strip, i) => { strip.scrollLeft = strips[i] ?? 0; });
    }
    pulse.textContent = "live";
  } catch (error) {
    pulse.textContent = "the dashboard does not answer; it may have been stopped";
  }
  setTimeout(renew, 1000 * seconds, seconds);
}
if (document.body.dataset.live) {
  const seconds = Number(document.body.dataset.live), main = document.querySelector("main");
  main.dataset.last = main.innerHTML;
  setTimeout(renew, 1000 * seconds, seconds);
}
