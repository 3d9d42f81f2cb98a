/** What host and VM agree on: the host imports it, the modules of `sandbox/` are handed it. */

export const LIMIT = {
  /** Slots (8 bytes) of the buffer that values cross in, both ways. */
  mailboxSlots: 8192,
  /** No value begins here or later: the smallest still have room. */
  lastValueSlot: 8192 - 8,
  /** Kernel functions a model may have entered at a time, one inside the other. */
  frames: 64,
  /** Requests of a service whose arguments are all looked at for unknown names; then every 16th. */
  checkedRequests: 256,
  checkedAgain: 16,
  /** Where a text that the VM tells is marked as kept, and gets its number. */
  textSlot: 8192 - 1,
  /** Characters of all texts of one message, either way; no register holds more. */
  messageText: 65536,
  /** Strings up to this length are numbered once and then cross as a number. */
  keptText: 64,
  keptTexts: 4096,
  /** Characters of a line of the log or of a note that are kept. */
  line: 1000,
  /** Characters of what a model threw, and of a value or place in a message, that are told. */
  toldText: 2000,
  shown: 200,
} as const;

/** Tags before a value in the mailbox. */
export const TAG = {
  null: 0,
  false: 1,
  true: 2,
  number: 3,
  int64: 4,
  uint64: 5,
  list: 6,
  record: 7,
  text: 8,
  nothing: 9,
  /** A record whose names, in this order, crossed before. */
  shaped: 10,
} as const;

/**
 * What the host asks of the VM, in slot 0. `resume`: the session that ran last goes on with the
 * number in slot 1, which is what most requests come back with.
 */
export const OP = { resume: 0, start: 1, result: 2, go: 3 } as const;

/**
 * What the VM answers, in slot 0: numbers above every question. `numbers`: a request with all its
 * known arguments, all of them numbers, which follow without tags; `odd`: one whose arguments are
 * not the known ones; `unasked`: a request of a service was made and not yielded.
 */
export const EVENT = {
  request: 10,
  enter: 11,
  leave: 12,
  done: 13,
  trap: 14,
  odd: 15,
  numbers: 16,
  unasked: 17,
} as const;

/** What a model reaches directly, in slot 0. */
export const ACCESS = { read: 1, write: 2, log: 3, note: 4, era: 5, config: 6 } as const;

const CONSTANTS: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  ...{ LIMIT, TAG, OP, EVENT, ACCESS },
};

/** The text of a module of `sandbox/` with values for `TAG.list` and the like: a name costs more. */
export function withConstants(text: string): string {
  return text.replace(/\b([A-Z]+)\.([a-zA-Z0-9]+)\b/g, (name, group: string, key: string) =>
    String(CONSTANTS[group]?.[key] ?? name),
  );
}
