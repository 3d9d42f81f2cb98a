/** The program's version, as package.json has it. */
export const VERSION = '0.1.0';

/** What recordings say they were made by. */
export const MADE_BY = `pfnlab ${VERSION}`;
