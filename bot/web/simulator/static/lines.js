// The two lines: how each vendor's fake phone is spoken to, and what its chat looks like.

const OPERATOR = "500000199";
const NAMES = ["Dana", "Marisol", "Theo", "Priya"];

async function post(url, body) {
  const json = body instanceof FormData ? {} : { headers: { "Content-Type": "application/json" } };
  const answer = await fetch(url, { method: "POST", body: body instanceof FormData ? body : JSON.stringify(body), ...json });
  if (answer.ok) return answer.json();
  const told = await answer.json().catch(() => ({}));
  throw new Error(told.error ?? `The line answered ${answer.status}`);
}

function form(files, fields = {}) {
  const made = new FormData();
  for (const [name, value] of Object.entries(fields)) made.append(name, value);
  files.forEach((file, number) => made.append(`file${number}`, file, file.name ?? "file"));
  return made;
}

class Line {
  url(who, rest) {
    return `/demo/phone/${this.channel}/${who}/${rest}`;
  }

  chat(who, after) {
    return fetch(this.url(who, `chat?after=${after}`)).then((answer) => (answer.ok ? answer.json() : null));
  }

  say(who, text) {
    return post(this.url(who, "say"), { text });
  }

  place(url) {
    return url.startsWith("/_phone/") ? `/demo/phone/${this.channel}/${url.slice("/_phone/".length)}` : url;
  }
}

export class SmsLine extends Line {
  channel = "sms";
  title = "Messages";
  hint = "Text message";

  constructor(setting) {
    super();
    this.built = setting.vendors.includes("twilio");
    this.sub = setting.number?.replace(/^\+1(\d{3})(\d{3})(\d{4})$/, "+1 $1 $2 $3") ?? "an outside Twilio";
    this.people = NAMES.map((name, number) => ["+1415555012" + (3 + number), name]);
    this.hello = "Text anything to begin.";
    this.starters = ["hi", "Got a ticket in San Francisco", "12.50 lunch Joe's", "COACH", "HELP"];
  }

  photos(who, files, text) {
    return post(this.url(who, "mms"), form(files, { text }));
  }

  voice(who, file) {
    return post(this.url(who, "mms"), form([file]));
  }

  fate(message) {
    return message.id.startsWith("MM") && !message.media.length ? "Picture: stored by Parley, then deleted at Twilio" : "";
  }

  read(told) {
    const state = told.opted_out ? "Opted out: Twilio blocks our texts to this number. START brings them back." : "";
    const messages = told.messages.map((m) => ({
      key: m.id,
      mine: m.from === "person",
      text: m.text,
      files: m.media.map((url) => ({ url: this.place(url) })),
      meta: m.from === "person" ? this.fate(m) : `${m.segments} ${m.segments === 1 ? "segment" : "segments"}`,
      keys: [],
    }));
    return { messages, deleted: [], state, typing: false };
  }
}

export class TelegramLine extends Line {
  channel = "telegram";
  title = "Telegram";
  hint = "Message";

  constructor(setting) {
    super();
    this.built = setting.vendors.includes("telegram");
    this.sub = setting.bot ? `@${setting.bot}` : "an outside Telegram";
    this.people = [...NAMES.map((name, number) => [String(500000101 + number), name]), [OPERATOR, "Operator"]];
    this.hello = "A bot writes only to those who started it.";
    this.start = true;
    this.operator = OPERATOR;
  }

  async login(who) {
    const { code } = await (await fetch("/demo/operator")).json();
    return this.say(who, `/login ${code}`);
  }

  chat(who, after) {
    const name = this.people.find(([id]) => id === who)?.[1] ?? "Person";
    return fetch(this.url(who, `chat?after=${after}&name=${name}`)).then((answer) => (answer.ok ? answer.json() : null));
  }

  begin(who) {
    return post(this.url(who, "start"), {});
  }

  unblock(who) {
    return post(this.url(who, "unblock"), {});
  }

  photos(who, files, caption) {
    const pictures = files.every((file) => file.type.startsWith("image/"));
    return post(this.url(who, pictures ? "photo" : "document"), form(files, { caption }));
  }

  voice(who, file, seconds) {
    return post(this.url(who, "voice"), form([file], { seconds }));
  }

  tap(who, message, key) {
    return post(this.url(who, "tap"), { button: key.data ?? key.label, message_id: message });
  }

  read(told) {
    const state = told.blocked ? "You blocked the bot." : (told.notice?.text ?? "");
    const messages = told.messages.map((m) => ({
      key: m.id,
      mine: m.from === "person",
      html: m.html,
      text: m.text,
      files: [m.photo && { url: this.place(m.photo), picture: true }, m.file && { ...m.file, url: this.place(m.file.url) }].filter(Boolean),
      meta: m.edited && m.from === "person" ? "edited" : "",
      keys: [...m.buttons, ...m.keyboard.map((row) => row.map((label) => ({ label })))],
      date: m.date,
    }));
    return { messages, deleted: told.deleted, state, typing: told.typing, draft: told.draft };
  }
}
