/** How long a test waits for what it expects to see before it fails; a busy machine is slow. */
export const TIMEOUT_MS = 20_000;
