// What the browser keeps: conversations, settings, theme. Nothing of it leaves this machine except in requests.

const CONVERSATIONS = "groundup.conversations";
const SETTINGS = "groundup.settings";
const THEME = "groundup.theme";

function read(name, otherwise) {
  try {
    return JSON.parse(localStorage.getItem(name)) ?? otherwise;
  } catch {
    return otherwise;
  }
}

/** Store a value; false if the browser has no room for it or forbids it. */
function write(name, value) {
  try {
    localStorage.setItem(name, JSON.stringify(value));
    return true;
  } catch {
    return false;
  }
}

export function loadConversations() {
  const stored = read(CONVERSATIONS, []);
  return Array.isArray(stored) ? stored.filter((c) => c && Array.isArray(c.messages)) : [];
}

export function saveConversations(conversations) {
  return write(CONVERSATIONS, conversations);
}

export function newConversation() {
  return { id: crypto.randomUUID?.() ?? String(Date.now() + Math.random()), title: "", messages: [] };
}

/** A title from the first thing that was said. */
export function titleOf(conversation) {
  const first = conversation.messages.find((message) => message.role === "user");
  return first ? first.content.trim().replace(/\s+/g, " ").slice(0, 60) : "New conversation";
}

export function loadSettings() {
  return { system: "", temperature: "", max_tokens: "", top_k: "", top_p: "", seed: "", key: "", ...read(SETTINGS, {}) };
}

export function saveSettings(settings) {
  return write(SETTINGS, settings);
}

/** Settings as the request's fields; what is empty is left to the server. */
export function requestFields(settings) {
  const fields = {};
  for (const name of ["temperature", "max_tokens", "top_k", "top_p", "seed"]) {
    if (settings[name] !== "" && Number.isFinite(Number(settings[name]))) fields[name] = Number(settings[name]);
  }
  return fields;
}

export function loadTheme() {
  const system = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
  return read(THEME, system) === "dark" ? "dark" : "light";
}

export function saveTheme(theme) {
  write(THEME, theme);
}
