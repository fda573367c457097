// The one clock: shows the demo's time in a city's zone, and moves it forward.

const ZONES = [
  ["America/Los_Angeles", "San Francisco, Los Angeles, Seattle"],
  ["America/Denver", "Denver"],
  ["America/Phoenix", "Phoenix"],
  ["America/Chicago", "Chicago, Houston, Dallas"],
  ["America/New_York", "New York, Boston, Washington"],
];

export class Clock {
  constructor(now) {
    this.face = document.getElementById("now");
    this.told = document.getElementById("clock-told");
    this.select = document.getElementById("zone");
    for (const [zone, cities] of ZONES) this.select.append(new Option(`${cities} time`, zone));
    this.select.value = localStorage.getItem("zone") ?? ZONES[0][0];
    this.select.addEventListener("change", () => {
      localStorage.setItem("zone", this.select.value);
      this.draw();
    });
    this.buttons = document.querySelectorAll("[data-seconds], #custom button");
    for (const button of document.querySelectorAll("[data-seconds]")) {
      button.addEventListener("click", () => this.move(Number(button.dataset.seconds)));
    }
    document.getElementById("custom").addEventListener("submit", (event) => {
      event.preventDefault();
      this.move(Number(document.getElementById("amount").value) * Number(document.getElementById("unit").value));
    });
    this.set(now);
    setInterval(() => this.draw(), 1000);
  }

  set(now) {
    this.ahead = now.getTime() - performance.now();
    this.draw();
  }

  now() {
    return new Date(this.ahead + performance.now());
  }

  text(moment, options) {
    return new Intl.DateTimeFormat("en-US", { timeZone: this.select.value, ...options }).format(moment);
  }

  draw() {
    const date = this.text(this.now(), { weekday: "short", month: "short", day: "numeric", year: "numeric" });
    const time = this.text(this.now(), { hour: "numeric", minute: "2-digit" });
    this.face.textContent = `${date}, ${time}`;
    this.face.dateTime = this.now().toISOString();
  }

  async move(seconds) {
    for (const button of this.buttons) button.disabled = true;
    this.told.textContent = "Moving: everything that falls due happens in its order …";
    const focused = document.activeElement;
    try {
      const answer = await fetch("/demo/clock", { method: "POST", body: JSON.stringify({ advance_seconds: seconds }) });
      const told = await answer.json();
      if (answer.ok) this.set(new Date(told.now));
      this.told.textContent = answer.ok ? "" : told.error;
    } catch {
      this.told.textContent = "The server does not answer. Is it still running?";
    } finally {
      for (const button of this.buttons) button.disabled = false;
      focused?.focus?.();
    }
  }
}
