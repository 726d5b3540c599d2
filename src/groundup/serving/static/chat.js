// The conversation: asking, streaming, stopping, editing, asking again.

import { stream } from "./api.js";
import { announce, find, make } from "./elements.js";
import { fromChat } from "./inside.js";
import { requestFields } from "./store.js";

const CONSIDERED = 8;

/** What the model considered, by message: kept while the page is open, too large for the browser's storage. */
const insides = new WeakMap();

/** The view of one conversation at a time. `hooks`: settings(), changed(), inside(tokens), needsKey(). */
export class ChatView {
  constructor(hooks) {
    this.hooks = hooks;
    this.conversation = null;
    this.running = null;
    this.box = find("messages");
    this.input = find("composer-text");
    find("composer").addEventListener("submit", (event) => {
      event.preventDefault();
      this.send();
    });
    find("stop").addEventListener("click", () => this.stop());
    this.input.addEventListener("input", () => this.fit());
    this.input.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
        event.preventDefault();
        this.send();
      }
    });
  }

  show(conversation) {
    this.stop();
    this.conversation = conversation;
    this.draw();
    this.scroll(true);
  }

  stop() {
    this.running?.abort();
  }

  fit() {
    this.input.style.height = "auto";
    this.input.style.height = `${this.input.scrollHeight}px`;
  }

  send() {
    const text = this.input.value;
    if (!text.trim() || this.running) return;
    this.input.value = "";
    this.fit();
    this.conversation.messages.push({ role: "user", content: text });
    this.draw();
    this.ask();
  }

  /** Let the model answer the conversation as it stands. */
  async ask() {
    const { conversation } = this;
    const settings = this.hooks.settings();
    const own = (this.running = new AbortController());
    const answer = { role: "assistant", content: "" };
    const messages = conversation.messages.map(({ role, content }) => ({ role, content }));
    if (settings.system.trim()) messages.unshift({ role: "system", content: settings.system });
    conversation.messages.push(answer);
    this.hooks.changed();
    this.draw();
    this.busy(true);
    const element = this.box.querySelector(".message:last-of-type");
    element.classList.add("writing");
    const text = element.querySelector(".text");
    const body = { model: settings.model, messages, logprobs: true, top_logprobs: CONSIDERED, ...requestFields(settings) };
    const tokens = [];
    let first = 0;
    let problem = null;
    try {
      for await (const event of stream("v1/chat/completions", body, settings.key, own.signal)) {
        const choice = event.choices[0];
        if (choice?.delta?.content) {
          answer.content += choice.delta.content;
          text.append(choice.delta.content);
        }
        if (choice?.logprobs?.content.length) {
          first ||= performance.now();
          tokens.push(...fromChat(choice.logprobs.content));
          answer.speed = tokens.length > 1 ? (1000 * (tokens.length - 1)) / (performance.now() - first) : 0;
        }
        if (choice?.finish_reason) answer.finish = choice.finish_reason;
        if (event.usage) answer.usage = event.usage;
        this.scroll();
      }
    } catch (error) {
      if (error.name === "AbortError") answer.finish = "stopped";
      else problem = error;
    }
    if (tokens.length) insides.set(answer, tokens);
    answer.tokens = answer.usage?.completion_tokens ?? tokens.length;
    if (problem && !answer.content) conversation.messages.splice(conversation.messages.indexOf(answer), 1);
    this.running = null;
    this.hooks.changed();
    this.busy(false);
    if (this.conversation === conversation) {
      this.draw();
      if (problem) this.complain(problem);
      this.scroll();
    }
    announce(problem ? problem.message : `Answer: ${answer.content}`);
    if (problem?.status === 401) this.hooks.needsKey();
  }

  busy(is) {
    find("send").hidden = is;
    find("stop").hidden = !is;
    if (!is && document.activeElement === document.body) this.input.focus();
  }

  complain(problem) {
    const again = make("button", { type: "button", textContent: "Try again" });
    again.addEventListener("click", () => {
      this.draw();
      this.ask();
    });
    const unreachable = problem instanceof TypeError ? "The server cannot be reached." : problem.message;
    const box = make("div", { className: "problem", role: "alert" }, unreachable);
    if (this.conversation.messages.at(-1)?.role === "user") box.append(again);
    this.box.append(box);
  }

  draw() {
    const { messages } = this.conversation;
    if (!messages.length) {
      this.box.replaceChildren(
        make(
          "div",
          { className: "empty" },
          make("img", { src: "static/icon.svg", alt: "" }),
          make("h1", { textContent: "Talk to your model" }),
          make("p", { className: "quiet", textContent: "Write something below. What you say and what it answers stays on this machine." }),
        ),
      );
      return;
    }
    this.box.replaceChildren(...messages.map((message, index) => this.message(message, index)));
  }

  message(message, index) {
    const mine = message.role === "user";
    const element = make("article", { className: `message ${message.role}` });
    element.append(
      make("div", { className: mine ? "hidden" : "who", textContent: mine ? "You" : this.hooks.settings().model || "Model" }),
      make("div", { className: "text", textContent: message.content }),
    );
    if (message.usage?.left_out_messages) {
      const n = message.usage.left_out_messages;
      element.prepend(make("div", { className: "note", textContent: `The oldest ${n} messages no longer fit into the model's memory.` }));
    }
    element.append(this.foot(message, index, element));
    return element;
  }

  foot(message, index, element) {
    const foot = make("div", { className: "foot" });
    const add = (text, work) => {
      const button = make("button", { type: "button", textContent: text });
      button.addEventListener("click", work);
      foot.append(button);
    };
    if (message.role === "user") {
      add("Edit", () => this.edit(message, index, element));
      return foot;
    }
    if (!message.finish && !message.tokens) return foot;
    add("Copy", () => navigator.clipboard?.writeText(message.content).then(() => announce("Copied")));
    if (index === this.conversation.messages.length - 1) add("Regenerate", () => this.regenerate(index));
    if (insides.has(message)) add("Look inside", () => this.hooks.inside(insides.get(message)));
    const parts = [`${message.tokens} token${message.tokens === 1 ? "" : "s"}`];
    if (message.speed) parts.push(`${message.speed.toFixed(0)} tokens/s`);
    if (message.finish === "length") parts.push("cut at the limit");
    if (message.finish === "stopped") parts.push("stopped");
    const count = make("span", { className: "count", textContent: parts.join(" · ") });
    if (message.usage) {
      const { prompt_tokens: read, prompt_tokens_details: details } = message.usage;
      count.title = `${read} tokens read, ${details.cached_tokens} of them remembered from before`;
    }
    foot.append(count);
    return foot;
  }

  regenerate(index) {
    if (this.running) return;
    this.conversation.messages.splice(index);
    this.ask();
  }

  edit(message, index, element) {
    if (this.running) return;
    const area = make("textarea", { value: message.content, rows: Math.min(8, message.content.split("\n").length + 1) });
    area.setAttribute("aria-label", "Edit your message");
    const save = () => {
      if (!area.value.trim()) return;
      this.conversation.messages.splice(index, Infinity, { role: "user", content: area.value });
      this.ask();
    };
    const cancel = () => {
      this.draw();
      this.box.querySelectorAll(".message")[index]?.querySelector(".foot button")?.focus();
    };
    const row = make("div", { className: "row" });
    const send = make("button", { type: "button", className: "main", textContent: "Send again" });
    const back = make("button", { type: "button", textContent: "Cancel" });
    send.addEventListener("click", save);
    back.addEventListener("click", cancel);
    row.append(send, back);
    area.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
        event.preventDefault();
        save();
      } else if (event.key === "Escape") {
        event.stopPropagation();
        cancel();
      }
    });
    element.classList.add("editing");
    element.querySelector(".foot").replaceChildren();
    element.append(make("div", { className: "editor" }, area, row));
    area.focus();
  }

  /** Follow the text, unless the reader has scrolled up. */
  scroll(always = false) {
    const { box } = this;
    if (always || box.scrollHeight - box.scrollTop - box.clientHeight < 120) box.scrollTop = box.scrollHeight;
  }
}
