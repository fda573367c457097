// The desk: the page that a link opened, the letters and their post, and the wire.

const MOVES = [["in_transit", "In transit"], ["delivered", "Delivered"], ["returned_to_sender", "Returned"]];
const MORE = [
  ["mailed", "Mailed"], ["in_local_area", "In local area"], ["processed_for_delivery", "Out for delivery"],
  ["re-routed", "Re-routed"], ["pickup_available", "Pickup available"], ["issue", "Delivery issue"],
  ["rejected", "Rejected by the printer"], ["failed", "Failed at the printer"],
];
const TITLES = Object.fromEntries([...MOVES, ...MORE, ["created", "Accepted"], ["rendered_pdf", "Rendered"], ["rendered_thumbnails", "Proofed"]]);
const QUIET = new Set(["rendered_thumbnails"]);
const BAD = new Set(["returned_to_sender", "rejected", "failed", "issue"]);

export class Desk {
  constructor(setting, clock) {
    Object.assign(this, { setting, clock, drawn: "", onOpen: () => {} });
    this.tabs = [...document.querySelectorAll('[role="tab"]')];
    this.told = document.getElementById("desk-told");
    this.frame = document.getElementById("page");
    this.letters = document.getElementById("letters");
    this.count = document.getElementById("letter-count");
    this.wire = document.getElementById("wire");
    for (const tab of this.tabs) {
      tab.addEventListener("click", () => this.pick(tab));
      tab.addEventListener("keydown", (event) => this.walk(event, tab));
    }
    document.getElementById("close-page").addEventListener("click", () => this.close());
    this.frame.addEventListener("load", () => this.follow());
    this.showLetters();
    this.showWire();
  }

  // -- tabs -----------------------------------------------------------------------------------------------------

  pick(tab) {
    for (const one of this.tabs) {
      const chosen = one === tab;
      one.setAttribute("aria-selected", String(chosen));
      one.tabIndex = chosen ? 0 : -1;
      document.getElementById(one.getAttribute("aria-controls")).hidden = !chosen;
    }
    if (tab.id === "tab-post") this.count.hidden = true;
    if (tab.id === "tab-wire") this.showWire();
  }

  walk(event, tab) {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const next = this.tabs[(this.tabs.indexOf(tab) + step + this.tabs.length) % this.tabs.length];
    this.pick(next);
    next.focus();
  }

  isShown(id) {
    return document.getElementById(id).getAttribute("aria-selected") === "true";
  }

  // -- the page -------------------------------------------------------------------------------------------------

  open(url) {
    const place = new URL(url, location.href);
    const ours = place.origin === location.origin || place.origin === new URL(this.setting.public_url).origin;
    if (!ours) {
      window.open(place.href, "_blank", "noopener");
      return;
    }
    const path = place.pathname + place.search;
    this.frame.src = path;
    this.frame.hidden = false;
    document.getElementById("no-page").hidden = true;
    document.getElementById("close-page").hidden = false;
    const outside = document.getElementById("outside");
    outside.hidden = false;
    outside.href = path;
    document.getElementById("address").textContent = place.href;
    this.pick(document.getElementById("tab-pay"));
    this.told.textContent = "The page is open on the desk.";
    this.onOpen();
  }

  follow() {
    try {
      const { href, pathname, search } = this.frame.contentWindow.location;
      if (href === "about:blank") return;
      document.getElementById("address").textContent = href;
      document.getElementById("outside").href = pathname + search;
    } catch {
      document.getElementById("address").textContent = "another site";
    }
  }

  close() {
    this.frame.removeAttribute("src");
    this.frame.hidden = true;
    for (const id of ["outside", "close-page"]) document.getElementById(id).hidden = true;
    document.getElementById("no-page").hidden = false;
    document.getElementById("address").textContent = "No page is open";
    document.getElementById("tab-pay").focus();
  }

  // -- letters --------------------------------------------------------------------------------------------------

  async showLetters() {
    if (!this.setting.vendors.includes("lob")) {
      document.querySelector("#no-letters .big").textContent = "The printer is not built in: LOB_API_BASE is set";
      return;
    }
    const { letters } = await (await fetch("/demo/letters")).json();
    const drawn = JSON.stringify(letters.map((letter) => [letter.id, letter.events]));
    if (drawn === this.drawn) return;
    const more = letters.length - (this.known ?? letters.length);
    this.known = letters.length;
    this.drawn = drawn;
    document.getElementById("no-letters").hidden = letters.length > 0;
    const focused = this.letters.contains(document.activeElement) ? document.activeElement.dataset.key : null;
    this.letters.replaceChildren(...letters.map((letter) => this.letter(letter)));
    if (focused) this.letters.querySelector(`[data-key="${focused}"]`)?.focus();
    if (more > 0) this.told.textContent = "A letter was printed.";
    if (more > 0 && !this.isShown("tab-post")) {
      this.count.hidden = false;
      this.count.textContent = String(more);
    }
  }

  letter(letter) {
    const made = element("article", { className: "letter", "aria-label": `Letter to ${letter.to.name ?? letter.to.company}` });
    const sheet = element("div", { className: "sheet", tabIndex: 0, "aria-label": "The letter as printed" });
    for (let number = 1; number <= letter.pages; number += 1) {
      const alt = `Page ${number} of ${letter.pages}`;
      sheet.append(element("img", { src: `/demo/letters/${letter.id}/${number}.png`, alt, loading: "lazy", width: 979, height: 1267 }));
    }
    made.append(this.slip(letter), sheet);
    return made;
  }

  slip(letter) {
    const slip = element("div", { className: "slip" });
    const { to } = letter;
    const lines = [to.name, to.company, to.address_line1, to.address_line2, `${to.address_city}, ${to.address_state} ${to.address_zip}`];
    const kind = letter.extra_service ? `First class, ${letter.extra_service.replaceAll("_", " ")}` : "First class";
    const facts = element("p", { className: "facts" }, `${kind}. ${letter.pages} ${letter.pages === 1 ? "page" : "pages"}. `);
    facts.append(element("a", { href: `/demo/letters/${letter.id}.pdf`, target: "_blank", rel: "noopener" }, "PDF as sent"));
    const where = element("div");
    where.append(element("h3", {}, lines.filter(Boolean)[0]), element("p", { className: "to" }, lines.filter(Boolean).slice(1).join("\n")), facts);
    slip.append(where, this.trail(letter), this.moves(letter));
    return slip;
  }

  trail(letter) {
    const trail = element("ol", { className: "trail", "aria-label": "What the post reported" });
    for (const event of letter.events.filter((one) => TITLES[one] && !QUIET.has(one))) {
      trail.append(element("li", { className: BAD.has(event) ? "bad" : "" }, TITLES[event]));
    }
    return trail;
  }

  moves(letter) {
    const moves = element("div", { className: "moves", role: "group", "aria-label": "Move this letter" });
    for (const [event, title] of MOVES) {
      const button = element("button", { type: "button" }, title);
      button.dataset.key = `${letter.id}-${event}`;
      button.addEventListener("click", () => this.move(letter, event));
      moves.append(button);
    }
    const more = element("select", { "aria-label": "Another event" });
    more.dataset.key = `${letter.id}-more`;
    more.append(new Option("More …", ""), ...MORE.map(([event, title]) => new Option(title, event)));
    more.addEventListener("change", () => more.value && this.move(letter, more.value));
    moves.append(more);
    return moves;
  }

  async move(letter, event) {
    const answer = await fetch(`/demo/letters/${letter.id}/${event}`, { method: "POST" });
    this.told.textContent = answer.ok ? `The post reported: ${TITLES[event]}.` : "The post does not report this of such a letter.";
    await this.showLetters();
  }

  // -- the wire -------------------------------------------------------------------------------------------------

  async showWire() {
    if (!this.isShown("tab-wire")) return;
    const { rows } = await (await fetch("/demo/wire")).json();
    this.wire.replaceChildren(...rows.reverse().map((row) => this.row(row)));
  }

  row(row) {
    const made = element("li");
    made.dataset.vendor = row.vendor;
    const shown = { month: "short", day: "numeric", hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" };
    const time = this.clock.text(new Date(row.at), shown);
    const arrow = { in: "→", out: "←" }[row.way] ?? "";
    const way = element("span", { className: "way", title: { in: "to Parley", out: "from Parley" }[row.way] ?? "" }, arrow);
    const what = element("span", { className: "what" }, `${row.kind} `);
    what.append(element("b", {}, row.about));
    made.append(element("time", { dateTime: row.at }, time), element("span", { className: "vendor" }, row.vendor), way, what);
    return made;
  }
}

function element(name, properties = {}, text = "") {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (key.startsWith("aria-") || key === "role") made.setAttribute(key, value);
    else made[key] = value;
  }
  if (text) made.append(text);
  return made;
}
