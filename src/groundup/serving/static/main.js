// The page: views, conversations, settings, theme.

import { modelName } from "./api.js";
import { ChatView } from "./chat.js";
import { announce, find, icon, make } from "./elements.js";
import * as inside from "./inside.js";
import * as store from "./store.js";

const FIELDS = ["system", "temperature", "max_tokens", "top_k", "top_p", "seed", "key"];

let model = "";
let settings = store.loadSettings();
let conversations = store.loadConversations();
let current = null;

const view = new ChatView({
  settings: () => ({ ...settings, model }),
  changed,
  inside(tokens) {
    inside.showTokens(tokens);
    select("inside");
  },
  needsKey() {
    find("settings").showModal();
    find("set-key").focus();
  },
});
inside.start(() => ({ ...settings, model }));

// ---- conversations

function changed() {
  if (current.messages.length && !conversations.includes(current)) conversations.unshift(current);
  current.title = store.titleOf(current);
  if (!store.saveConversations(conversations)) announce("The browser has no room to keep this conversation.");
  list();
}

function list() {
  find("conversations").replaceChildren(
    ...conversations.map((conversation) => {
      const pick = make("button", { type: "button", className: "pick", textContent: conversation.title || "New conversation" });
      pick.addEventListener("click", () => open(conversation));
      const remove = make("button", { type: "button", className: "icon" }, icon("cross"));
      remove.setAttribute("aria-label", `Delete “${conversation.title}”`);
      remove.addEventListener("click", () => forget(conversation));
      const item = make("li", { className: conversation === current ? "current" : "" }, pick, remove);
      if (conversation === current) pick.setAttribute("aria-current", "true");
      return item;
    }),
  );
}

function open(conversation) {
  current = conversation;
  view.show(conversation);
  select("chat");
  list();
  drawer(false);
  find("composer-text").focus();
}

function forget(conversation) {
  conversations = conversations.filter((other) => other !== conversation);
  store.saveConversations(conversations);
  if (conversation === current) open(store.newConversation());
  else list();
  announce("Deleted");
}

function drawer(isOpen) {
  find("list-pane").classList.toggle("open", isOpen);
  find("list-shade").hidden = !isOpen;
  find("open-list").setAttribute("aria-expanded", String(isOpen));
  if (isOpen) find("new-chat").focus();
}

find("new-chat").addEventListener("click", () => open(store.newConversation()));
find("open-list").addEventListener("click", () => drawer(!find("list-pane").classList.contains("open")));
find("list-shade").addEventListener("click", () => drawer(false));

// ---- views

function select(name) {
  for (const other of ["chat", "inside"]) {
    const tab = find(`tab-${other}`);
    tab.setAttribute("aria-selected", String(other === name));
    tab.tabIndex = other === name ? 0 : -1;
    find(`view-${other}`).hidden = other !== name;
  }
}

for (const name of ["chat", "inside"]) {
  find(`tab-${name}`).addEventListener("click", () => select(name));
  find(`tab-${name}`).addEventListener("keydown", (event) => {
    if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
    const other = name === "chat" ? "inside" : "chat";
    select(other);
    find(`tab-${other}`).focus();
  });
}

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || find("settings").open) return;
  if (find("list-pane").classList.contains("open")) {
    drawer(false);
    find("open-list").focus();
  } else view.stop();
});

// ---- settings

function fillSettings() {
  for (const name of FIELDS) find(`set-${name}`).value = settings[name];
}

for (const name of FIELDS) {
  find(`set-${name}`).addEventListener("input", (event) => {
    if (!event.target.validity.valid) return;
    settings[name] = event.target.value;
    store.saveSettings(settings);
  });
}
find("open-settings").addEventListener("click", () => find("settings").showModal());
find("settings").addEventListener("click", (event) => {
  if (event.target === find("settings")) find("settings").close(); // beside the drawer
});
find("settings").addEventListener("close", () => model || greet());
find("settings-reset").addEventListener("click", () => {
  settings = { ...settings, system: "", temperature: "", max_tokens: "", top_k: "", top_p: "", seed: "" };
  store.saveSettings(settings);
  fillSettings();
  announce("Defaults restored");
});
find("delete-all").addEventListener("click", () => {
  if (!conversations.length || !confirm(`Delete all ${conversations.length} conversations?`)) return;
  conversations = [];
  store.saveConversations(conversations);
  find("settings").close();
  open(store.newConversation());
});

// ---- theme

function paint(theme) {
  document.documentElement.dataset.theme = theme;
  find("theme").setAttribute("aria-label", theme === "dark" ? "Change to light" : "Change to dark");
}

find("theme").addEventListener("click", () => {
  const theme = document.documentElement.dataset.theme === "dark" ? "light" : "dark";
  paint(theme);
  store.saveTheme(theme);
});

// ---- begin

async function greet() {
  try {
    model = await modelName(settings.key);
    find("model-name").textContent = model;
    find("model-name").title = model;
  } catch (problem) {
    find("model-name").textContent = problem.status === 401 ? "needs an API key" : "server not reached";
    if (problem.status === 401) {
      find("settings").showModal();
      find("set-key").focus();
    }
  }
}

paint(store.loadTheme());
fillSettings();
open(conversations[0] ?? store.newConversation());
await greet();
if (!view.running) view.draw(); // with the name of the model
