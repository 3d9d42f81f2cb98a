import * as f from './field.ts';
import { extents, keyed } from './table.ts';

/** Files, what is cached of them, and the disks and DAX devices they lie on. */
export const FILE_TABLES = {
  inodes: keyed(
    'id',
    { title: 'Files', meaning: 'Files that processes map or read', struct: 'inode' },
    {
      id: f.text('The path', f.OWN),
      nr: f.count('Its number: positions of i_pages and file_extents begin at nr * 2^44', f.OWN),
      fs: f.text('Which file system', f.OWN),
      device: f.text('What it lies on; empty for memory', { member: 'i_sb' }),
      i_size: f.bytes('Its size'),
      i_flags: f.flags('S_* flags: dax where it is mapped directly'),
    },
  ),
  i_pages: extents(
    'index',
    {
      title: 'Page cache',
      meaning: 'What is cached of files, or mapped of DAX files',
      struct: 'address_space',
    },
    {
      inode: f.ref('inodes', 'The file', { member: 'host' }),
      kind: f.text('folio, or dax for a value entry of a DAX file', { member: 'i_pages' }),
      pfn: f.pfn('The page; its position for DAX entries of the zero page or of nothing', {
        member: 'i_pages',
        grows: 1,
      }),
      flags: f.flags('Of DAX entries locked, pmd, zero, empty, dirty, towrite', f.OWN),
    },
  ),
  dax_devices: keyed(
    'id',
    { title: 'DAX devices', meaning: 'Memory that can be mapped directly', struct: 'dax_device' },
    {
      id: f.text('Its block device (pmem0) or its character device (dax0.0)', f.OWN),
      device: f.ref('devices', 'The bench’s device', f.OWN),
      kind: f.text('What made it', f.OWN),
      start_pfn: f.pfn('First PFN of its data', f.OWN),
      pages: f.pages('Pages of data', f.OWN),
      pgmap: f.ref('pgmaps', 'Its pagemap; none without struct pages', f.OWN),
      align: f.bytes('Of a page of a device-dax', f.OWN),
      flags: f.flags('dax (the queue says so), alive (DAXDEV_ALIVE)'),
      holder: f.text('Who mounted it', { member: 'holder_data' }),
    },
  ),
  badblocks: extents(
    'pfn',
    { title: 'Bad blocks', meaning: 'Pages of pmem devices that cannot be read' },
    { disk: f.text('The device') },
  ),
  super_blocks: keyed(
    'id',
    { title: 'Mounted filesystems', meaning: 'What is mounted', struct: 'super_block' },
    {
      id: f.text('Where it is mounted', f.OWN),
      nr: f.count('Its number: positions of free_blocks begin at nr * 2^44', f.OWN),
      s_type: f.text('Which filesystem'),
      bdev: f.text('Its device; empty for memory', { member: 's_bdev' }),
      s_flags: f.flags('dax where files are mapped directly'),
      start_pfn: f.pfn('First PFN of its device; 0 without one', f.OWN),
      blocks: f.pages('Pages of its device; 0 without one', f.OWN),
    },
  ),
  file_extents: extents(
    'index',
    { title: 'Blocks of files', meaning: 'Where files lie; where nothing is there is a hole' },
    {
      type: f.text('mapped or unwritten'),
      block: f.count('First block, in pages of the device', { grows: 1 }),
      shared: f.truth('Do other files have it as well?'),
    },
  ),
  free_blocks: extents(
    'fsblock',
    { title: 'Free blocks', meaning: 'Blocks of a filesystem that no file has' },
    { sb: f.ref('super_blocks', 'The filesystem') },
  ),
};
