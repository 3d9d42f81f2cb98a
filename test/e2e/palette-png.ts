import { crc32, deflateSync } from 'node:zlib';

/** Pixels as red, green, blue and alpha, a byte each. */
interface Picture {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

/** A palette holds 256; fewer make a smaller file. */
const COLOURS = 64;
/** Two colours of the palette are at least so far apart (squared, of 255 a channel). */
const APART = 600;
const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const COLOUR_TYPE_PALETTE = 3;

/** A PNG of the colours that are there most often; the others become the nearest of them. */
export function encodePalette({ width, height, data }: Picture): Buffer {
  const counts = new Map<number, number>();
  const colourAt = (at: number): number =>
    ((data[at] ?? 0) << 16) | ((data[at + 1] ?? 0) << 8) | (data[at + 2] ?? 0);
  for (let at = 0; at < data.length; at += 4) {
    const colour = colourAt(at);
    counts.set(colour, (counts.get(colour) ?? 0) + 1);
  }
  const palette: number[] = [];
  for (const [colour] of [...counts].sort(([a, many], [b, few]) => few - many || a - b)) {
    if (palette.length < COLOURS && palette.every((one) => distance(one, colour) >= APART)) {
      palette.push(colour);
    }
  }
  const indexes = new Map([...counts.keys()].map((colour) => [colour, nearest(palette, colour)]));

  const lines = Buffer.alloc((width + 1) * height);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const index = indexes.get(colourAt((y * width + x) * 4)) ?? 0;
      lines[y * (width + 1) + 1 + x] = index;
    }
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, COLOUR_TYPE_PALETTE], 8);
  const colours = Buffer.from(palette.flatMap(channels));
  return Buffer.concat([
    SIGNATURE,
    chunk('IHDR', header),
    chunk('PLTE', colours),
    chunk('IDAT', deflateSync(lines, { level: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function channels(colour: number): number[] {
  return [colour >> 16, (colour >> 8) & 0xff, colour & 0xff];
}

function distance(a: number, b: number): number {
  const other = channels(b);
  return channels(a).reduce((sum, part, at) => sum + (part - (other[at] ?? 0)) ** 2, 0);
}

function nearest(palette: readonly number[], colour: number): number {
  const far = palette.map((candidate) => distance(candidate, colour));
  return far.indexOf(Math.min(...far));
}

/** Length, type, data, and the check sum of the last two. */
function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const frame = Buffer.alloc(8);
  frame.writeUInt32BE(data.length, 0);
  frame.writeUInt32BE(crc32(body), 4);
  return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)]);
}
