import { VmFault } from './vm-fault.ts';
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
  private readonly all = new Set<PluginVm>();

  constructor(make: () => PluginVm | VmFault, shared: boolean) {
    this.make = make;
    this.shared = shared;
  }

  /** A machine for a call that begins. */
  take(): PluginVm | VmFault {
    for (const vm of this.all) {
      if (vm.calls > 0 && !this.shared) continue;
      if (vm.calls === 0 && (!this.shared || vm.grown)) vm.restore();
      vm.calls += 1;
      return vm;
    }
    const vm = this.make();
    if (vm instanceof VmFault) return vm;
    this.all.add(vm);
    vm.calls = 1;
    return vm;
  }

  /** The call is over. */
  give(vm: PluginVm): void {
    vm.calls -= 1;
    if (vm.calls > 0 || this.all.size <= KEPT) return;
    this.all.delete(vm);
    vm.dispose();
  }

  dispose(): void {
    for (const vm of this.all) vm.dispose();
    this.all.clear();
  }
}
