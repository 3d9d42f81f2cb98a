/** Takes what printk, dmesg, syslog and journalctl put before a kernel message. */

/** `<6>`: raw level of /dev/kmsg and `dmesg -r`. */
const LEVEL = /^<\d{1,3}>/;
/** `kern  :info  : ` of `dmesg -x`. */
const FACILITY = /^(?:kern|user|mail|daemon|auth|syslog|lpr|news) *: *[a-z]+ *: ?/;
/** `Nov 21 11:00:00 host kernel: `, also with a year, a fraction, or a full ISO time. */
const SYSLOG =
  /^(?:[A-Z][a-z]{2} +\d{1,2} (?:\d{4} )?\d{2}:\d{2}:\d{2}(?:[.,]\d+)?|\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\d{2}(?:[.,]\d+)?(?:Z|[+-]\d{2}:?\d{2})?) \S{1,255} kernel(?:\[\d+\])?: ?/;
/** `[    0.000000] `, `[Thu Nov 21 11:00:00 2026] `, `[  +0.000012] `, `[Nov21 11:00] `. */
const STAMP =
  /^\[(?: *\+?\d{1,9}\.\d{1,9}|[A-Z][a-z]{2} [A-Z][a-z]{2} +\d{1,2} \d{2}:\d{2}:\d{2} \d{4}|[A-Z][a-z]{2} ?\d{1,2} \d{2}:\d{2})\](?: |$)/;
/** `2026-11-21T11:00:00,123456+00:00 ` of `dmesg --time-format iso`. */
const ISO = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}[.,]\d{1,9}(?:Z|[+-]\d{2}:?\d{2}) /;
/** `[    T0] ` of CONFIG_PRINTK_CALLER, which may touch the time stamp. */
const CALLER = /^\[ *[TC]\d{1,7}\] ?/;
/** `[    0.000000][    T0] `. */
const STAMP_CALLER = /^\[ *\d{1,9}\.\d{1,9}\]\[ *[TC]\d{1,7}\] ?/;
/** `host kernel: ` after a stamp, as `journalctl -o short-monotonic` writes it. */
const HOST = /^[A-Za-z0-9._-]{1,255} kernel: ?/;

/** A message without its prefix, and whether there was one. */
export interface Message {
  text: string;
  prefixed: boolean;
}

/** The kernel's own words of one log line. */
export function kernelMessage(line: string): Message {
  let text = line;
  let stamped = false;
  const drop = (pattern: RegExp): boolean => {
    const match = pattern.exec(text);
    if (!match) return false;
    text = text.slice(match[0].length);
    return true;
  };
  drop(LEVEL);
  const facility = drop(FACILITY);
  const syslog = drop(SYSLOG);
  if (drop(STAMP_CALLER)) stamped = true;
  else {
    stamped = drop(STAMP) || drop(ISO);
    drop(CALLER);
  }
  if (stamped && !syslog) drop(HOST);
  return { text, prefixed: facility || syslog || stamped };
}
