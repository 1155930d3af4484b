// fal's own JavaScript client, as installed: calls come in and what became of them goes out, one JSON value a line.
//
// in:  {hosts, key, call, endpoint, options, files}, files being those that go into the input, by field
// out: {update} for each status that the client tells of, then {result} or {error}
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { createFalClient } from "@fal-ai/client";

const say = (value) => process.stdout.write(`${JSON.stringify(value)}\n`);
const update = (status) => say({ update: status });

const calls = {
  run: (fal, endpoint, options) => fal.run(endpoint, options),
  subscribe: (fal, endpoint, options) => fal.subscribe(endpoint, { ...options, onQueueUpdate: update }),
  submit: (fal, endpoint, options) => fal.queue.submit(endpoint, options),
  status: (fal, endpoint, options) => fal.queue.status(endpoint, options),
  result: (fal, endpoint, options) => fal.queue.result(endpoint, options),
  cancel: (fal, endpoint, options) => fal.queue.cancel(endpoint, options),
  upload: (fal, endpoint, { input }) => fal.storage.upload(input.file),
};

// The client's own way to another server: a middleware that is shown each request before it is sent.
const towards = (hosts) => async (request) => {
  const official = Object.keys(hosts).find((host) => request.url.startsWith(`${host}/`));
  if (!official) throw new Error(`nobody said where ${request.url} is`);
  return { ...request, url: request.url.replace(official, hosts[official]) };
};

const filed = ({ path, name, type }) => new File([readFileSync(path)], name, { type });

const withFiles = (input, files) => ({
  ...input,
  ...Object.fromEntries(Object.entries(files).map(([field, file]) => [field, filed(file)])),
});

const described = ({ name, message, status, body, requestId, timeoutType }) => ({
  name, message, status, body, requestId, timeoutType,
});

const answer = async ({ hosts, key, call, endpoint, options, files }) => {
  const fal = createFalClient({ credentials: key, requestMiddleware: towards(hosts) });
  try {
    const result = await calls[call](fal, endpoint, { ...options, input: withFiles(options.input, files) });
    say({ result: result ?? null });
  } catch (error) {
    say({ error: described(error) });
  }
};

for await (const line of createInterface({ input: process.stdin })) await answer(JSON.parse(line));
