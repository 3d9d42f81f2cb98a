import { bytes, count, flags, grows, OWN, pages, pfn, ref, text, truth } from './field.ts';
import { extents, keyed } from './table.ts';

/** Files, what is cached of them, and the disks and DAX devices they lie on. */
export const FILE_TABLES = {
  inodes: keyed(
    'id',
    { title: 'Files', meaning: 'Files that processes map or read', struct: 'inode' },
    {
      id: text('The path', OWN),
      nr: count('Its number: positions of i_pages and file_extents begin at nr * 2^44', OWN),
      fs: text('Which file system', OWN),
      device: text('What it lies on; empty for memory', { member: 'i_sb' }),
      i_size: bytes('Its size'),
      i_flags: flags('S_* flags: dax ...'),
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
      inode: ref('inodes', 'The file', { member: 'host' }),
      kind: text('folio, or dax for a value entry of a DAX file', { member: 'i_pages' }),
      pfn: grows(
        pfn('The page; its position for DAX entries of the zero page or of nothing', {
          member: 'i_pages',
        }),
        1,
      ),
      flags: flags('Of DAX entries locked, pmd, zero, empty, dirty, towrite', OWN),
    },
  ),
  dax_devices: keyed(
    'id',
    { title: 'DAX devices', meaning: 'Memory that can be mapped directly', struct: 'dax_device' },
    {
      id: text('Its block device (pmem0) or its character device (dax0.0)', OWN),
      device: ref('devices', 'The bench’s device', OWN),
      kind: text('What made it', OWN),
      start_pfn: pfn('First PFN of its data', OWN),
      pages: pages('Pages of data', OWN),
      pgmap: ref('pgmaps', 'Its pagemap; none without struct pages', OWN),
      align: bytes('Of a page of a device-dax', OWN),
      flags: flags('dax (the queue says so), alive (DAXDEV_ALIVE)'),
      holder: text('Who mounted it', { member: 'holder_data' }),
    },
  ),
  badblocks: extents(
    'pfn',
    { title: 'Bad blocks', meaning: 'Pages of pmem devices that cannot be read' },
    { disk: text('The device') },
  ),
  super_blocks: keyed(
    'id',
    { title: 'Mounted filesystems', meaning: 'What is mounted', struct: 'super_block' },
    {
      id: text('Where it is mounted', OWN),
      nr: count('Its number: positions of free_blocks begin at nr * 2^44', OWN),
      s_type: text('Which filesystem'),
      bdev: text('Its device; empty for memory', { member: 's_bdev' }),
      s_flags: flags('dax where files are mapped directly'),
      start_pfn: pfn('First PFN of its device; 0 without one', OWN),
      blocks: pages('Pages of its device; 0 without one', OWN),
    },
  ),
  file_extents: extents(
    'index',
    { title: 'Blocks of files', meaning: 'Where files lie; where nothing is there is a hole' },
    {
      type: text('mapped or unwritten'),
      block: grows(count('First block, in pages of the device'), 1),
      shared: truth('Do other files have it as well?'),
    },
  ),
  free_blocks: extents(
    'fsblock',
    { title: 'Free blocks', meaning: 'Blocks of a filesystem that no file has' },
    { sb: ref('super_blocks', 'The filesystem') },
  ),
};
