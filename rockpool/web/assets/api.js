// The API as these pages use it.

/** Ask the API; throws an Error with its message when it refuses. */
export async function ask(method, path) {
  const answer = await fetch(`/api${path}`, { method, headers: { Accept: "application/json" } });
  const data = answer.status === 204 ? null : await answer.json();
  if (!answer.ok) {
    throw Object.assign(new Error(data?.error?.message ?? answer.statusText), { status: answer.status });
  }
  return data;
}

/** Call `tell` with each event as it comes; the browser reconnects by itself and resumes where it was. */
export function follow(path, tell) {
  const source = new EventSource(`/api${path}`);
  source.onmessage = (message) => tell(JSON.parse(message.data));
  return source;
}

/** Return what does `act` once for any number of calls that come together, and never twice at a time. */
export function together(act) {
  let busy = false;
  let wanted = false;
  return async () => {
    wanted = true;
    if (busy) return;
    busy = true;
    try {
      while (wanted) {
        wanted = false;
        await act();
      }
    } finally {
      busy = false; // or one failure would be the last call
    }
  };
}
