// Constants of protocol.ts: their values stand in the text of these modules when a VM is made.
import type * as protocol from '../protocol.ts';

declare global {
  const TAG: typeof protocol.TAG;
  const OP: typeof protocol.OP;
  const EVENT: typeof protocol.EVENT;
  const ACCESS: typeof protocol.ACCESS;
  const LIMIT: typeof protocol.LIMIT;
}
