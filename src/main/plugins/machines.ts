import type { VmFault } from './vm-fault.ts';
import type { PluginVm } from './vm.ts';

/** Virtual machines that are kept for the next calls of a device. */
const KEPT = 2;

/**
 * The virtual machines of one device. They are shared by all calls where no call can leave anything
 * in one (see stateless.ts). Where one could, each call that is under way has a machine of its own,
 * which is what it was when the module had loaded.
 */
export class Machines {
  private readonly make: () => PluginVm | VmFault;
  private readonly shared: boolean;
  /** All of them, by how many calls are under way in each. */
  private readonly calls = new Map<PluginVm, number>();

  constructor(make: () => PluginVm | VmFault, shared: boolean) {
    this.make = make;
    this.shared = shared;
  }

  /** A machine for a call that begins. */
  take(): PluginVm | VmFault {
    for (const [vm, calls] of this.calls) {
      if (calls > 0 && !this.shared) continue;
      if (calls === 0 && (!this.shared || vm.grown)) vm.restore();
      this.calls.set(vm, calls + 1);
      return vm;
    }
    const vm = this.make();
    if ('mailbox' in vm) this.calls.set(vm, 1);
    return vm;
  }

  /** The call is over. */
  give(vm: PluginVm): void {
    const calls = this.calls.get(vm);
    if (calls === undefined) return;
    this.calls.set(vm, calls - 1);
    if (calls > 1 || this.calls.size <= KEPT) return;
    this.calls.delete(vm);
    vm.dispose();
  }

  dispose(): void {
    for (const vm of this.calls.keys()) vm.dispose();
    this.calls.clear();
  }
}
