// The left pane: whose phone it is.

import { post } from "./api.js";
import { $, h, toast } from "./dom.js";
import { avatarColour, dayName, initials, phoneNumber, plain } from "./format.js";
import { icon, ticks } from "./icons.js";
import { changed, chatOf, isTyping, on, personOf, rows, shopOf, state } from "./store.js";

const FILTERS = { all: "All", shop: "Shop", customer: "Customers", guest: "Strangers" };
const ROLES = { owner: "Owner", manager: "Manager", staff: "Staff", viewer: "Viewer", customer: "Customer", guest: "Stranger" };

export const roleName = (role) => ROLES[role] ?? role;
export const shownName = (person) => person.name || phoneNumber(person.phone);
export const go = (chat) => { location.hash = `#/${chat.key}`; };

export function avatar(person, size = "") {
  const content = person.name ? initials(person.name) : icon("person");
  return h("span", { class: `avatar ${size}`, style: `--avatar:${avatarColour(person.phone)}`, "aria-hidden": "true" }, content);
}

export function startChatList() {
  $(".search-icon").append(icon("search"));
  $("#search").addEventListener("input", (event) => {
    state.search = event.target.value;
    drawList();
  });
  $("#search").addEventListener("keydown", (event) => {
    const first = rows()[0];
    if (event.key === "Enter" && first) go(first);
    if (event.key === "Escape") { event.target.value = state.search = ""; drawList(); event.target.blur(); }
  });
  on("people", soon(drawList));
  on("open", drawList);
  drawFilters();
}

function drawFilters() {
  $("#filters").replaceChildren(...Object.entries(FILTERS).map(([name, title]) =>
    h("button", {
      class: "chip", role: "tab", "aria-selected": String(state.filter === name), "data-testid": `filter-${name}`,
      onclick: () => { state.filter = name; drawFilters(); drawList(); },
    }, title)));
}

function drawList() {
  const list = $("#chat-list");
  const found = rows();
  const items = found.map((chat) => h("li", {}, chatRow(chat)));
  if (!found.length) items.push(h("li", { class: "list-note" }, "Nobody like that. Try a new number."));
  items.push(h("li", {}, newNumberRow()));
  list.replaceChildren(...items);
}

function chatRow(chat) {
  const person = personOf(chat.phone);
  const several = state.shops.length > 1;
  return h("button", {
    class: `chat-row ${chat.unread ? "unread" : ""}`,
    "aria-current": String(state.open === chat.key),
    "data-testid": `chat-${chat.phone}`,
    "data-phone": chat.phone,
    onclick: () => go(chat),
  },
  avatar(person),
  h("span", {},
    h("span", { class: "chat-row-top" },
      h("span", { class: "chat-row-name" }, shownName(person)),
      h("span", { class: "role", dataset: { role: person.role } }, roleName(person.role)),
      chat.last && h("time", { class: "chat-row-time", datetime: chat.last.at }, dayName(chat.last.at, { short: true }))),
    h("span", { class: "chat-row-bottom" },
      h("span", { class: "chat-row-last" }, ...preview(chat, several)),
      chat.unread > 0 && h("span", { class: "badge", "data-testid": `unread-${chat.phone}`, "aria-label": `${chat.unread} unread` }, String(chat.unread)))));
}

function preview(chat, several) {
  if (isTyping(chat)) return [h("span", { class: "typing-text" }, "typing…")];
  if (!chat.last) return [several ? `Chat with ${shopOf(chat.number).name}` : phoneNumber(chat.phone)];
  const words = summary(chat.last);
  return chat.last.by === "person" ? [ticks(chat.last.status), words] : [words];
}

const KINDS = { image: "📷 Photo", document: "📄 Document", audio: "🎤 Voice message", video: "🎥 Video", sticker: "Sticker", location: "📍 Location", contacts: "👤 Contact" };

/** One line that stands for a message. */
export function summary(message) {
  const content = message[message.type] ?? {};
  if (message.type === "text") return plain(content.body ?? "");
  if (message.type === "interactive") {
    const reply = content.button_reply ?? content.list_reply;
    return plain(reply ? reply.title : content.body?.text ?? "");
  }
  if (message.type === "button") return content.text;
  if (message.type === "template") return plain(message.template_view?.text ?? "");
  if (message.type === "document") return `📄 ${content.caption || content.filename || "Document"}`;
  if (message.type === "image" && content.caption) return `📷 ${plain(content.caption)}`;
  return KINDS[message.type] ?? message.type;
}

function newNumberRow() {
  return h("button", { class: "chat-row new-number", "data-testid": "new-number", onclick: newNumber },
    h("span", { class: "avatar" }, icon("plus")),
    h("span", {},
      h("span", { class: "chat-row-top" }, h("span", { class: "chat-row-name" }, "A new number")),
      h("span", { class: "chat-row-bottom" }, h("span", { class: "chat-row-last" }, "Write as somebody the shop has never met"))));
}

/** A phone that nobody has had yet, at the shop of the open chat. */
export async function newNumber() {
  const home = state.open?.split("/")[0] ?? state.shops[0]?.phone_number_id;
  if (!home) return toast("There is no shop to write to.");
  let phone;
  do phone = `9190${String(Math.floor(Math.random() * 1e8)).padStart(8, "0")}`; while (state.people.has(phone));
  const person = await post("people", { phone, role: "guest", home });
  state.people.set(phone, person);
  const chat = chatOf(home, phone);
  changed("people");
  go(chat);
  return chat;
}

/** At most once a frame: a load test must not freeze the page. */
function soon(draw) {
  let waiting = false;
  return () => {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => { waiting = false; draw(); });
  };
}
