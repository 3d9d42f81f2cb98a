import type { Lab } from '../../../../shared/lab/schema.ts';
import type { Violation } from '../../../../shared/world/violation.ts';
import { deviceCallbacks } from '../../kernel/device/callback.ts';
import { closeDevices } from '../../kernel/device/devices.ts';
import { Monitor } from '../invariants/monitor.ts';
import type { LabRun } from '../machine/run.ts';
import { deadlockText } from '../../core/world/deadlock.ts';
import { Driver } from '../../core/world/driver.ts';
import { StepLog } from '../../core/world/timeline.ts';
import type { Resume } from './lab-branch.ts';

/** Where exploring begins, or why it cannot. */
export type Resumed =
  { readonly ok: true; readonly resume: Resume } | { readonly ok: false; readonly message: string };

/** Runs what comes before the first `concurrently` block. */
export function resumeOf(lab: Lab, run: LabRun): Resumed {
  const first = run.tasks.find(({ entry }) => entry?.concurrent !== undefined);
  if (!first) {
    const message =
      'nothing in its program runs concurrently; put entries into a `concurrently` block';
    return { ok: false, message };
  }
  const before = run.tasks.filter(({ group }) => group < first.group);
  const holder: { log?: StepLog; monitor?: Monitor } = {};
  const driver = new Driver(
    {
      step: (step) => {
        holder.log?.add(step);
        holder.monitor?.step(step);
      },
      returned: (event) => holder.log?.returned(event),
    },
    { facts: run.facts, seed: run.seed, callback: deviceCallbacks(run.devices) },
  );
  const { world } = driver;
  const log = (holder.log = new StepLog(world.store));
  const monitor = (holder.monitor = new Monitor(world, run.facts));
  for (const { actor, fn, params, group } of before) {
    const done = (): void => monitor.returned(actor, driver.idle);
    driver.add({ actor, fn, params, group, done });
  }
  const end = driver.runToEnd();
  closeDevices(run.devices);
  if (end !== false) {
    const why = end === true ? 'it does not end' : deadlockText(end, world);
    return { ok: false, message: `what comes before the \`concurrently\` block: ${why}` };
  }
  const [violation] = monitor.violations;
  if (violation) return { ok: false, message: brokenBefore(violation) };
  return {
    ok: true,
    resume: {
      lab,
      run,
      tasks: run.tasks.filter(({ group }) => group >= first.group),
      store: world.store,
      hash: world.hash(),
      seeded: driver.seeded,
      log,
    },
  };
}

function brokenBefore({ step, invariant, sentence }: Violation): string {
  return `step ${step}, before the \`concurrently\` block, breaks ${invariant} already: ${sentence}`;
}
