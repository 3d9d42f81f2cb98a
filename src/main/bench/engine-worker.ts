/** The thread in which engine and plugins run. Started by `openBench`; see there for messages. */
import { parentPort, workerData } from 'node:worker_threads';
import type { BenchOptions, EngineReply, EngineRequest } from './bench.ts';
import { Host } from './session/host.ts';

const port = parentPort;
if (!port) throw new Error('the engine runs as a worker thread');

const say = (reply: EngineReply): void => port.postMessage(reply);
const { options } = workerData as { readonly options: BenchOptions };
const host = Host.open(options, (event) => say({ type: 'event', event }));

port.on('message', (request: EngineRequest) => {
  void answer(request);
});

/** Commands are answered in the order they come in, unless one waits for a run. */
async function answer(request: EngineRequest): Promise<void> {
  const opened = await host;
  if (request.type === 'close') {
    await opened.close();
    say({ type: 'closed' });
    return;
  }
  const { id, name, input } = request;
  say({ type: 'result', id, result: await opened.handle(name, input) });
}
