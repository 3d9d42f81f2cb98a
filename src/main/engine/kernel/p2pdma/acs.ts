/** PCI_ACS_RR, PCI_ACS_CR, PCI_ACS_EC (include/uapi/linux/pci_regs.h): what sends peers upwards. */
export const PCI_ACS_RR = 0x04;
export const PCI_ACS_CR = 0x08;
export const PCI_ACS_EC = 0x20;
