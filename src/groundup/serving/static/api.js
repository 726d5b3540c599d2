// The server's OpenAI protocol, as far as this page needs it.

/** Thrown for an answer that is an error; `status` is HTTP's. */
export class ApiProblem extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

function headers(key) {
  const all = { "Content-Type": "application/json" };
  if (key) all.Authorization = `Bearer ${key}`;
  return all;
}

async function problemOf(response) {
  let message = `The server answered ${response.status}.`;
  try {
    message = (await response.json()).error.message || message;
  } catch {
    // not JSON: the number has to do
  }
  return new ApiProblem(response.status, message);
}

/** Name of the model that is served. */
export async function modelName(key) {
  const response = await fetch("v1/models", { headers: headers(key) });
  if (!response.ok) throw await problemOf(response);
  return (await response.json()).data[0].id;
}

/** Send `body` to `path` and yield each event of the streamed answer. */
export async function* stream(path, body, key, signal) {
  const response = await fetch(path, {
    method: "POST",
    headers: headers(key),
    body: JSON.stringify({ ...body, stream: true, stream_options: { include_usage: true } }),
    signal,
  });
  if (!response.ok) throw await problemOf(response);
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    const events = (rest + value).split("\n\n");
    rest = events.pop();
    for (const event of events) {
      const data = event.replace(/^data: /, "");
      if (data === "[DONE]") return;
      const parsed = JSON.parse(data);
      if (parsed.error) throw new ApiProblem(0, parsed.error.message);
      yield parsed;
    }
  }
}
