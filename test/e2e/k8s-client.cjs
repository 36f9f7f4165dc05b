// Runs in a pod beside the service: sends predictions, never the same twice, and prints one line of JSON on what came
// back. Arguments: URL, example request, seconds, requests at once.
const [url, example, seconds, concurrency] = process.argv.slice(1);
const { instances } = JSON.parse(example);
const endMs = Date.now() + Number(seconds) * 1000;
const result = { sent: 0, failed: 0, failures: {} };

function fail(reason) {
  result.failed++;
  result.failures[reason] = (result.failures[reason] ?? 0) + 1;
}

// A row that differs in its numbers: the cache must not hide a replica that goes.
function row() {
  const vary = ([name, value]) => [name, typeof value === 'number' ? value + Math.floor(Math.random() * 1000) : value];
  return Object.fromEntries(Object.entries(instances[0]).map(vary));
}

async function worker() {
  while (Date.now() < endMs) {
    result.sent++;
    try {
      const body = JSON.stringify({ instances: [row()] });
      const answer = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
      const text = await answer.text();
      if (answer.status !== 200) fail(`${answer.status} ${text.slice(0, 100)}`);
    } catch (error) {
      fail(String(error.cause?.code ?? error));
    }
  }
}

void Promise.all(Array.from({ length: Number(concurrency) }, worker)).then(() => console.log(JSON.stringify(result)));
