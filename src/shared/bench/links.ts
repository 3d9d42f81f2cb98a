/**
 * What can be selected, as the links of the bench's views: "pfn:4096", "zone:0:Device". Whoever
 * treats links by their kind does so in a table or a switch over `LinkKind`, so that a new kind
 * does not compile until each of them knows it.
 */

/** How the key of a kind is written behind the colon. */
interface KeyForm<T> {
  readonly write: (key: T) => string;
  /** The key; undefined for a text that is none. */
  readonly read: (text: string) => T | undefined;
}

const NUMBER: KeyForm<number> = {
  write: String,
  read: (text) => (/^\d+$/.test(text) ? Number(text) : undefined),
};

const NAME: KeyForm<string> = { write: (name) => name, read: (text) => text || undefined };

/** A zone of a node, "0:Normal". */
const ZONE: KeyForm<{ readonly nid: number; readonly name: string }> = {
  write: ({ nid, name }) => `${nid}:${name}`,
  read: (text) => {
    const [, nid, name] = /^(\d+):(.+)$/.exec(text) ?? [];
    return nid === undefined || name === undefined ? undefined : { nid: Number(nid), name };
  },
};

/** The kinds of links, with what their keys are. */
const KEYS = {
  step: NUMBER,
  pfn: NUMBER,
  section: NUMBER,
  node: NUMBER,
  zone: ZONE,
  pgmap: NAME,
  device: NAME,
};

export type LinkKind = keyof typeof KEYS;

export type LinkKeys = {
  [K in LinkKind]: (typeof KEYS)[K] extends KeyForm<infer T> ? T : never;
};

/** A link that was read: its kind and its key. */
export type Link<K extends LinkKind = LinkKind> = {
  [P in K]: { readonly kind: P; readonly key: LinkKeys[P] };
}[K];

const FORMS: { readonly [K in LinkKind]: KeyForm<LinkKeys[K]> } = KEYS;

function isLinkKind(text: string): text is LinkKind {
  return Object.hasOwn(FORMS, text);
}

export const LINK_KINDS: readonly LinkKind[] = Object.keys(FORMS).filter(isLinkKind);

export function linkTo<K extends LinkKind>(kind: K, key: LinkKeys[K]): string {
  return `${kind}:${FORMS[kind].write(key)}`;
}

function readKey<K extends LinkKind>(kind: K, text: string): Link<K> | undefined {
  const key = FORMS[kind].read(text);
  return key === undefined ? undefined : { kind, key };
}

/** What a link selects; undefined for a text that is no link, such as the empty one. */
export function readLink(link: string): Link | undefined {
  const colon = link.indexOf(':');
  const kind = link.slice(0, Math.max(colon, 0));
  return isLinkKind(kind) ? readKey(kind, link.slice(colon + 1)) : undefined;
}

/** The key of a link of one kind; undefined for any other link. */
export function keyOfLink<K extends LinkKind>(kind: K, link: string): LinkKeys[K] | undefined {
  const head = `${kind}:`;
  return link.startsWith(head) ? FORMS[kind].read(link.slice(head.length)) : undefined;
}
