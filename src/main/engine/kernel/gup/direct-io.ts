import type { Mm } from '../mm/mm-struct.ts';
import { call, fail, failed, operation, point, type Outcome } from '../../core/world/operation.ts';
import { pinPages } from './pin-pages.ts';
import { freePinName } from './pins.ts';
import { releasePin } from './unpin.ts';

/** Bytes of a process that a disk reads (`to_disk`) or writes. */
export interface DirectIo {
  readonly mm: Mm;
  readonly address: bigint;
  readonly size: bigint;
  readonly to_disk: boolean;
}

/** bio_iov_iter_get_pages(): the pages of the buffer, as many as there are. */
const bio_iov_iter_get_pages = operation<DirectIo & { pin: string }, Outcome<number>>(
  'bio_iov_iter_get_pages',
  'block/bio.c:bio_iov_iter_get_pages',
  function* (k, { pin, mm, address, size, to_disk }) {
    const page = 1n << BigInt(k.facts.arch.page_shift);
    const first = address - (address % page);
    const pages = Number((address + size - first + page - 1n) / page);
    const got = yield* pinPages(k, {
      ...{ pin, mm, address: first, pages, fast: true, remote: false },
      write: !to_disk,
      force: false,
      longterm: false,
      pci_p2pdma: false,
      get: !k.facts.era.get('direct_io_pins'),
    });
    if (failed(got)) return got;
    return got.pages > 0 ? got.pages : fail('EFAULT', 'size <= 0');
  },
  { show: ({ address, size, to_disk }) => ({ address, size, to_disk }) },
);

/**
 * read() or write() with O_DIRECT of a file on a disk, as far as memory takes part: the buffer's
 * pages are held while the disk transfers (the point `submit_bio`), and given back, dirty where the
 * disk wrote them. Buffers of more pages than could be taken are done in several rounds. Gives the
 * pages that were transferred.
 */
export const direct_io = operation<DirectIo, Outcome<{ pages: number }>>(
  'iomap_dio_rw',
  'fs/iomap/direct-io.c:iomap_dio_rw',
  function* (k, io) {
    let done = 0n;
    let pages = 0;
    const page = 1n << BigInt(k.facts.arch.page_shift);
    while (done < io.size) {
      const pin = freePinName(k, `${k.current()} dio`);
      const address = io.address + done;
      const params = { ...io, address, size: io.size - done, pin };
      const got = yield* call(bio_iov_iter_get_pages, params);
      if (failed(got)) return pages > 0 ? { pages } : got;
      yield* point('submit_bio', { pages: got });
      const released = yield* releasePin(k, pin, !io.to_disk);
      if (failed(released)) return released;
      pages += got;
      done += BigInt(got) * page - (address % page);
    }
    return { pages };
  },
  { show: ({ address, size, to_disk }) => ({ address, size, to_disk }) },
);
