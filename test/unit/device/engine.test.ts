import { describe, expect, it } from 'vitest';
import {
  complete_all,
  device_engine_start,
  free_irq,
  generic_handle_irq,
  init_completion,
  request_irq,
} from '../../../src/main/engine/kernel/device/engine.ts';
import { wait_for_completion } from '../../../src/main/engine/kernel/pgmap/pgmap-ref.ts';
import { smallMachine } from '../pgmap/small-machine.ts';

const work = { device: 'dma0', engine: 'copy', work: 3 };

describe('device_engine_start', () => {
  it('device_engine_start gives the work to device_engine, an actor of its own', () => {
    const { call, log, world } = smallMachine();
    expect(call(device_engine_start, work)).toBeUndefined();
    const steps = [1, 2].map((seq) => log.step(seq));
    expect(steps.map(({ actor, fn }) => [actor, fn])).toEqual([
      ['driver', 'device_engine_start'],
      ['dma0.copy', 'device_engine'],
    ]);
    // What waits to begin is a record until it has begun.
    expect(steps[0]?.diff).toHaveLength(1);
    expect(world.count('engine_work')).toBe(0);
  });

  it('is -EBUSY for work that waits to begin', () => {
    const { call, world } = smallMachine();
    world.put('engine_work', { id: 'dma0.copy/3', ...work });
    expect(call(device_engine_start, work)).toMatchObject({ errno: 'EBUSY' });
  });
});

describe('request_irq', () => {
  it('request_irq gives an interrupt one handler, free_irq takes it back', () => {
    const { call, world } = smallMachine();
    expect(call(request_irq, { irq: 24, device: 'a', name: 'a' })).toBeUndefined();
    expect(call(request_irq, { irq: 24, device: 'b', name: 'b' })).toMatchObject({
      errno: 'EBUSY',
    });
    call(free_irq, { irq: 24 });
    expect(world.count('irqs')).toBe(0);
    call(free_irq, { irq: 24 });
    expect([...world.rows('kernel_log')].map(({ text }) => text)).toEqual([
      'Trying to free already-free IRQ 24',
    ]);
  });

  it('generic_handle_irq lets handle_irq_event run as an actor of its own, and counts it', () => {
    const { call, log, world } = smallMachine();
    call(request_irq, { irq: 24, device: 'a', name: 'a' });
    call(generic_handle_irq, { irq: 24 });
    expect(world.get('irqs', 24)?.count).toBe(1);
    expect([log.step(3).actor, log.step(3).fn]).toEqual(['irq/24', 'handle_irq_event']);
    expect(call(generic_handle_irq, { irq: 25 })).toMatchObject({ errno: 'EINVAL' });
  });
});

describe('wait_for_completion', () => {
  it('wait_for_completion goes on after complete_all, and not after init_completion again', () => {
    const { call } = smallMachine();
    const named = { completion: 'copied' };
    expect(call(complete_all, named)).toMatchObject({ errno: 'EINVAL' });
    expect(call(wait_for_completion, named)).toMatchObject({ errno: 'EINVAL' });
    call(init_completion, named);
    call(complete_all, named);
    expect(call(wait_for_completion, named)).toBeUndefined();
    call(init_completion, named);
    expect(() => call(wait_for_completion, named)).toThrow('the call blocks');
  });
});
