// SPDX-License-Identifier: MIT
// Persistent memory, from the NFIT or from the e820 map, as libnvdimm, nd_pmem and dax_pmem drive
// it, and as ndctl asks them to.
// Kernel functions stand under their own names; what ndctl does is marked as the model's choice.
import { mount } from './filesystem.js';
import { create_namespace, destroy_namespace, init_labels } from './ndctl.js';
import { reconfigure_device } from './kmem.js';
import { direct_access_of, inject_error, memory_failure } from './poison.js';
import { cleanup, kill } from './queue.js';
import { probe, probeLegacy } from './region.js';
import { bind, disable, enable, set_align, unbind } from './sysfs.js';

const actions = {
  'create-namespace': create_namespace,
  'destroy-namespace': destroy_namespace,
  enable,
  disable,
  bind,
  unbind,
  'set-align': set_align,
  reconfigure: reconfigure_device,
  'inject-error': inject_error,
  'direct-access': direct_access_of,
  mount,
};

const callbacks = { kill, cleanup, memory_failure };

export const models = {
  nvdimm: {
    callbacks: { probe, ...callbacks },
    actions: { 'init-labels': init_labels, ...actions },
  },
  'e820-pmem': { callbacks: { probe: probeLegacy, ...callbacks }, actions },
};
