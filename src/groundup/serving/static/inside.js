// The view that shows what the model considered: each token's probability, and its alternatives.

import { stream } from "./api.js";
import { find, make } from "./elements.js";
import { requestFields } from "./store.js";

const CONSIDERED = 10;
const LIMITS = [0.5, 0.2, 0.05, 0.01]; // probabilities between the five colours

let tokens = [];
let chosen = -1;
let running = null;

/** A token in a form that one can see: line breaks and spaces have signs. */
function visible(text) {
  return text.replaceAll("\n", "⏎").replaceAll("\t", "⇥").replaceAll(" ", "␣") || "∅";
}

function level(probability) {
  const place = LIMITS.findIndex((limit) => probability >= limit);
  return place < 0 ? LIMITS.length : place;
}

function percent(probability) {
  if (probability >= 0.1) return `${(100 * probability).toFixed(0)} %`;
  if (probability >= 0.001) return `${(100 * probability).toFixed(1)} %`;
  return "< 0.1 %";
}

/** From the chat form of log-probabilities. */
export function fromChat(content) {
  return content.map((token) => ({
    text: token.token,
    probability: Math.exp(token.logprob),
    considered: token.top_logprobs.map((other) => ({ text: other.token, probability: Math.exp(other.logprob) })),
  }));
}

function fromCompletion(logprobs) {
  return logprobs.tokens.map((text, i) => ({
    text,
    probability: Math.exp(logprobs.token_logprobs[i]),
    considered: Object.entries(logprobs.top_logprobs[i])
      .map(([other, logprob]) => ({ text: other, probability: Math.exp(logprob) }))
      .sort((a, b) => b.probability - a.probability),
  }));
}

function button(token, index) {
  const name = `${visible(token.text)}, ${percent(token.probability)}`;
  const element = make("button", { type: "button", className: `token p${level(token.probability)}`, tabIndex: -1 });
  element.textContent = token.text.replaceAll("\n", "⏎\n") || "∅";
  element.setAttribute("aria-label", name);
  element.setAttribute("aria-pressed", "false");
  element.dataset.index = index;
  return element;
}

function append(more) {
  const box = find("inside-tokens");
  for (const token of more) {
    tokens.push(token);
    box.append(button(token, tokens.length - 1));
  }
  box.hidden = find("inside-legend").hidden = tokens.length === 0;
  if (chosen < 0 && box.firstChild) box.firstChild.tabIndex = 0;
}

function choose(index, focus = true) {
  const box = find("inside-tokens");
  const [before, now] = [box.children[chosen], box.children[index]];
  if (!now) return;
  if (before) {
    before.setAttribute("aria-pressed", "false");
    before.tabIndex = -1;
  } else if (box.firstChild) box.firstChild.tabIndex = -1;
  chosen = index;
  now.setAttribute("aria-pressed", "true");
  now.tabIndex = 0;
  if (focus) now.focus();
  detail(tokens[index]);
}

function row(entry, isChosen) {
  const bar = make("meter", { min: 0, max: 1, value: entry.probability });
  bar.setAttribute("aria-hidden", "true");
  const line = make(
    "tr",
    { className: isChosen ? "chosen" : "" },
    make("th", { scope: "row", textContent: visible(entry.text), title: entry.text }),
    make("td", {}, bar),
    make("td", { className: "share", textContent: percent(entry.probability) }),
  );
  return line;
}

function detail(token) {
  const box = find("inside-detail");
  // Several tokens may look alike (parts of characters): the chosen one is known by its probability, too.
  const isChosen = (other) => other.text === token.text && Math.abs(other.probability - token.probability) < 1e-6;
  const shown = token.considered.some(isChosen) ? token.considered : [...token.considered, token];
  const rest = Math.max(0, 1 - shown.reduce((sum, other) => sum + other.probability, 0));
  const table = make("table", {}, make("caption", { className: "hidden", textContent: "What the model considered" }));
  const body = make("tbody");
  for (const other of shown) body.append(row(other, isChosen(other)));
  table.append(body);
  box.replaceChildren(
    make("h2", { textContent: `“${visible(token.text)}”: ${percent(token.probability)}` }),
    make("div", { className: "quiet small", textContent: "The model's own probabilities, before temperature and filters." }),
    table,
    make("div", { className: "quiet small", textContent: `All other tokens together: ${percent(rest)}` }),
  );
  box.hidden = false;
}

function clear() {
  tokens = [];
  chosen = -1;
  find("inside-tokens").replaceChildren();
  find("inside-tokens").hidden = find("inside-legend").hidden = find("inside-detail").hidden = true;
}

function summary() {
  if (!tokens.length) return "";
  const surprise = tokens.reduce((sum, token) => sum - Math.log2(Math.max(token.probability, 1e-12)), 0) / tokens.length;
  return `${tokens.length} tokens, ${surprise.toFixed(2)} bits a token: as if choosing among ${(2 ** surprise).toFixed(1)} each time`;
}

/** Show the tokens of a message from the chat. */
export function showTokens(shown) {
  running?.abort();
  clear();
  append(shown);
  find("inside-status").textContent = summary();
  choose(0, false);
}

async function write(settings) {
  running?.abort();
  const own = (running = new AbortController());
  clear();
  find("inside-write").hidden = true;
  find("inside-stop").hidden = false;
  find("inside-status").textContent = "writing…";
  const body = { model: settings.model, prompt: find("inside-prompt").value, logprobs: CONSIDERED, max_tokens: 60, ...requestFields(settings) };
  try {
    for await (const event of stream("v1/completions", body, settings.key, own.signal)) {
      const logprobs = event.choices[0]?.logprobs;
      if (logprobs) append(fromCompletion(logprobs));
    }
    find("inside-status").textContent = summary();
    if (chosen < 0) choose(0, false);
  } catch (problem) {
    if (running === own) find("inside-status").textContent = problem.name === "AbortError" ? `stopped: ${summary()}` : problem.message;
  } finally {
    if (running === own) {
      running = null;
      find("inside-write").hidden = false;
      find("inside-stop").hidden = true;
    }
  }
}

/** Wire the view up; `settings()` gives the settings of the moment. */
export function start(settings) {
  find("inside-form").addEventListener("submit", (event) => {
    event.preventDefault();
    write(settings());
  });
  find("inside-stop").addEventListener("click", () => running?.abort());
  const box = find("inside-tokens");
  box.addEventListener("click", (event) => {
    const target = event.target.closest("button.token");
    if (target) choose(Number(target.dataset.index));
  });
  box.addEventListener("keydown", (event) => {
    const here = chosen < 0 ? 0 : chosen;
    const to = { ArrowRight: here + 1, ArrowLeft: here - 1, Home: 0, End: tokens.length - 1 }[event.key];
    if (to === undefined || to < 0 || to >= tokens.length) return;
    event.preventDefault();
    choose(to);
  });
}
