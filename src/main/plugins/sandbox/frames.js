const { getPrototypeOf } = Object;
const FunctionOfGenerators = getPrototypeOf(function* () {});

/** A kernel function of the model's own that it asks to enter. */
export class Frame {
  /**
   * @param {string} name
   * @param {string} source
   * @param {unknown} fn
   * @param {unknown} args
   * @param {number} basis 1: no kernel does this
   */
  constructor(name, source, fn, args, basis) {
    this.name = name;
    this.source = source;
    this.fn = fn;
    this.args = args;
    this.basis = basis;
  }
}

/** @param {unknown} fn @returns {fn is GeneratorFunction} */
export function isGeneratorFunction(fn) {
  return typeof fn === 'function' && getPrototypeOf(fn) === FunctionOfGenerators;
}

/** @param {unknown} v */
function shown(v) {
  if (v === null) return 'null';
  if (typeof v === 'object') return 'an object';
  return typeof v === 'function' ? 'a function' : String(v).slice(0, LIMIT.shown);
}

/** @param {unknown} value @returns {never} */
export function refuse(value) {
  throw new TypeError(
    'yielded ' + shown(value) + ' where a request such as k.memremap_pages({ ... }) is due',
  );
}

/**
 * What went wrong in a model, and where in it.
 *
 * @param {unknown} e
 * @param {string} folder that the plugin's modules have in their names
 */
export function told(e, folder) {
  try {
    // Where there is no memory left for an error, null is thrown.
    if (e === null) return 'ran out of memory, or threw null';
    if (!(e instanceof Error)) return ('threw ' + String(e)).slice(0, LIMIT.toldText);
    const where = String(e.stack)
      .split('\n')
      .find((line) => line.includes(folder));
    const what = (e.name + ': ' + e.message).slice(0, LIMIT.toldText);
    return what + (where === undefined ? '' : ' (' + where.trim().slice(0, LIMIT.shown) + ')');
  } catch {
    return 'threw something that cannot be shown';
  }
}
