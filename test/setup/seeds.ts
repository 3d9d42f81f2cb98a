// Random programs are the same in every run: a test that fails today failed yesterday. `npm run
// test:long` gives seeds of its own.
import fc from 'fast-check';

const FIXED = 0x70666e;

fc.configureGlobal({ seed: Number(process.env['PFNLAB_SEED'] ?? FIXED), endOnFailure: true });
