// One phone: its chat, its composer, and whose phone it is.

import { samplePhoto } from "./sample.js";
import { filled, linked } from "./text.js";

export class Phone {
  constructor(root, line, desk, clock) {
    Object.assign(this, { root, line, desk, clock, seen: new Map(), after: 0, busy: false, again: false });
    root.append(document.getElementById("phone-template").content.cloneNode(true));
    this.log = root.querySelector(".log");
    this.state = root.querySelector(".state");
    this.words = root.querySelector("textarea");
    this.select = root.querySelector(".person select");
    this.dress();
    this.listen();
    this.restart();
  }

  dress() {
    const { line, root } = this;
    root.querySelector("h2").textContent = line.title;
    root.querySelector("h2").id = `${line.channel}-title`;
    root.querySelector(".sub").textContent = `Parley · ${line.sub}`;
    root.querySelector(".who .face").textContent = "P";
    this.log.setAttribute("aria-label", `${line.title} chat`);
    this.words.id = `${line.channel}-words`;
    this.words.placeholder = line.hint;
    this.words.setAttribute("aria-label", `${line.title}: ${line.hint}`);
    for (const [id, name] of line.people) this.select.append(new Option(name, id));
    const kept = localStorage.getItem(`who-${line.channel}`);
    if (line.people.some(([id]) => id === kept)) this.select.value = kept;
  }

  get who() {
    return this.select.value;
  }

  listen() {
    this.select.addEventListener("change", () => {
      localStorage.setItem(`who-${this.line.channel}`, this.who);
      this.restart();
    });
    this.root.querySelector(".composer").addEventListener("submit", (event) => {
      event.preventDefault();
      this.send();
    });
    this.words.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      this.send();
    });
    this.words.addEventListener("input", () => this.grow());
    const photo = this.root.querySelector('input[name="photo"]');
    const clip = this.root.querySelector('input[name="clip"]');
    photo.addEventListener("change", () => this.upload(photo, (files) => this.line.photos(this.who, files, this.take())));
    clip.addEventListener("change", () => this.upload(clip, ([file]) => this.line.voice(this.who, file, 5)));
    const tools = { photo: () => photo.click(), clip: () => clip.click(), sample: () => this.sample("ticket"), receipt: () => this.sample("receipt"), speak: () => this.speak(), login: () => this.act(() => this.line.login(this.who)) };
    for (const button of this.root.querySelectorAll("[data-do]")) {
      button.addEventListener("click", () => tools[button.dataset.do]());
    }
  }

  grow() {
    this.words.style.height = "auto";
    this.words.style.height = `${this.words.scrollHeight + 2}px`;
  }

  focus() {
    this.words.focus();
  }

  scroll() {
    this.log.scrollTop = this.log.scrollHeight;
  }

  take() {
    const text = this.words.value.trim();
    this.words.value = "";
    this.grow();
    return text;
  }

  // -- doing ----------------------------------------------------------------------------------------------------

  async act(action) {
    if (!this.line.built) return;
    this.say("");
    try {
      await action();
    } catch (error) {
      this.say(error.message, true);
    }
    this.refresh();
  }

  say(text, bad = false) {
    this.state.classList.toggle("bad", bad);
    this.state.classList.remove("dots");
    this.state.textContent = text;
    this.held = bad;
  }

  async send() {
    const text = this.take();
    if (text) await this.act(() => this.line.say(this.who, text));
  }

  async upload(input, action) {
    const files = [...input.files];
    input.value = "";
    if (files.length) await this.act(() => action(files));
  }

  async sample(kind) {
    const picture = await samplePhoto(kind, kind === "ticket" ? this.take() : "");
    await this.act(() => this.line.photos(this.who, [picture], ""));
  }

  async speak() {
    const answer = await fetch("/demo/voice", { method: "POST", body: this.take() });
    const clip = new File([await answer.blob()], "voice.ogg", { type: "audio/ogg" });
    await this.act(() => this.line.voice(this.who, clip, 4));
  }

  // -- showing --------------------------------------------------------------------------------------------------

  restart() {
    this.after = 0;
    this.seen.clear();
    this.log.replaceChildren();
    this.say("");
    this.fresh = true;
    const tool = this.root.querySelector('[data-do="login"]');
    tool.hidden = this.who !== this.line.operator;
    if (!this.line.built) this.say("This vendor is not built in: its *_BASE is set. Use its own phone.");
    else this.refresh();
  }

  async refresh() {
    if (!this.line.built) return;
    if (this.busy) {
      this.again = true;
      return;
    }
    this.busy = true;
    const who = this.who;
    try {
      const told = await this.line.chat(who, this.after);
      if (told && who === this.who) this.show(told);
    } finally {
      this.busy = false;
    }
    if (this.again || who !== this.who) {
      this.again = false;
      this.refresh();
    }
  }

  show(told) {
    this.after = told.n;
    const { messages, deleted, state, typing, draft } = this.line.read(told);
    const atEnd = this.log.scrollHeight - this.log.scrollTop - this.log.clientHeight < 80;
    for (const key of deleted) {
      this.seen.get(key)?.remove();
      this.seen.delete(key);
    }
    for (const message of messages) this.put(message);
    this.greet();
    if (messages.length && (atEnd || this.fresh || messages.some((m) => m.mine))) this.scroll();
    this.fresh = false;
    if (!this.held) {
      this.say(typing ? "typing" : (draft ?? state));
      this.state.classList.toggle("dots", Boolean(typing));
    }
    clearTimeout(this.timer);
    if (typing) this.timer = setTimeout(() => this.refresh(), 1000);
  }

  greet() {
    const old = this.log.querySelector(".hello");
    if (this.seen.size) return old?.remove();
    if (old) return;
    const hello = document.createElement("div");
    hello.className = "hello";
    hello.append(this.line.hello);
    if (this.who === this.line.operator) hello.append(this.starter("Log in as the demo's operator", () => this.line.login(this.who)));
    else if (this.line.start) hello.append(this.starter("Start the bot", () => this.line.begin(this.who)));
    for (const words of this.line.starters ?? []) hello.append(this.starter(words, () => this.line.say(this.who, words)));
    this.log.append(hello);
  }

  starter(words, action) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = words;
    button.addEventListener("click", () => this.act(action).then(() => this.focus()));
    return button;
  }

  put(message) {
    const made = document.createElement("div");
    made.className = `message${message.mine ? " mine" : ""}${this.fresh ? "" : " new"}`;
    made.append(this.author(message));
    if (message.text || message.files.length) made.append(this.bubble(message));
    if (message.keys.length) made.append(this.keys(message));
    if (message.meta) {
      const meta = document.createElement("span");
      meta.className = "meta";
      meta.textContent = message.meta;
      made.append(meta);
    }
    const old = this.seen.get(message.key);
    if (old) {
      made.classList.remove("new");
      old.replaceWith(made);
    } else this.log.append(made);
    this.seen.set(message.key, made);
  }

  author(message) {
    const said = document.createElement("span");
    said.className = "hidden";
    said.textContent = message.mine ? "You: " : "Parley: ";
    return said;
  }

  bubble(message) {
    const bubble = document.createElement("div");
    bubble.className = "bubble";
    for (const file of message.files) bubble.append(this.file(file));
    const open = (url) => this.desk.open(url);
    if (message.html) filled(bubble, message.html, open);
    else linked(bubble, message.text, open);
    return bubble;
  }

  file(file) {
    if (file.picture || (!file.name && this.line.channel === "sms")) return this.picture(file.url);
    if (file.name && !/\.(og[ga]|opus)$/i.test(file.name)) {
      const link = document.createElement("a");
      link.className = "file";
      link.href = file.url;
      link.textContent = `📄 ${file.name}`;
      link.addEventListener("click", (event) => {
        event.preventDefault();
        this.desk.open(file.url);
      });
      return link;
    }
    return sound(file.url);
  }

  picture(url) {
    const image = document.createElement("img");
    image.alt = "Picture";
    image.addEventListener("load", () => this.scroll(), { once: true });
    image.addEventListener("error", () => image.replaceWith(sound(url)), { once: true });
    image.src = url;
    return image;
  }

  keys(message) {
    const keys = document.createElement("div");
    keys.className = "keys";
    for (const row of message.keys) {
      const line = document.createElement("div");
      for (const key of row) {
        const button = document.createElement("button");
        button.type = "button";
        button.textContent = key.url ? `${key.label} ↗` : key.label;
        button.addEventListener("click", () => this.press(message, key));
        line.append(button);
      }
      keys.append(line);
    }
    return keys;
  }

  press(message, key) {
    if (key.url) this.desk.open(key.url);
    else this.act(() => this.line.tap(this.who, message.key, key)).then(() => this.focus());
  }
}

function sound(url) {
  const player = document.createElement("audio");
  player.controls = true;
  player.preload = "none";
  player.src = url;
  player.title = "Voice clip";
  return player;
}
