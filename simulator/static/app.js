// Puts the page together: routes, tools and keys.

import { listen } from "./api.js";
import { newNumber, startChatList } from "./chatlist.js";
import { currentComposer, hintsAreShown, showHints, startConversation, toggleDrawer } from "./conversation.js";
import { $, h } from "./dom.js";
import { startDrawer } from "./drawer.js";
import { icon } from "./icons.js";
import { closeOverlay, openSwitcher } from "./overlays.js";
import { watchSetup } from "./setup.js";
import { changed, chatOf, load, on, onEvent, rows, state } from "./store.js";

const wide = matchMedia("(min-width: 760px)");
const system = matchMedia("(prefers-color-scheme: dark)");

function route() {
  const match = /^#\/(\d+)\/(\d+)$/.exec(location.hash);
  state.open = match ? chatOf(match[1], match[2]).key : null;
  $("#app").dataset.view = state.open ? "chat" : "list";
  if (state.ready) changed("open");
}

/** On a desktop a chat is always open: the owner's, to begin with. */
function openFirst() {
  if (state.open || !wide.matches) return;
  const owner = rows({ search: "", filter: "all" }).find((chat) => state.people.get(chat.phone)?.role === "owner");
  const first = owner ?? rows({ search: "", filter: "all" })[0];
  if (first) history.replaceState(null, "", `#/${first.key}`);
  route();
}

// ---------------------------------------------------------------- tools

const isDark = () => document.documentElement.dataset.theme === "dark";

function setTheme(dark, { keep = false } = {}) {
  document.documentElement.dataset.theme = dark ? "dark" : "light";
  if (keep) localStorage.setItem("bahi.theme", dark ? "dark" : "light");
  for (const button of document.querySelectorAll('[data-testid="theme"]')) {
    button.replaceChildren(icon(dark ? "sun" : "moon"));
    button.setAttribute("aria-label", dark ? "Light colours" : "Dark colours");
    button.title = button.getAttribute("aria-label");
  }
}

function tool(name, label, testid, onclick) {
  return h("button", { class: "icon-button", "aria-label": label, title: label, "data-testid": testid, onclick }, icon(name));
}

function drawTools() {
  const theme = () => tool("moon", "Dark colours", "theme", () => setTheme(!isDark(), { keep: true }));
  $("#rail-tools").append(
    tool("bulb", "Things to type", "toggle-hints", () => showHints(!hintsAreShown())),
    theme());
  const phoneTheme = theme();
  phoneTheme.classList.add("only-phone");
  $("#people-tools").append(phoneTheme, tool("plus", "A new number", "new-number-tool", newNumber));
  setTheme(isDark());
}

// ----------------------------------------------------------------- keys

function onKey(event) {
  const command = event.ctrlKey || event.metaKey;
  if (command && event.key.toLowerCase() === "k") { event.preventDefault(); openSwitcher(); }
  else if (command && event.key.toLowerCase() === "i" && !event.shiftKey) { event.preventDefault(); toggleDrawer(); }
  else if (event.key === "Escape") onEscape();
  else if (isTyped(event) && !command && !event.altKey) currentComposer()?.focus();
}

function onEscape() {
  if (closeOverlay() || currentComposer()?.escape()) return;
  if (state.drawer) toggleDrawer();
  else if (!wide.matches) location.hash = "#/";
}

/** A letter typed anywhere belongs into the composer. */
function isTyped(event) {
  const at = document.activeElement;
  const busy = at && (at.matches("input, textarea, select") || $("#overlays").childElementCount > 0);
  return !busy && event.key.length === 1 && event.key !== " ";
}

function showUnread() {
  const unread = [...state.chats.values()].reduce((sum, chat) => sum + chat.unread, 0);
  document.title = unread ? `(${unread}) Bahi on your desk` : "Bahi on your desk";
}

// ---------------------------------------------------------------- begin

drawTools();
startChatList();
startConversation();
startDrawer();
document.addEventListener("keydown", onKey);
addEventListener("hashchange", route);
system.addEventListener("change", () => { if (!localStorage.getItem("bahi.theme")) setTheme(system.matches); });
route();
watchSetup();
on("people", showUnread);
let first = true;
listen(onEvent, async () => {
  await load();
  if (first) openFirst();
  first = false;
});
