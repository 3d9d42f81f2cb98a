/**
 * A request has known arguments, mostly numbers: their values follow in the service's own order. The
 * code is made for each service, since a property by a name in the code costs a third of one by a
 * name in a variable. Names that the service does not know are looked for in the first requests and
 * then now and again: that costs as much as all the rest.
 *
 * @param {number} service
 * @param {string[]} names of its arguments, at least one
 * @returns {string} body of a function that makes the sender from F, keys and putRequest
 */
export function senderCode(service, names) {
  const vars = names.map((_, i) => 'v' + i);
  const read = names.map((name, i) => vars[i] + ' = args[' + JSON.stringify(name) + ']');
  const numbers = vars.map((v) => 'typeof ' + v + " === 'number'");
  const finite = vars.map((v) => '(' + v + ' - ' + v + ')');
  const write = vars.map((v, i) => 'F[' + (i + 2) + '] = ' + v + ';');
  return `'use strict';
    let asked = 0;
    return (args) => {
      if (args === null) return putRequest(${service}, args);
      const ${read.join(', ')};
      if (${numbers.join(' && ')} && ${finite.join(' + ')} === 0) {
        asked++;
        if ((asked > LIMIT.checkedRequests && asked % LIMIT.checkedAgain !== 0) ||
            keys(args).length === ${names.length}) {
          F[0] = EVENT.numbers; F[1] = ${service}; ${write.join(' ')}
          return;
        }
      }
      putRequest(${service}, args);
    };`;
}
