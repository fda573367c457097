// Starts the page: reads where it is, makes the phones and the desk, and follows the stream of what happens.

import { Clock } from "./clock.js";
import { Desk } from "./desk.js";
import { Phone } from "./phone.js";
import { SmsLine, TelegramLine } from "./lines.js";

const setting = await (await fetch("/demo/setting")).json();
const clock = new Clock(new Date(setting.now));
const desk = new Desk(setting, clock);
const phones = {
  sms: new Phone(document.getElementById("sms"), new SmsLine(setting), desk, clock),
  telegram: new Phone(document.getElementById("telegram"), new TelegramLine(setting), desk, clock),
};
const refreshers = { twilio: phones.sms, telegram: phones.telegram };

const outside = ["telegram", "twilio", "stripe", "lob", "claude", "speech"].filter((name) => !setting.vendors.includes(name));
if (outside.length) {
  document.querySelector(".demo span").textContent = `Not built in here, but at an address of your own: ${outside.join(", ")}. All else is a local stand-in.`;
}

function show(name) {
  document.body.dataset.shown = name;
  for (const button of document.querySelectorAll("[data-show]")) {
    button.setAttribute("aria-pressed", String(button.dataset.show === name));
  }
  if (phones[name]) phones[name].scroll();
}

for (const button of document.querySelectorAll("[data-show]")) {
  button.addEventListener("click", () => show(button.dataset.show));
}
desk.onOpen = () => show("desk");

document.addEventListener("keydown", (event) => {
  if (!event.altKey || !["1", "2", "3"].includes(event.key)) return;
  event.preventDefault();
  const name = ["sms", "telegram", "desk"][Number(event.key) - 1];
  show(name);
  if (phones[name]) phones[name].focus();
  else document.querySelector('[role="tab"][aria-selected="true"]').focus();
});

let marks = {};
const stream = new EventSource("/demo/events");
stream.onmessage = ({ data }) => {
  const told = JSON.parse(data);
  clock.set(new Date(told.now));
  for (const [vendor, phone] of Object.entries(refreshers)) {
    if (told.marks[vendor] !== undefined) phone.refresh();
  }
  if (told.marks.lob !== marks.lob) desk.showLetters();
  desk.showWire();
  marks = told.marks;
};
stream.onopen = () => document.body.classList.remove("lost");
stream.onerror = () => document.body.classList.add("lost");
