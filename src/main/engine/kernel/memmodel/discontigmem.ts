import { virtToPhys, type Look } from '../../core/direct-map.ts';
import { flagsField } from '../page/flags.ts';
import { nodeArrays } from './flatmem.ts';
import { flagsWordOf, hex, pageSize, type ConversionStep, type MemoryModel } from './model.ts';
import { PHYSNODE_PAGES } from './node-mem-map.ts';

/** pfn_to_nid(): the node of the PFN's 64 MiB unit, -1 where it has none (mmzone_32.h). */
function pfnToNid({ world }: Look, pfn: number): number {
  return world.at('physnode_map', Math.floor(pfn / PHYSNODE_PAGES))?.nid ?? -1;
}

function nidStep(look: Look, pfn: number): ConversionStep {
  const unit = Math.floor(pfn / PHYSNODE_PAGES);
  return {
    what: 'pfn_to_nid',
    text: `physnode_map[${hex(pfn)} / ${PHYSNODE_PAGES}] = physnode_map[${unit}] = ${pfnToNid(look, pfn)}`,
  };
}

/**
 * DISCONTIGMEM: an array for each node; the node of a PFN from a table of 64 MiB units, the node
 * of a page from its flags (asm-generic/memory_model.h, arch/x86/include/asm/mmzone_32.h).
 */
export const discontigmem: MemoryModel = {
  name: 'discontigmem',
  symbol: 'DISCONTIGMEM',

  pfnValid(look, pfn) {
    const nid = pfnToNid(look, pfn);
    const node = look.world.get('nodes', nid);
    if (nid < 0 || !node) {
      const why = `physnode_map[${Math.floor(pfn / PHYSNODE_PAGES)}] is \u22121: no node has memory there`;
      return { valid: false, online: false, why };
    }
    const end = node.node_start_pfn + node.node_spanned_pages;
    const valid = pfn < end;
    const why = `${hex(pfn)} is ${valid ? '' : 'not '}below node_end_pfn(${nid}) ${hex(end)}`;
    return { valid, online: valid, why };
  },

  pfnToPage(look, pfn) {
    const nid = pfnToNid(look, pfn);
    const steps = [nidStep(look, pfn)];
    const map = look.world.get('node_mem_maps', nid);
    const node = look.world.get('nodes', nid);
    if (!map || !node) return { steps, page: undefined };
    const start = node.node_start_pfn;
    const page = map.node_mem_map + BigInt(pfn - start) * pageSize(look);
    steps.push(
      {
        what: 'NODE_DATA',
        text: `node ${nid}: node_mem_map ${hex(map.node_mem_map)}, node_start_pfn ${hex(start)}`,
      },
      {
        what: 'arch_local_page_offset',
        text: `${hex(pfn)} \u2212 ${hex(start)} = ${hex(pfn - start)}`,
      },
      {
        what: 'pfn_to_page',
        text: `${hex(map.node_mem_map)} + ${hex(pfn - start)} \u00d7 ${pageSize(look)} = ${hex(page)}`,
      },
    );
    return { steps, page };
  },

  pageToPfn(look, page) {
    const own = entryAt(look, page);
    if (own === undefined) return { steps: [], pfn: undefined };
    const word = flagsWordOf(look, own);
    const field = flagsField(look.facts, word, 'node');
    const nid = Number(field?.value ?? 0n);
    const steps = [
      {
        what: 'page_to_nid',
        text: field ? `flags ${hex(word)} >> ${field.shift}: node ${nid}` : 'no node field: node 0',
      },
    ];
    const map = look.world.get('node_mem_maps', nid);
    const node = look.world.get('nodes', nid);
    if (!map || !node) return { steps, pfn: undefined };
    const pfn = Number((page - map.node_mem_map) / pageSize(look)) + node.node_start_pfn;
    steps.push({
      what: 'page_to_pfn',
      text: `(${hex(page)} \u2212 node_mem_map ${hex(map.node_mem_map)}) / ${pageSize(look)} + ${hex(node.node_start_pfn)} = ${hex(pfn)}`,
    });
    return { steps, pfn };
  },

  stored(look, pfn) {
    const page = this.pfnToPage(look, pfn).page;
    return page === undefined ? undefined : virtToPhys(look, page);
  },

  overhead: (look) => [
    ...nodeArrays(look, 'node_mem_map'),
    { what: 'physnode_map, 1024 signed bytes', bytes: 1024n, charged: 'kernel image' },
  ],
};

/** Which PFN's entry lies at an address, by the arrays. */
function entryAt(look: Look, page: bigint): number | undefined {
  for (const { start_pfn, end_pfn, phys } of look.world.rows('node_mem_maps')) {
    const at = virtToPhys(look, page) - phys;
    if (at < 0n || at >= BigInt(end_pfn - start_pfn) * pageSize(look)) continue;
    return start_pfn + Number(at / pageSize(look));
  }
  return undefined;
}
