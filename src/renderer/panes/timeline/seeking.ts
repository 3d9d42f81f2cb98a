/**
 * Seeks while a playhead is dragged: one request at a time; while one is under way only the last
 * wish is kept, so that the bench is never asked for steps nobody looks at any more.
 */
export function latestOnly(send: (step: number) => Promise<unknown>): (step: number) => void {
  let busy = false;
  let wished: number | null = null;
  const next = (): void => {
    if (busy || wished === null) return;
    const step = wished;
    wished = null;
    busy = true;
    void send(step).finally(() => {
      busy = false;
      next();
    });
  };
  return (step) => {
    wished = step;
    next();
  };
}
