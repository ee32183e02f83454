// What the page knows. Views subscribe to the parts that they show.

import * as api from "./api.js";
import { setClock } from "./format.js";

export const state = {
  shops: [],
  people: new Map(),      // phone → person
  chats: new Map(),       // key → chat
  gateway: { ok: null, problem: "" },
  open: null,             // key of the chat on screen
  filter: "all",
  search: "",
  drawer: false,
  selected: null,         // wamid shown in the drawer
  traces: new Map(),      // wamid → trace
  ready: false,
};

const listeners = new Map();
export function on(topic, listener) {
  if (!listeners.has(topic)) listeners.set(topic, []);
  listeners.get(topic).push(listener);
}
export function changed(topic, detail) {
  for (const listener of listeners.get(topic) ?? []) listener(detail);
}

export const keyOf = (number, phone) => `${number}/${phone}`;
export const shopOf = (number) =>
  state.shops.find((shop) => shop.phone_number_id === number) ?? { phone_number_id: number, name: number };
export const personOf = (phone) => state.people.get(phone) ?? { phone, name: "", role: "guest" };

/** The chat of a pair, begun if need be. */
export function chatOf(number, phone) {
  const key = keyOf(number, phone);
  if (!state.chats.has(key)) {
    state.chats.set(key, {
      key, number, phone, messages: [], loaded: false, unread: 0, last: null, typingUntil: 0, draft: "", quoting: null,
    });
  }
  return state.chats.get(key);
}
export const openChat = () => (state.open ? state.chats.get(state.open) : null);

/** Everything from the beginning: at the start, and after a lost connection or a reset. */
export async function load() {
  const all = await api.get("state");
  setClock(all.now);
  state.shops = all.shops;
  state.people = new Map(all.people.map((person) => [person.phone, person]));
  state.gateway = all.gateway;
  for (const chat of state.chats.values()) Object.assign(chat, { messages: [], loaded: false, last: null, unread: 0 });
  for (const person of all.people) if (person.home) chatOf(person.home, person.phone);
  for (const head of all.chats) {
    Object.assign(chatOf(head.phone_number_id, head.phone), { last: head.last, unread: head.unread });
  }
  state.ready = true;
  if (openChat()) await loadMessages(openChat());
  changed("people");
  changed("gateway");
  changed("open");
}

export async function loadMessages(chat) {
  const { messages } = await api.get(`chats/${chat.number}/${chat.phone}/messages?after=0`);
  chat.messages = messages;
  chat.loaded = true;
  chat.last = messages.at(-1) ?? chat.last;
}

/** The simulator's events, one handler each. */
const HANDLERS = {
  message({ message, unread }) {
    const chat = chatOf(message.phone_number_id, message.phone);
    chat.last = message;
    chat.unread = unread;
    if (message.by === "business") chat.typingUntil = 0;
    const known = chat.messages.some((one) => one.id === message.id);
    if (chat.loaded && !known) {
      chat.messages.push(message);
      changed("message", { chat, message });
    }
    changed("people");
  },
  status(event) {
    update(event, (message) => {
      message.status = event.status;
      if (event.error) message.error = event.error;
    });
  },
  reaction(event) {
    update(event, (message) => { message.reactions = event.reactions; });
  },
  typing(event) {
    const chat = chatOf(event.phone_number_id, event.phone);
    chat.typingUntil = Date.now() + event.seconds * 1000;
    setTimeout(() => changed("typing", chat), event.seconds * 1000 + 50);
    changed("typing", chat);
    changed("people");
  },
  person({ person }) {
    state.people.set(person.phone, person);
    if (person.home) chatOf(person.home, person.phone);
    changed("people");
  },
  trace({ wamid, trace }) {
    state.traces.set(wamid, trace);
    if (state.traces.size > 2000) state.traces.delete(state.traces.keys().next().value);
    changed("trace", wamid);
  },
  gateway({ ok, problem }) {
    Object.assign(state.gateway, { ok, problem });
    changed("gateway");
  },
  clock({ now }) {
    setClock(now);
    changed("people");
  },
  reset() {
    state.traces.clear();
    state.selected = null;
    load();
  },
};

export const onEvent = (event) => HANDLERS[event.event]?.(event);

function update(event, change) {
  const chat = chatOf(event.phone_number_id, event.phone);
  if (chat.last?.id === event.id) change(chat.last);
  const message = chat.messages.find((one) => one.id === event.id);
  if (message) {
    if (message !== chat.last) change(message);
    changed("update", { chat, message });
  }
  changed("people");
}

export const isTyping = (chat) => chat.typingUntil > Date.now();

/** The people to show, with their chats: staff first, then customers, then strangers. */
export function rows({ search = state.search, filter = state.filter } = {}) {
  const wanted = search.trim().toLowerCase();
  const found = [...state.chats.values()].filter((chat) => {
    const person = personOf(chat.phone);
    if (filter !== "all" && groupOf(person.role) !== filter) return false;
    if (!wanted) return true;
    const words = `${person.name} ${person.role} ${chat.phone} ${shopOf(chat.number).name}`.toLowerCase();
    return wanted.split(/\s+/).every((word) => words.includes(word));
  });
  const places = new Map([...state.people.keys()].map((phone, place) => [phone, place]));
  return found.sort((one, other) =>
    (other.last?.at ?? "").localeCompare(one.last?.at ?? "") ||
    (places.get(one.phone) ?? 9999) - (places.get(other.phone) ?? 9999));
}

export function groupOf(role) {
  if (role === "customer" || role === "guest") return role;
  return "shop";
}
