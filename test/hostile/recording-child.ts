/**
 * Records a synthetic run into the library in argv[2], recording argv[3], through the recorder's
 * thread, and tells its parent how far it is. It never ends by itself: the parent kills it.
 */
import { Library } from '../../src/main/sessions/library.ts';
import { ChannelPort } from '../../src/main/sessions/recorder-channel.ts';
import { RecorderClient } from '../../src/main/sessions/recorder-client.ts';
import { RecorderThread } from '../../src/main/sessions/recorder-thread.ts';
import { churnRun } from '../unit/sessions/synthetic-run.ts';

const [folder = '', recording = ''] = process.argv.slice(2);
const library = Library.open(folder);
if (!library.ok) throw new Error(library.failure.message);
const thread = new RecorderThread(library.value.path);
const say = (message: object) => process.send?.(message);
thread.onEvent((event) => {
  if (event.type === 'committed') say({ committed: event.steps });
});
const channel = await thread.attach(Number(recording));
if (!channel.ok) throw new Error(channel.failure.message);
const { driver, sinks } = churnRun(100_000_000);
const client = new RecorderClient(new ChannelPort(channel.value), {
  store: driver.world.store,
  choices: driver.choices,
});
sinks.push(client);

/** In slices, so that messages get through between them. */
function slice(): void {
  for (let made = 0; made < 20_000; made += 1) driver.advance();
  say({ made: driver.steps, at: performance.now() });
  setImmediate(slice);
}
slice();
