// Small means to build the page. Text always goes in as text: nothing that a model or a person writes becomes markup.

export const find = (id) => document.getElementById(id);

/** An element with properties and children. */
export function make(name, properties = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (key in element) element[key] = value;
    else element.setAttribute(key, value);
  }
  element.append(...children);
  return element;
}

/** Tell those who listen instead of look. */
export function announce(text) {
  find("announce").textContent = "";
  setTimeout(() => (find("announce").textContent = text), 50);
}

const SHAPES = { cross: "m6 6 12 12M18 6 6 18" };

export function icon(name) {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(space, "path");
  path.setAttribute("d", SHAPES[name]);
  svg.append(path);
  return svg;
}
