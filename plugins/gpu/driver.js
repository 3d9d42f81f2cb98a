// SPDX-License-Identifier: MIT

/** Steps of the driver that no kernel has in this way. */
export const DRIVER = /** @type {const} */ ({ basis: 'model' });
