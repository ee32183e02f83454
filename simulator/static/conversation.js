// The right pane: one person's chat with the shop.

import { get, post } from "./api.js";
import { domId, messageRow } from "./bubbles.js";
import { avatar, roleName, shownName } from "./chatlist.js";
import { composerOf, sendLocation } from "./composer.js";
import { $, h, toast } from "./dom.js";
import { dayName } from "./format.js";
import { icon } from "./icons.js";
import { openSwitcher } from "./overlays.js";
import { changed, groupOf, isTyping, loadMessages, on, openChat, personOf, shopOf, state } from "./store.js";

const NEAR_END = 120;

let composer = null;
let scroller = null;
let hints = null;
let missed = 0;

export function startConversation() {
  on("open", draw);
  on("message", ({ chat, message }) => { if (chat === openChat()) append(chat, message); });
  on("update", ({ chat, message }) => { if (chat === openChat()) redraw(chat, message); });
  on("typing", (chat) => { if (chat === openChat()) drawTyping(chat); });
  on("gateway", drawBanner);
  document.addEventListener("visibilitychange", seen);
}

export const currentComposer = () => composer;

async function draw() {
  const chat = openChat();
  const pane = $("#chat");
  missed = 0;
  if (!chat) {
    composer = scroller = null;
    pane.replaceChildren(nothing());
    return;
  }
  if (!chat.loaded) await loadMessages(chat);
  if (openChat() !== chat) return;
  const shop = shopOf(chat.number);
  composer = composerOf(chat, { nameOf: (message) => (message.by === "person" ? "You" : shop.name) });
  scroller = h("div", { class: "messages", "data-testid": "messages", role: "log", "aria-label": "Messages", tabindex: "-1" });
  const toEnd = h("button", { class: "icon-button to-end", "aria-label": "To the newest message", hidden: true, onclick: () => toBottom(true) }, icon("down"));
  pane.replaceChildren(
    h("div", {}, head(chat, shop), h("div", { id: "banner" })),
    h("div", { class: "scroller" }, scroller, toEnd),
    h("div", { class: "chat-foot" }, await hintStrip(chat), composer.element));
  scroller.addEventListener("scroll", () => {
    toEnd.hidden = atEnd();
    if (atEnd()) { missed = 0; toEnd.querySelector(".badge")?.remove(); }
  });
  scroller.addEventListener("grown", () => { if (atEnd(400)) toBottom(); });
  scroller.addEventListener("load", () => { if (atEnd(400)) toBottom(); }, true);
  stayAtEnd();
  acceptDrops(pane);
  drawBanner();
  drawAll(chat);
  toBottom();
  seen();
  if (matchMedia("(hover: hover)").matches) composer.focus();
}

/** When the pane changes its size (a keyboard, the drawer), the newest message stays in view. */
function stayAtEnd() {
  let ended = true;
  scroller.addEventListener("scroll", () => { ended = atEnd(); });
  const watched = scroller;
  new ResizeObserver(() => { if (ended && watched === scroller) toBottom(); }).observe(scroller);
}

function head(chat, shop) {
  const person = personOf(chat.phone);
  return h("header", { class: "chat-head" },
    h("button", { class: "icon-button back", "aria-label": "Back to the chats", "data-testid": "back", onclick: () => { location.hash = "#/"; } }, icon("back")),
    h("span", { class: "avatar small", style: "--avatar:#b3261e" }, icon("shop")),
    h("div", { class: "chat-who" },
      h("div", { class: "chat-name" }, h("span", {}, shop.name), fromVerified()),
      h("div", { class: "chat-sub", id: "chat-sub", "data-testid": "chat-sub" }, "Business account")),
    h("button", { class: "holding", title: "Switch phone (Ctrl+K)", "data-testid": "holding", onclick: openSwitcher },
      avatar(person), h("span", {}, h("b", {}, shownName(person)), `You · ${roleName(person.role)}`)),
    h("button", {
      class: "under-button", "aria-pressed": String(state.drawer), "aria-label": "What happened underneath", title: "What happened (Ctrl+I)",
      "data-testid": "toggle-drawer", onclick: toggleDrawer,
    }, icon("under"), h("span", { class: "only-wide" }, "What happened")));
}

function fromVerified() {
  const mark = icon("verified");
  mark.classList.add("verified");
  return mark;
}

export function toggleDrawer() {
  state.drawer = !state.drawer;
  changed("drawer");
}

// ------------------------------------------------------------- messages

const doings = {
  tap: (message, option) => tryTo(() => post("tap", { ...who(), message_id: message.id, option: option.id })),
  reply: (message) => composer.quote(message),
  react: (message, emoji) => tryTo(() => post("send", { ...who(), type: "reaction", reaction: { message_id: message.id, emoji } })),
  inspect: (message) => { state.drawer = true; state.selected = message.id; changed("drawer"); },
  quoted: (wamid) => openChat()?.messages.find((message) => message.id === wamid),
  nameOf: (message) => (message.by === "person" ? "You" : shopOf(openChat().number).name),
  sendLocation: () => sendLocation(composer),
  jump: (wamid) => {
    const row = document.getElementById(domId(wamid));
    row?.scrollIntoView({ block: "center", behavior: "smooth" });
    row?.querySelector(".bubble").animate([{ filter: "brightness(.85)" }, {}], 900);
  },
};

function who() {
  const chat = openChat();
  return { phone_number_id: chat.number, from: chat.phone };
}

async function tryTo(act) {
  try { await act(); } catch (error) { toast(error.message); }
}

function drawAll(chat) {
  scroller.replaceChildren(h("div", { class: "notice" }, h("span", {}, "🔒 This WhatsApp lives on your desk. No message leaves this machine.")));
  chat.messages.forEach((message, place) => scroller.append(...rowsFor(chat.messages, place)));
  drawTyping(chat);
}

/** The row of a message, after a date chip where a day begins. */
function rowsFor(messages, place) {
  const message = messages[place];
  const before = messages[place - 1];
  const newDay = !before || before.at.slice(0, 10) !== message.at.slice(0, 10) && dayName(before.at) !== dayName(message.at);
  const row = messageRow(message, { first: newDay || before.by !== message.by, doings });
  return newDay ? [h("div", { class: "day" }, h("span", {}, dayName(message.at))), row] : [row];
}

function append(chat, message) {
  const stay = !atEnd() && message.by === "business";
  scroller.querySelector(".typing-row")?.remove();
  const added = rowsFor(chat.messages, chat.messages.indexOf(message));
  added.at(-1).classList.add("new");
  scroller.append(...added);
  markTapped(message);
  drawTyping(chat);
  if (message.by === "person") $(".hints")?.classList.add("used");
  if (stay) showMissed(); else toBottom(true);
  seen();
}

/** A tap shows on its button at once. */
function markTapped(message) {
  const reply = message.interactive?.button_reply;
  if (!reply || !message.context_id) return;
  const asked = doings.quoted(message.context_id);
  if (asked) { asked.tapped = reply.id; redraw(openChat(), asked); }
}

function redraw(chat, message) {
  const old = document.getElementById(domId(message.id));
  if (!old) return;
  const onlyTicks = old.querySelector(".ticks");
  if (onlyTicks && onlyTicks.dataset.status !== message.status && message.status !== "failed") {
    const rows = rowsFor(chat.messages, chat.messages.indexOf(message));
    onlyTicks.replaceWith(rows.at(-1).querySelector(".ticks"));
    return;
  }
  if (message.by === "business" && message.status !== "failed" && sameLook(old, message)) return;
  const selected = old.querySelector(".bubble").classList.contains("selected");
  const fresh = rowsFor(chat.messages, chat.messages.indexOf(message)).at(-1);
  fresh.querySelector(".bubble").classList.toggle("selected", selected);
  old.replaceWith(fresh);
}

/** Ticks of the shop's messages are not shown here: do not flicker for them. */
function sameLook(row, message) {
  const shown = row.querySelector(".reactions")?.textContent ?? "";
  const tapped = Boolean(row.querySelector(".tapped"));
  return shown === Object.values(message.reactions).join(" ") && tapped === Boolean(message.tapped && row.querySelector(".choice"));
}

function drawTyping(chat) {
  if (!scroller) return;
  const typing = isTyping(chat);
  const sub = $("#chat-sub");
  sub.textContent = typing ? "typing…" : "Business account";
  sub.classList.toggle("typing", typing);
  const row = scroller.querySelector(".typing-row");
  if (!typing) return row?.remove();
  if (row) return scroller.append(row);
  const near = atEnd();
  scroller.append(h("div", { class: "message-row first typing-row", "data-testid": "typing", "aria-label": "typing" },
    h("div", { class: "bubble" }, h("div", { class: "dots" }, h("i"), h("i"), h("i")))));
  if (near) toBottom();
}

const atEnd = (near = NEAR_END) => scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < near;

function toBottom(smooth = false) {
  scroller.scrollTo({ top: scroller.scrollHeight, behavior: smooth ? "smooth" : "instant" });
}

function showMissed() {
  missed += 1;
  const button = $(".to-end");
  button.hidden = false;
  button.querySelector(".badge")?.remove();
  button.append(h("span", { class: "badge" }, String(missed)));
}

/** The person looks: the shop's messages are read. */
function seen() {
  const chat = openChat();
  if (!chat || document.visibilityState !== "visible") return;
  // A message becomes readable once it is delivered, a moment after it shows.
  setTimeout(() => { if (chat === openChat()) post("read", { phone_number_id: chat.number, from: chat.phone }).catch(() => {}); }, 450);
  if (chat.unread) { chat.unread = 0; changed("people"); }
}

// ------------------------------------------------------- hints and notes

async function hintStrip(chat) {
  if (localStorage.getItem("bahi.hints") === "closed") return "";
  hints ??= await get("hints").catch(() => ({}));
  const wanted = hints[groupOf(personOf(chat.phone).role)] ?? [];
  if (!wanted.length) return "";
  return h("section", { class: "hints", "data-testid": "hints", "aria-label": "Things to type" },
    h("p", { class: "hints-title" }, "New here? Pick one, then send it:"),
    h("div", { class: "hints-row" }, ...wanted.map((hint) =>
      h("button", { class: "hint", "data-testid": "hint", onclick: () => composer.fill(hint.say) },
        h("b", { dir: "auto" }, hint.say), h("span", {}, hint.about)))),
    h("button", { class: "icon-button hints-close", "aria-label": "Close the hints", "data-testid": "close-hints", onclick: () => showHints(false) }, icon("close")));
}

export function showHints(wanted) {
  localStorage.setItem("bahi.hints", wanted ? "open" : "closed");
  changed("open");
}
export const hintsAreShown = () => Boolean($(".hints"));

function drawBanner() {
  const banner = $("#banner");
  if (!banner) return;
  banner.replaceChildren(state.gateway.ok === false
    ? h("div", { class: "banner", "data-testid": "banner" }, h("span", { class: "spinner" }),
      `The shop's gateway ${state.gateway.problem || "does not answer"}. Messages wait and are sent again.`)
    : "");
}

function nothing() {
  return h("div", { class: "nothing" },
    h("img", { src: "/static/bahi.svg", alt: "", width: "92", height: "92" }),
    h("h2", {}, "Bahi on your desk"),
    h("p", {}, "Pick whose phone to hold. Each chat is that person talking to the shop on WhatsApp."));
}

function acceptDrops(pane) {
  pane.ondragover = (event) => {
    event.preventDefault();
    if (!$(".drop", pane)) pane.append(h("div", { class: "drop" }, h("div", {}, "Drop it here to send")));
  };
  pane.ondragleave = (event) => { if (!pane.contains(event.relatedTarget)) $(".drop", pane)?.remove(); };
  pane.ondrop = (event) => {
    event.preventDefault();
    $(".drop", pane)?.remove();
    const file = event.dataTransfer.files[0];
    if (file) composer?.offer(file);
  };
}
