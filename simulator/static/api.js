// The control API and its stream of events.

async function call(path, options = {}) {
  const answer = await fetch(`/control/${path}`, options);
  const content = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Error(content.error || `The simulator answered ${answer.status}`);
  return content;
}

export const get = (path) => call(path);
export const post = (path, body = {}) => call(path, { method: "POST", body: JSON.stringify(body) });

/** Hand a file to the simulator → {id, mime_type, file_size}. */
export function upload(file) {
  const form = new FormData();
  form.append("file", file, file.name || "file");
  form.append("type", file.type || "application/octet-stream");
  return call("media", { method: "POST", body: form });
}

/** Hear events for ever; `onopen` runs at each (re)connection, so that nothing missed stays missed. */
export function listen(onevent, onopen) {
  const scheme = location.protocol === "https:" ? "wss" : "ws";
  const socket = new WebSocket(`${scheme}://${location.host}/control/events`);
  socket.onopen = onopen;
  socket.onmessage = (message) => onevent(JSON.parse(message.data));
  socket.onclose = () => setTimeout(() => listen(onevent, onopen), 1000);
}
