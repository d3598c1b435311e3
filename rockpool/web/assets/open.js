// Waits for a workspace, can start it, and then goes to the address that was asked for.
import { ask, follow, together } from "./api.js";

const element = (id) => document.getElementById(id);
const [, rest, name, port] =
  /^\/app\/open(\/workspace\/([a-z0-9-]+)(?:\/port\/(\d+))?(?:\/.*)?)$/.exec(location.pathname) ?? [];
const MOST_STEPS = 8;
const RETURN_MS = 5_000;

const WORDS = {
  creating: "is being created",
  starting: "is starting",
  running: "is running",
  stopping: "is stopping",
  stopped: "is stopped",
  deleting: "is being deleted",
  error: "has a problem",
};

/** Show what the workspace does, and offer what can be done about it. */
function show(workspace) {
  element("title").textContent = `${name} ${WORDS[workspace.status]}`;
  document.title = `${name} · Rockpool`;
  element("message").textContent = workspace.reason ?? "";
  element("start").hidden = !["stopped", "error"].includes(workspace.status);
}

/** Return the address that was asked for, once somebody answers there. */
function destination(workspace) {
  if (workspace.status !== "running") return null;
  const known = port ? workspace.ports.find((one) => String(one.port) === port)?.url : workspace.url;
  return known ? new URL(rest + location.search + location.hash, known) : null;
}

let leaving = false;

/** Go there, unless that has just led back here: then nothing answers yet, whatever the workspace says. */
function leave(there) {
  const key = `left:${there.pathname}`;
  const last = Number(sessionStorage.getItem(key));
  if (Date.now() - last < RETURN_MS) {
    element("message").textContent = "Nothing answers there yet. This page tries again.";
    setTimeout(look, RETURN_MS);
    return;
  }
  sessionStorage.setItem(key, String(Date.now()));
  leaving = true;
  location.replace(there);
}

/** Look at the workspace; leave for it when it answers. */
const look = together(async () => {
  if (leaving) return;
  try {
    const workspace = await ask("GET", `/workspaces/${name}`);
    show(workspace);
    const there = destination(workspace);
    if (there) leave(there);
    else if (workspace.status === "running") {
      element("message").textContent = `Port ${port} is not forwarded: invoke workspace.ports ${name} add ${port}`;
    }
  } catch (error) {
    element("title").textContent = error.status === 404 ? `There is no workspace ${name}` : "One moment …";
    element("message").textContent = error.message;
  }
});

/** Add one line of progress. A new wish begins anew. */
function progress(event) {
  if (event.kind === "wish") element("steps").replaceChildren();
  const line = document.createElement("li");
  line.textContent = event.text;
  element("steps").append(line);
  while (element("steps").children.length > MOST_STEPS) element("steps").firstElementChild.remove();
}

/** Ask for the start; the event stream shows what follows. */
async function start() {
  element("start").disabled = true;
  try {
    await ask("POST", `/workspaces/${name}/start`);
  } catch (error) {
    element("message").textContent = error.message;
  }
  element("start").disabled = false;
  await look();
}

if (name) {
  element("start").addEventListener("click", start);
  follow(`/workspaces/${name}/events`, (event) => {
    if (event.kind !== "state") progress(event);
    look();
  });
  look();
} else {
  element("title").textContent = "Nothing is here";
  element("message").textContent = "This is not the address of a workspace.";
}
