// A few lines instead of a framework: elements from plain calls.

/** h("button", {class: "x", onclick: f, dataset: {a: 1}}, "text", child, null) → an element. */
export function h(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === null || value === false) continue;
    if (name === "class") element.className = value;
    else if (name === "dataset") Object.assign(element.dataset, value);
    else if (name === "style") element.style.cssText = value;
    else if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/** An element from trusted markup, such as an icon. */
export function fromMarkup(markup) {
  const template = document.createElement("template");
  template.innerHTML = markup.trim();
  return template.content.firstElementChild;
}

export const $ = (selector, root = document) => root.querySelector(selector);

/** A short word at the bottom of the page. */
export function toast(text) {
  const note = h("div", { class: "toast" }, text);
  $("#toasts").append(note);
  setTimeout(() => note.remove(), 4000);
}
