/** include/linux/mm.h: what a pin adds to the count of a small page. */
export const GUP_PIN_COUNTING_BIAS = 1024;
