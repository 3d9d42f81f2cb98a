// Runs independent checks, as many at once as there are cores, and prints the output of those that
// fail as one block each.
import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';

/** @typedef {{ name: string, command: readonly [string, ...string[]] }} Stage */
/** @typedef {{ name: string, ok: boolean, seconds: number }} StageResult */

/**
 * @param {string} root working directory of every stage
 * @param {readonly Stage[]} stages
 * @param {number} [width] how many run at once
 * @returns {Promise<StageResult[]>} in the order of `stages`
 */
export async function runStages(root, stages, width = availableParallelism()) {
  /** @type {StageResult[]} */
  const results = [];
  const queue = stages.entries();
  const worker = async () => {
    for (const [index, stage] of queue) results[index] = await runStage(root, stage);
  };
  await Promise.all(Array.from({ length: Math.max(1, width) }, worker));
  return results;
}

/**
 * @param {string} root
 * @param {Stage} stage
 * @returns {Promise<StageResult>}
 */
function runStage(root, stage) {
  const started = performance.now();
  const [executable, ...args] = stage.command;
  const child = spawn(executable, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
  /** @type {Buffer[]} */
  const output = [];
  child.stdout.on('data', (chunk) => output.push(chunk));
  child.stderr.on('data', (chunk) => output.push(chunk));
  return new Promise((resolve) => {
    /** @param {boolean} ok */
    const finish = (ok) => {
      const seconds = (performance.now() - started) / 1000;
      const text = Buffer.concat(output).toString('utf8').trimEnd();
      process.stdout.write(
        `${ok ? 'ok    ' : 'FAILED'}  ${stage.name} (${seconds.toFixed(1)} s)\n`,
      );
      if (!ok && text !== '') process.stdout.write(`${text.replace(/^/gm, '    ')}\n`);
      resolve({ name: stage.name, ok, seconds });
    };
    child.once('error', (error) => {
      output.push(Buffer.from(error.message));
      finish(false);
    });
    child.once('close', (code) => finish(code === 0));
  });
}
