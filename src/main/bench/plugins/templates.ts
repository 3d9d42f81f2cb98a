/** What `lab plugin new` can begin with: folders of `plugins/templates`, the smallest first. */
export const TEMPLATES = {
  minimal: 'a device that counts',
  pmem: 'memory that gets struct pages',
  cxl: 'memory that becomes System RAM',
  pci: 'a PCI device whose BAR peers may use',
  gpu: 'memory of a GPU, with migration and faults',
} as const;

export type TemplateName = keyof typeof TEMPLATES;

export const TEMPLATE_NAMES = Object.keys(TEMPLATES) as TemplateName[];
