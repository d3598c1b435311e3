// The list of workspaces, kept current by the event stream.
import { ask, follow } from "./api.js";

const rows = document.getElementById("rows");
const message = document.getElementById("message");
const ACTS = { stopped: "start", error: "start", running: "stop", starting: "stop", creating: "stop" };

function cell(...content) {
  const made = document.createElement("td");
  made.append(...content);
  return made;
}

function link(text, url) {
  return Object.assign(document.createElement("a"), { textContent: text, href: url });
}

function status(workspace) {
  const reason = Object.assign(document.createElement("span"), { className: "reason", textContent: workspace.reason ?? "" });
  return workspace.reason ? [workspace.status, reason] : [workspace.status];
}

function act(workspace) {
  const verb = ACTS[workspace.status];
  if (!verb) return [];
  const button = Object.assign(document.createElement("button"), { textContent: verb });
  button.setAttribute("aria-label", `${verb} ${workspace.name}`);
  button.addEventListener("click", async () => {
    button.disabled = true;
    await ask("POST", `/workspaces/${workspace.name}/${verb}`).catch((error) => { message.textContent = error.message; });
    await refresh();
  });
  return [button];
}

function row(workspace) {
  const made = document.createElement("tr");
  const ports = workspace.ports.flatMap((one) => [link(one.label || String(one.port), one.url), " "]);
  made.append(cell(link(workspace.name, workspace.url)), cell(...status(workspace)), cell(...ports), cell(...act(workspace)));
  return made;
}

/** Return every workspace, page after page. */
async function all() {
  const found = [];
  for (let cursor = ""; cursor !== null;) {
    const page = await ask("GET", `/workspaces?limit=100${cursor && `&cursor=${encodeURIComponent(cursor)}`}`);
    found.push(...page.items);
    cursor = page.nextCursor ?? null;
  }
  return found;
}

async function refresh() {
  try {
    const found = await all();
    rows.replaceChildren(...found.map(row));
    document.querySelector("table").hidden = found.length === 0;
    message.textContent = found.length ? "" : "There are none yet: invoke workspace.create demo";
  } catch (error) {
    message.textContent = error.message;
  }
}

let waiting = false;

/** Refresh once for any number of events that come together. */
function soon() {
  if (waiting) return;
  waiting = true;
  requestAnimationFrame(async () => {
    await refresh();
    waiting = false;
  });
}

follow("/events", soon);
refresh();
